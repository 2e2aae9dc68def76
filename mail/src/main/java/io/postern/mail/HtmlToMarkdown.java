package io.postern.mail;

import java.util.Map;

/**
 * HTML to Markdown: as {@link HtmlToText}, with marks for what is bold, linked or a heading, and
 * backslashes where plain text would act as a mark. {@code spec/content-types.md} §10.7.
 */
public final class HtmlToMarkdown {
  private HtmlToMarkdown() {}

  /** All that the HTML shows, as CommonMark. Never fails. */
  public static String convert(String html) {
    return convert(html, Map.of());
  }

  /**
   * As {@link #convert(String)}.
   *
   * @param imageNames file names by Content-ID, for images of the same mail
   */
  public static String convert(String html, Map<String, String> imageNames) {
    return HtmlText.write(HtmlText.parse(html), true, imageNames);
  }

  /**
   * As {@link #convert(String, Map)}, without the quotes and signatures that mail clients mark in
   * HTML; those that only their lines tell are left to {@link QuotedText}.
   *
   * @param answer whether the mail answers another one, so that quotes may go
   * @return everything if nothing visible would remain
   */
  public static String convertOwn(String html, Map<String, String> imageNames, boolean answer) {
    var document = HtmlText.parse(html);
    QuotedHtml.remove(document, answer);
    var own = HtmlText.write(document, true, imageNames);
    return BodyText.isVisible(own) ? own : convert(html, imageNames);
  }
}

package io.postern.mail;

import java.util.Map;

/** HTML to plain text. {@code spec/content-types.md} §10.7. */
public final class HtmlToText {
  private HtmlToText() {}

  /** All that the HTML shows, as lines of text. Never fails: every text is some HTML. */
  public static String convert(String html) {
    return convert(html, Map.of());
  }

  /**
   * As {@link #convert(String)}.
   *
   * @param imageNames file names by Content-ID, for images of the same mail
   */
  public static String convert(String html, Map<String, String> imageNames) {
    return HtmlText.write(HtmlText.parse(html), false, imageNames);
  }
}

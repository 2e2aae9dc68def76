package io.postern.mapping;

import io.postern.mail.Attachment;
import io.postern.mail.HtmlToMarkdown;
import io.postern.mail.Mail;
import io.postern.mail.QuotedText;
import io.postern.mail.ReadableMail;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a mail says, as text or as Markdown. spec/content-types.md §10.6, §10.7.
 *
 * @param markdown whether it is Markdown: only where the mail has HTML
 */
record MailText(String text, boolean markdown) {
  /**
   * Without the subject; empty if the mail says nothing.
   *
   * @param gone pictures that are no files of the readable mail any more
   */
  static MailText of(
      Mail mail,
      ReadableMail readable,
      List<ReadableMail.Picture> gone,
      Circumstances circumstances) {
    boolean kept = circumstances.quotes() == Circumstances.Quotes.KEPT;
    boolean html =
        mail.encryption().isEmpty()
            && mail.bodies().stream().anyMatch(body -> body.html().isPresent());
    if (circumstances.form() == Circumstances.Form.MARKDOWN && html) {
      var markdown = markdown(mail, kept);
      return new MailText(kept || gone.isEmpty() ? markdown : without(gone, markdown), true);
    }
    return plain(kept ? readable.whole() : readable.text());
  }

  static MailText plain(String text) {
    return new MailText(text, false);
  }

  boolean isEmpty() {
    return text.isEmpty();
  }

  /** As a message. */
  Content content() {
    return markdown ? new Markdown(text) : new Text(text);
  }

  private static String markdown(Mail mail, boolean kept) {
    var images = new HashMap<String, String>();
    for (Attachment file : mail.attachments()) {
      file.contentId().ifPresent(id -> images.put(id, file.filename()));
    }
    boolean whole = kept || mail.baseSubject().forward();
    var all =
        mail.bodies().stream()
            .map(
                body ->
                    body.html()
                        .map(
                            html ->
                                whole
                                    ? HtmlToMarkdown.convert(html, images)
                                    : HtmlToMarkdown.convertOwn(html, images, mail.isAnswer()))
                        .orElseGet(() -> escaped(body.plain().orElse(""))))
            .filter(text -> !text.isBlank())
            .collect(Collectors.joining("\n\n"));
    var own = whole ? all : QuotedText.cut(all, mail.isAnswer());
    return new MailText(own, true).before(mail.notes()).text();
  }

  /** Without the lines that only stand for a picture. */
  private static String without(List<ReadableMail.Picture> gone, String markdown) {
    var places = gone.stream().map(picture -> escaped(picture.place())).toList();
    var kept =
        markdown
            .lines()
            .filter(line -> !places.contains(line.strip()))
            .collect(Collectors.joining("\n"));
    return kept.replaceAll("\n{3,}", "\n\n").strip();
  }

  /** The same with lines of ours before it; an empty line between. */
  MailText after(List<String> lines) {
    return lines.isEmpty() ? this : joined(own(String.join("\n", lines)), text);
  }

  /** The same with lines of ours behind it. */
  MailText before(List<String> lines) {
    return lines.isEmpty() ? this : joined(text, own(String.join("\n", lines)));
  }

  private MailText joined(String first, String second) {
    var parts = new ArrayList<>(List.of(first, second));
    parts.removeIf(String::isEmpty);
    return new MailText(String.join("\n\n", parts), markdown);
  }

  private String own(String lines) {
    return markdown ? escaped(lines) : lines;
  }

  /** The beginning, if it is longer than so many characters. */
  Optional<MailText> cutAt(int characters) {
    if (text.codePointCount(0, text.length()) <= characters) {
      return Optional.empty();
    }
    var beginning =
        markdown ? Beginning.ofMarkdown(text, characters) : Beginning.ofText(text, characters);
    return Optional.of(new MailText(beginning, markdown));
  }

  /** Plain lines whose characters mean nothing in Markdown. */
  static String escaped(String lines) {
    var html =
        lines.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>");
    return HtmlToMarkdown.convert("<p>" + html + "</p>");
  }
}

package io.postern.mail;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One mail that holds several to the same person, RFC 2046 §5.1.5: a page that shows what each says
 * and links to its answer, and below it the mails as they would have come. A machine makes it (RFC
 * 3834 §5), so no other answers it.
 *
 * <p>What the authors of the mails say stands behind a bar, or in a quote of HTML, and can be taken
 * for nothing of ours.
 *
 * @param from where answers to the whole go, which reach nobody
 * @param mails two or more, in their order
 * @param extra more fields, as those of a {@link Draft}
 */
public record MailDigest(
    NamedMailbox from,
    NamedMailbox to,
    Instant date,
    MailId id,
    List<Draft> mails,
    List<MailHeader.Field> extra) {
  private static final int MAX_NAME = 200;
  private static final int MAX_CHARACTERS = 4000;
  private static final int MAX_LINES = 60;
  private static final int WRAP_AT = 72;
  private static final String HOW =
      "Answer each by the link below it, or open its mail, which is attached, and answer that. An"
          + " answer to this mail as a whole reaches nobody, since it would not say whom it is for:"
          + " it is returned to you.";

  /**
   * @throws IllegalArgumentException if there is no second mail, or one that cannot stand in it
   */
  public MailDigest {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(date, "date");
    Objects.requireNonNull(id, "id");
    mails = List.copyOf(mails);
    extra = List.copyOf(extra);
    if (mails.size() < 2 || !mails.stream().allMatch(MailDigest::canHold)) {
      throw new IllegalArgumentException("a digest holds two mails or more, in ASCII");
    }
  }

  /**
   * Whether a mail can stand inside another: not if it needs SMTPUTF8, for a message/rfc822 is in
   * ASCII; nor if it answers an invitation, for calendars do not look inside.
   */
  public static boolean canHold(Draft mail) {
    return !mail.needsSmtpUtf8() && !(mail.body() instanceof Draft.CalendarAnswer);
  }

  /**
   * Composes it. The same mails give the same octets.
   *
   * @return octets with CR LF line ends
   */
  public byte[] write() {
    var seed = id.value();
    var cover =
        Draft.of(from, to, date, id, subject(), new Draft.Text(""))
            .withAutomation(Draft.Automation.GENERATED)
            .withExtra(extra);
    var page =
        MimeWriter.multipart(
            "alternative",
            List.of(),
            seed,
            List.of(
                MimeWriter.text("text/plain", List.of(), List.of(), plain()),
                MimeWriter.text("text/html", List.of(), List.of(), MailWriter.page(html()))));
    var parts = new ArrayList<MimeWriter.Part>();
    for (var mail : mails) {
      parts.add(part(mail, parts.size() + 1));
    }
    var all = List.of(page, MimeWriter.multipart("digest", List.of(), seed, parts));
    return MimeWriter.mail(
        MailWriter.fields(cover), MimeWriter.multipart("mixed", List.of(), seed, all));
  }

  private String subject() {
    return "Messages in " + mails.size() + " conversations";
  }

  private static MimeWriter.Part part(Draft mail, int place) {
    return new MimeWriter.Part(
        List.of(
            MimeWriter.field("Content-Type", "message/rfc822"),
            MimeWriter.field("Content-Disposition", "attachment; filename=\"" + place + ".eml\""),
            MimeWriter.field("Content-Transfer-Encoding", "7bit")),
        MailWriter.write(mail));
  }

  private String plain() {
    var out = new StringBuilder();
    wrapped(HOW).forEach(line -> out.append(line).append('\n'));
    for (int i = 0; i < mails.size(); i++) {
      var mail = mails.get(i);
      out.append("\n== ").append(i + 1).append(". ").append(author(mail)).append('\n');
      out.append("Subject: ").append(SafeText.line(mail.subject(), MAX_NAME)).append('\n');
      for (var line : shown(mail)) {
        wrapped(line).forEach(piece -> out.append("| ").append(piece).append('\n'));
      }
      files(mail).ifPresent(words -> out.append(words).append('\n'));
      out.append("Answer: <").append(MailtoLink.answering(mail)).append(">\n");
      footer(mail).forEach(line -> out.append(line).append('\n'));
    }
    return out.toString();
  }

  private String html() {
    var out = new StringBuilder("<p>").append(MarkdownToHtml.escape(HOW)).append("</p>\n");
    for (var mail : mails) {
      out.append("<hr>\n<h3>").append(MarkdownToHtml.escape(author(mail))).append("</h3>\n<p>");
      out.append(MarkdownToHtml.escape(SafeText.line(mail.subject(), MAX_NAME))).append("</p>\n");
      out.append("<blockquote>")
          .append(
              shown(mail).stream()
                  .map(MarkdownToHtml::escape)
                  .collect(Collectors.joining("<br>\n")))
          .append("</blockquote>\n");
      files(mail)
          .ifPresent(
              words -> out.append("<p>").append(MarkdownToHtml.escape(words)).append("</p>"));
      out.append("<p><a href=\"")
          .append(MarkdownToHtml.escape(MailtoLink.answering(mail)))
          .append("\">Answer ")
          .append(MarkdownToHtml.escape(author(mail)))
          .append("</a></p>\n");
      out.append("<p>")
          .append(
              footer(mail).stream()
                  .map(MarkdownToHtml::escape)
                  .collect(Collectors.joining("<br>\n")))
          .append("</p>\n");
    }
    return out.toString();
  }

  private static String author(Draft mail) {
    return SafeText.line(mail.replyTo().orElse(mail.from()).toString(), MAX_NAME);
  }

  private static Optional<String> files(Draft mail) {
    int count = mail.attachments().size();
    return count == 0
        ? Optional.empty()
        : Optional.of("(with " + count + (count == 1 ? " file)" : " files)"));
  }

  /** What it says, as far as there is room; the whole stands in its part. */
  private static List<String> shown(Draft mail) {
    var text = SafeText.lines(text(mail)).strip();
    boolean cut = text.codePointCount(0, text.length()) > MAX_CHARACTERS;
    if (cut) {
      text = text.substring(0, text.offsetByCodePoints(0, MAX_CHARACTERS));
    }
    var lines = new ArrayList<>(text.lines().limit(MAX_LINES).toList());
    if (cut || text.lines().count() > MAX_LINES) {
      lines.add("… (the rest is in the attached mail)");
    }
    return lines;
  }

  private static String text(Draft mail) {
    var body = mail.body();
    if (body instanceof Draft.Text text) {
      return text.text();
    }
    if (body instanceof Draft.Markdown markdown) {
      return markdown.source();
    }
    var reaction = (Draft.Reaction) body;
    var about = reaction.excerpt().isEmpty() ? "" : " to “" + reaction.excerpt() + "”";
    return reaction.emoji().isEmpty()
        ? "took a reaction back" + about
        : "reacted " + String.join(" ", reaction.emoji()) + about;
  }

  /** Words of ours below those of its author. */
  private static List<String> footer(Draft mail) {
    var body = mail.body();
    var words =
        body instanceof Draft.Text text
            ? text.footer()
            : body instanceof Draft.Markdown markdown ? markdown.footer() : "";
    return words.isBlank() ? List.of() : words.lines().toList();
  }

  /** At spaces where there are some, so that no line is broken by whoever shows it. */
  private static List<String> wrapped(String line) {
    var pieces = new ArrayList<String>();
    var rest = line.stripTrailing();
    while (rest.codePointCount(0, rest.length()) > WRAP_AT) {
      int limit = rest.offsetByCodePoints(0, WRAP_AT);
      int space = rest.lastIndexOf(' ', limit);
      int end = space > 0 && !rest.substring(0, space).isBlank() ? space : limit;
      pieces.add(rest.substring(0, end));
      rest = rest.substring(end).stripLeading();
    }
    pieces.add(rest);
    return pieces;
  }
}

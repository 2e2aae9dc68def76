package io.postern.mail;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Writes a mail of ours. The same draft gives the same octets, so a retry is the same mail.
 *
 * <p>RFC 5322, 2045 to 2049, 2047, 2231, 3676 and, for reactions, 9078. Forms are those of {@code
 * spec/content-types.md} §10.4, §10.5 and §10.9.
 */
public final class MailWriter {
  /** {@code spec/content-types.md} §10.3. */
  private static final int MAX_SUBJECT = 200;

  private static final int MAX_EXTRA = 500;
  private static final int MAX_QUOTED_LINES = 5;
  private static final int MAX_QUOTED_CHARACTERS = 500;

  /** The words by which our own {@link QuotedText} and that of others know a quote. */
  private static final DateTimeFormatter QUOTED_DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private MailWriter() {}

  /**
   * @return header and body with CR LF line ends; ASCII unless {@link Draft#needsSmtpUtf8}
   * @throws IllegalArgumentException if a reaction answers no mail
   */
  public static byte[] write(Draft draft) {
    if (draft.body() instanceof Draft.Reaction && draft.inReplyTo().isEmpty()) {
      throw new IllegalArgumentException("a reaction answers one mail");
    }
    var seed = draft.id().value();
    var body = body(draft.body(), seed);
    if (!draft.attachments().isEmpty()) {
      var parts = new ArrayList<MimeWriter.Part>();
      parts.add(body);
      draft.attachments().forEach(file -> parts.add(file(file)));
      body = MimeWriter.multipart("mixed", List.of(), seed, parts);
    }
    return MimeWriter.mail(fields(draft), body);
  }

  static List<String> fields(Draft draft) {
    var fields = new ArrayList<String>();
    fields.add(MimeWriter.field("From", MimeWriter.mailbox(draft.from())));
    fields.add(
        MimeWriter.field(
            "To", draft.to().stream().map(MimeWriter::mailbox).collect(Collectors.joining(", "))));
    draft
        .replyTo()
        .filter(mailbox -> !mailbox.mailbox().equals(draft.from().mailbox()))
        .ifPresent(
            mailbox -> fields.add(MimeWriter.field("Reply-To", MimeWriter.mailbox(mailbox))));
    fields.add(MimeWriter.textField("Subject", draft.subject(), MAX_SUBJECT));
    fields.add(MimeWriter.field("Date", MailDate.write(draft.date())));
    fields.add(MimeWriter.field("Message-ID", draft.id().asWritten()));
    // Ids that are not ASCII come from strangers; they must not make our mail need SMTPUTF8.
    draft
        .inReplyTo()
        .filter(id -> SafeText.isAscii(id.value()))
        .ifPresent(id -> fields.add(MimeWriter.field("In-Reply-To", id.asWritten())));
    var references =
        draft.references().stream()
            .filter(id -> SafeText.isAscii(id.value()))
            .map(MailId::asWritten)
            .collect(Collectors.joining(" "));
    if (!references.isEmpty()) {
      fields.add(MimeWriter.field("References", references));
    }
    switch (draft.automation()) {
      case GENERATED -> fields.add(MimeWriter.field("Auto-Submitted", "auto-generated"));
      case REPLIED -> fields.add(MimeWriter.field("Auto-Submitted", "auto-replied"));
      case PERSON -> {}
    }
    draft
        .extra()
        .forEach(field -> fields.add(MimeWriter.textField(field.name(), field.value(), MAX_EXTRA)));
    return fields;
  }

  private static MimeWriter.Part body(Draft.Body body, String seed) {
    if (body instanceof Draft.Markdown markdown) {
      return markdown(markdown, seed);
    }
    if (body instanceof Draft.Reaction reaction) {
      return reaction(reaction, seed);
    }
    if (body instanceof Draft.CalendarAnswer answer) {
      return MimeWriter.multipart(
          "alternative",
          List.of(),
          seed,
          List.of(
              text(answer.text()),
              MimeWriter.text(
                  MailPart.CALENDAR, List.of("method=REPLY"), List.of(), answer.calendar())));
    }
    return text((Draft.Text) body);
  }

  private static MimeWriter.Part text(Draft.Text text) {
    return MimeWriter.text(
        "text/plain",
        List.of("format=flowed"),
        List.of(),
        FlowedText.write(text.text())
            + text.quote().map(MailWriter::quoted).orElse("")
            + footer(FlowedText.write(text.footer())));
  }

  private static MimeWriter.Part markdown(Draft.Markdown markdown, String seed) {
    var source =
        markdown.source()
            + "\n"
            + markdown.quote().map(MailWriter::quoted).orElse("")
            + footer(markdown.footer());
    var html =
        MarkdownToHtml.convert(markdown.source())
            + markdown.quote().map(MailWriter::quotedHtml).orElse("")
            + footerHtml(markdown.footer());
    return MimeWriter.multipart(
        "alternative",
        List.of(),
        seed,
        List.of(
            MimeWriter.text("text/plain", List.of(), List.of(), source),
            MimeWriter.text("text/html", List.of(), List.of(), page(html))));
  }

  private static MimeWriter.Part reaction(Draft.Reaction reaction, String seed) {
    var emoji = String.join(" ", reaction.emoji());
    var set =
        MimeWriter.text(
            "text/plain",
            List.of(),
            List.of(MimeWriter.field("Content-Disposition", "reaction")),
            emoji + "\n");
    if (reaction.emoji().isEmpty()) {
      return set;
    }
    var parts = new ArrayList<>(List.of(set));
    if (reaction.emoji().size() == 1) {
      // Gmail knows one emoji per mail.
      parts.add(
          MimeWriter.text(MailPart.REACTION_JSON, List.of(), List.of(), EmojiReaction.json(emoji)));
    }
    var html =
        "<p>"
            + MarkdownToHtml.escape(reaction.name() + " reacted " + emoji + " to your message")
            + "</p>\n"
            + (reaction.excerpt().isEmpty()
                ? ""
                : "<blockquote>" + MarkdownToHtml.escape(reaction.excerpt()) + "</blockquote>\n");
    parts.add(MimeWriter.text("text/html", List.of(), List.of(), page(html)));
    return MimeWriter.multipart("alternative", List.of(), seed, parts);
  }

  /** RFC 3676 §4.3: a signature, which an answer does not quote. */
  private static String footer(String words) {
    return words.isBlank() ? "" : "\n-- \n" + words.stripTrailing() + "\n";
  }

  private static String footerHtml(String words) {
    return words.isBlank()
        ? ""
        : "<div>-- <br>\n"
            + words.lines().map(MarkdownToHtml::escape).collect(Collectors.joining("<br>\n"))
            + "</div>\n";
  }

  static String page(String html) {
    return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n"
        + html
        + "</body></html>\n";
  }

  /** {@code spec/content-types.md} §10.5, "reply". */
  private static String quoted(Draft.Quote quote) {
    var out = new StringBuilder("\n").append(attribution(quote)).append('\n');
    quotedLines(quote).forEach(line -> out.append("> ").append(line).append('\n'));
    return out.toString();
  }

  private static String quotedHtml(Draft.Quote quote) {
    return "<div class=\"gmail_quote\"><div class=\"gmail_attr\">"
        + MarkdownToHtml.escape(attribution(quote))
        + "</div>\n<blockquote class=\"gmail_quote\" type=\"cite\">"
        + quotedLines(quote).stream()
            .map(MarkdownToHtml::escape)
            .collect(Collectors.joining("<br>\n"))
        + "</blockquote></div>\n";
  }

  private static String attribution(Draft.Quote quote) {
    return "On " + QUOTED_DATE.format(quote.date()) + ", " + quote.name() + " wrote:";
  }

  private static List<String> quotedLines(Draft.Quote quote) {
    var lines = new ArrayList<String>();
    int room = MAX_QUOTED_CHARACTERS;
    boolean cut = false;
    for (var line : quote.text().strip().split("\n")) {
      if (lines.size() == MAX_QUOTED_LINES || room <= 0) {
        cut = true;
        break;
      }
      var whole = line.stripTrailing();
      int length = whole.codePointCount(0, whole.length());
      if (length > room) {
        whole = whole.substring(0, whole.offsetByCodePoints(0, room));
        cut = true;
      }
      lines.add(whole);
      room -= length;
    }
    if (cut) {
      int last = lines.size() - 1;
      lines.set(last, lines.get(last) + " …");
    }
    return lines;
  }

  /** {@code spec/content-types.md} §10.5, last paragraph. */
  static MimeWriter.Part file(Attachment file) {
    var octets = file.octets();
    var type = writtenType(file, octets);
    var typeParameters = new ArrayList<String>();
    if (type.equals(MailPart.CALENDAR)) {
      // Without a method, so that no client takes it for an invitation to act on (§10.13).
      typeParameters.add("charset=utf-8");
    }
    if (!type.equals("message/rfc822")) {
      typeParameters.addAll(ParameterizedValue.write("name", file.filename()));
    }
    boolean shown =
        type.startsWith("image/") || type.startsWith("audio/") || type.startsWith("video/");
    var fields =
        List.of(
            MimeWriter.field("Content-Type", MimeWriter.parameterized(type, typeParameters)),
            MimeWriter.field(
                "Content-Disposition",
                MimeWriter.parameterized(
                    shown ? "inline" : "attachment",
                    ParameterizedValue.write("filename", file.filename()))));
    if (type.equals("message/rfc822")) {
      var all = new ArrayList<>(fields);
      all.add(MimeWriter.field("Content-Transfer-Encoding", "7bit"));
      return new MimeWriter.Part(all, octets);
    }
    return MimeWriter.base64(fields, octets);
  }

  private static String writtenType(Attachment file, byte[] octets) {
    var type = file.baseType();
    boolean structured = type.startsWith("multipart/") || type.startsWith("message/");
    boolean allowed = type.equals("message/rfc822") && isPlainMail(octets);
    return structured && !allowed ? "application/octet-stream" : type;
  }

  /**
   * Whether a mail can stand inside another as it is: message/rfc822 allows no transfer encoding
   * that changes octets (RFC 2046 §5.2.1), and its boundary marks must not be ours.
   */
  private static boolean isPlainMail(byte[] octets) {
    int column = 0;
    for (int i = 0; i < octets.length; i++) {
      byte octet = octets[i];
      boolean crlf = octet == '\r' && i + 1 < octets.length && octets[i + 1] == '\n';
      if (crlf) {
        column = 0;
        i++;
      } else if (octet <= 0 || octet == '\r' || octet == '\n' || ++column > 998) {
        return false;
      } else if (column == 1 && startsLikeOurBoundary(octets, i)) {
        return false;
      }
    }
    try {
      return !MailReader.readHeader(octets).fields().isEmpty();
    } catch (MailException unreadable) {
      return false;
    }
  }

  private static boolean startsLikeOurBoundary(byte[] octets, int at) {
    return at + 3 < octets.length
        && octets[at] == '-'
        && octets[at + 1] == '-'
        && octets[at + 2] == '='
        && octets[at + 3] == '_';
  }
}

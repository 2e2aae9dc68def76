package io.postern.mail;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A message that was packed as {@link Tnef}.
 *
 * @param author who wrote it, if it names a mailbox of the Internet
 * @param body what it says; empty if it says nothing
 * @param files in their order
 * @param embedded messages that it carries whole
 */
record TnefMessage(
    Optional<NamedMailbox> author,
    String subject,
    Optional<Instant> sentAt,
    Optional<Mail.Body> body,
    List<Attachment> files,
    List<TnefMessage> embedded) {
  private static final int SUBJECT = 0x0037;
  private static final int SUBMITTED_AT = 0x0039;
  private static final int SENDER_NAME = 0x0c1a;
  private static final int SENDER_ADDRESS = 0x0c1f;
  private static final int SENDER_SMTP_ADDRESS = 0x5d01;
  private static final int BODY = 0x1000;
  private static final int BODY_RTF = 0x1009;
  private static final int BODY_HTML = 0x1013;
  private static final int BODY_CODE_PAGE = 0x3fde;

  private static final int MAX_SUBJECT = 500;

  TnefMessage {
    files = List.copyOf(files);
    embedded = List.copyOf(embedded);
  }

  /**
   * Its properties outrank what older attributes say.
   *
   * @throws MailException if its RTF is damaged, or more comes out of it than the mail has left
   */
  static TnefMessage of(
      MapiProperties properties,
      int codePage,
      String subject,
      String text,
      List<Attachment> attached,
      List<TnefMessage> embedded,
      Unpacking unpacking)
      throws MailException {
    var files = new ArrayList<>(attached);
    var plain =
        properties.text(BODY, codePage).or(() -> Optional.of(text).filter(BodyText::isVisible));
    var html = html(properties, codePage);
    var rtf = properties.octets(BODY_RTF);
    if (html.isEmpty() && rtf.isPresent()) {
      var octets = CompressedRtf.decompress(rtf.get().octets());
      unpacking.take(octets.length);
      var said = Rtf.read(octets);
      if (said.html()) {
        html = Optional.of(said.text());
      } else if (plain.isEmpty()) {
        plain = Optional.of(said.text()).filter(BodyText::isVisible);
        if (said.pictures()) {
          files.add(0, Attachment.of("body.rtf", "application/rtf", octets));
        }
      }
    }
    unpacking.take(length(plain) + length(html));
    return new TnefMessage(
        author(properties, codePage),
        properties.text(SUBJECT, codePage).orElse(subject),
        properties.time(SUBMITTED_AT),
        body(plain.map(SafeText::lines), html.map(SafeText::lines), files),
        files,
        embedded);
  }

  private static long length(Optional<String> text) {
    return text.map(String::length).orElse(0);
  }

  private static Optional<String> html(MapiProperties properties, int codePage) {
    int bodyCodePage = properties.number(BODY_CODE_PAGE, codePage);
    return properties
        .octets(BODY_HTML)
        .map(value -> TextDecoder.decode(value.octets(), CodePage.label(bodyCodePage)))
        .map(MapiProperties::terminated)
        .or(() -> properties.text(BODY_HTML, codePage))
        .filter(markup -> !markup.isBlank());
  }

  /** A text too long to be shown becomes a file. */
  private static Optional<Mail.Body> body(
      Optional<String> plain, Optional<String> html, List<Attachment> files) {
    var shownPlain = plain.filter(text -> text.length() <= MailBody.MAX_PLAIN);
    var shownHtml = html.filter(text -> text.length() <= MailBody.MAX_HTML);
    if (shownPlain.isEmpty() && shownHtml.isEmpty()) {
      plain.ifPresent(text -> files.add(0, file("text.txt", "text/plain", text)));
      html.ifPresent(text -> files.add(0, file("text.html", MailPart.HTML, text)));
      return Optional.empty();
    }
    return Optional.of(new Mail.Body(shownPlain, shownHtml));
  }

  private static Attachment file(String name, String mediaType, String text) {
    return Attachment.of(name, mediaType, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<NamedMailbox> author(MapiProperties properties, int codePage) {
    return properties
        .text(SENDER_SMTP_ADDRESS, codePage)
        .or(() -> properties.text(SENDER_ADDRESS, codePage))
        .filter(address -> address.length() <= Mailbox.MAX_MAILBOX)
        .flatMap(address -> AddressList.parse(address).stream().findFirst())
        .map(
            named ->
                new NamedMailbox(
                    properties.text(SENDER_NAME, codePage).orElse(""), named.mailbox()));
  }

  /**
   * The same as an Internet mail, for readers that know no TNEF.
   *
   * @throws MailException if it is larger than what is left
   */
  byte[] toMail(Unpacking unpacking) throws MailException {
    var fields = new ArrayList<String>();
    author.ifPresent(from -> fields.add(MimeWriter.field("From", MimeWriter.mailbox(from))));
    sentAt.ifPresent(at -> fields.add(MimeWriter.field("Date", MailDate.write(at))));
    fields.add(MimeWriter.textField("Subject", subject, MAX_SUBJECT));
    var parts = new ArrayList<MimeWriter.Part>();
    parts.add(written());
    files.forEach(file -> parts.add(MailWriter.file(file)));
    for (var message : embedded) {
      var name = FileName.clean(message.subject().replace('/', '-') + ".eml", "message.eml");
      parts.add(MailWriter.file(Attachment.of(name, "message/rfc822", message.toMail(unpacking))));
    }
    var octets =
        MimeWriter.mail(
            fields,
            parts.size() == 1
                ? parts.get(0)
                : MimeWriter.multipart("mixed", List.of(), "tnef " + subject, parts));
    unpacking.take(octets.length);
    return octets;
  }

  private MimeWriter.Part written() {
    var plain =
        body.flatMap(Mail.Body::plain)
            .map(text -> MimeWriter.text(MailPart.PLAIN, List.of(), List.of(), text));
    var html =
        body.flatMap(Mail.Body::html)
            .map(text -> MimeWriter.text(MailPart.HTML, List.of(), List.of(), text));
    if (plain.isPresent() && html.isPresent()) {
      return MimeWriter.multipart(
          "alternative", List.of(), "tnef " + subject, List.of(plain.get(), html.get()));
    }
    return plain
        .or(() -> html)
        .orElseGet(() -> MimeWriter.text(MailPart.PLAIN, List.of(), List.of(), ""));
  }
}

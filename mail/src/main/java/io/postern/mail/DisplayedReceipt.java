package io.postern.mail;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A receipt of ours: a mail was shown to its reader on the other side of a gateway. RFC 8098 §3,
 * {@code spec/content-types.md} §10.10.
 *
 * @param host the gateway, which says so
 * @param product its name
 * @param reader the address at which the mail was read
 * @param original the mail that it is about; empty if that has no Message-ID
 */
public record DisplayedReceipt(
    String host, String product, Mailbox reader, Optional<MailId> original) {
  private static final String DISPOSITION = "manual-action/MDN-sent-automatically; displayed";

  /**
   * @throws IllegalArgumentException unless {@link #canName} says that it can be written
   */
  public DisplayedReceipt {
    host = SafeText.line(host, 255);
    product = SafeText.line(product, 100);
    Objects.requireNonNull(reader, "reader");
    Objects.requireNonNull(original, "original");
    if (!canName(reader, original)) {
      throw new IllegalArgumentException("a receipt is written in ASCII");
    }
  }

  /**
   * Whether both are ASCII: then every mail server takes the receipt. RFC 6533 §4 is not needed.
   */
  public static boolean canName(Mailbox reader, Optional<MailId> original) {
    return SafeText.isAscii(reader.toString())
        && original.map(MailId::asWritten).map(SafeText::isAscii).orElse(true);
  }

  /**
   * Composes it as a mail of ours, RFC 8098 §3 with RFC 6522. It goes out from the null sender
   * ({@link Envelope#fromNobody}) and says that a machine made it.
   *
   * @param to the address that asked for it
   * @return octets with CR LF line ends
   */
  public byte[] write(Mailbox to, Instant date, MailId id) {
    var fields = new ArrayList<String>();
    fields.add(MimeWriter.field("From", reader.toString()));
    fields.add(MimeWriter.field("To", to.toString()));
    fields.add(MimeWriter.field("Subject", "Read receipt"));
    fields.add(MimeWriter.field("Date", MailDate.write(date)));
    fields.add(MimeWriter.field("Message-ID", id.asWritten()));
    original.ifPresent(
        about -> {
          fields.add(MimeWriter.field("In-Reply-To", about.asWritten()));
          fields.add(MimeWriter.field("References", about.asWritten()));
        });
    fields.add(MimeWriter.field("Auto-Submitted", "auto-replied"));
    fields.add(MimeWriter.field("X-Auto-Response-Suppress", "All"));
    var parts =
        List.of(MimeWriter.text("text/plain", List.of(), List.of(), explanation()), notification());
    return MimeWriter.mail(
        fields,
        MimeWriter.multipart(
            "report", List.of("report-type=disposition-notification"), id.value(), parts));
  }

  private String explanation() {
    return "This is an automatic receipt. No need to answer it.\n\n"
        + "Your mail to "
        + reader
        + " has been displayed. That does not mean that it was read or understood.\n";
  }

  private MimeWriter.Part notification() {
    var out = new StringBuilder();
    out.append(MimeWriter.field("Reporting-UA", host + "; " + product));
    out.append(MimeWriter.field("MDN-Gateway", "dns; " + host));
    out.append(MimeWriter.field("Final-Recipient", "rfc822; " + reader));
    original.ifPresent(
        about -> out.append(MimeWriter.field("Original-Message-ID", about.asWritten())));
    out.append(MimeWriter.field("Disposition", DISPOSITION));
    return new MimeWriter.Part(
        List.of(
            MimeWriter.field("Content-Type", "message/disposition-notification"),
            MimeWriter.field("Content-Transfer-Encoding", "7bit")),
        out.toString().getBytes(StandardCharsets.US_ASCII));
  }
}

package io.postern.mail;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What became of a mail on its way. RFC 3464.
 *
 * @param reportingHost who says so: {@code mx.mail.example}
 * @param envelopeId the ENVID of the mail's sender (RFC 3461); empty if it is not given
 * @param original the Message-ID of the mail; empty if the report does not return it
 * @param recipients what became of it at each recipient
 */
public record DeliveryReport(
    String reportingHost,
    String envelopeId,
    Optional<MailId> original,
    List<RecipientStatus> recipients) {
  /** How much of the returned header a report of ours carries, in octets. */
  public static final int MAX_RETURNED_HEADER = 32 << 10;

  private static final Pattern BLIND_COPY = Pattern.compile("(?i)(?:resent-)?bcc[ \\t]*:");

  /** What was done for a recipient, RFC 3464 §2.3.3. */
  public enum Action {
    FAILED,
    DELAYED,
    DELIVERED,
    RELAYED,
    EXPANDED;

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One recipient's part.
   *
   * @param recipient the address that failed or was reached, as it stands in the report
   * @param originalRecipient the address as the sender had given it; empty if it is not given
   * @param status RFC 3463; {@code 5.0.0} or the like if the report has no valid one
   * @param diagnostic what the far server said, without its type; empty if it is not given
   */
  public record RecipientStatus(
      String recipient, String originalRecipient, Action action, String status, String diagnostic) {
    public RecipientStatus {
      recipient = SafeText.line(recipient, 320);
      originalRecipient = SafeText.line(originalRecipient, 320);
      Objects.requireNonNull(action, "action");
      EnhancedStatus.requireClass(status, "245");
      diagnostic = SafeText.line(diagnostic, 800);
    }
  }

  public DeliveryReport {
    reportingHost = SafeText.line(reportingHost, 255);
    envelopeId = SafeText.line(envelopeId, 500);
    Objects.requireNonNull(original, "original");
    recipients = List.copyOf(recipients);
  }

  /** A report of ours that a mail could not be delivered to one recipient. */
  public static DeliveryReport failed(
      String reportingHost,
      String envelopeId,
      Mailbox recipient,
      String status,
      String diagnostic) {
    return new DeliveryReport(
        reportingHost,
        envelopeId,
        Optional.empty(),
        List.of(
            new RecipientStatus(
                recipient.toString(),
                "",
                Action.FAILED,
                EnhancedStatus.requireClass(status, "45"),
                diagnostic)));
  }

  /** Whether the mail failed for some recipient for good. */
  public boolean failed() {
    return recipients.stream().anyMatch(status -> status.action() == Action.FAILED);
  }

  /** Whether the mail still waits for some recipient. */
  public boolean delayed() {
    return recipients.stream().anyMatch(status -> status.action() == Action.DELAYED);
  }

  /** Empty if the report has no such part or names no recipient. */
  static Optional<DeliveryReport> read(MailPart root) {
    return root.children().stream()
        .filter(DeliveryReport::isStatus)
        // Some servers label what they say to people as status, too.
        .flatMap(status -> read(status, root).stream())
        .findFirst();
  }

  static boolean isStatus(MailPart part) {
    return part.is("message/delivery-status") || part.is("message/global-delivery-status");
  }

  private static Optional<DeliveryReport> read(MailPart status, MailPart root) {
    var groups = StatusFields.parse(status.fields());
    var recipients =
        groups.stream().map(DeliveryReport::recipient).flatMap(Optional::stream).toList();
    if (recipients.isEmpty()) {
      return Optional.empty();
    }
    var general = groups.get(0);
    return Optional.of(
        new DeliveryReport(
            StatusFields.afterType(general.first("Reporting-MTA").orElse("")),
            general.first("Original-Envelope-Id").orElse(""),
            returnedId(root),
            recipients));
  }

  private static Optional<RecipientStatus> recipient(MailHeader group) {
    var finalRecipient = group.first("Final-Recipient");
    var originalRecipient = group.first("Original-Recipient");
    if (finalRecipient.isEmpty() && originalRecipient.isEmpty()) {
      return Optional.empty();
    }
    // The action may have a comment behind it: "failed (bad address)".
    var word = group.lower("Action").strip().split("[^a-z]", 2)[0];
    var action =
        Arrays.stream(Action.values()).filter(known -> known.word().equals(word)).findFirst();
    var code = group.first("Status").orElse("").strip().split("[\\s(;]", 2)[0];
    // Without an action the status decides: some servers leave it out.
    var decided = action.or(() -> byStatus(code));
    var diagnostic = StatusFields.afterType(group.first("Diagnostic-Code").orElse(""));
    return decided.map(
        what ->
            new RecipientStatus(
                address(finalRecipient.or(() -> originalRecipient)),
                address(originalRecipient),
                what,
                // Exim writes 5.0.0 for everything, and what it was told beside it.
                EnhancedStatus.exact(
                    EnhancedStatus.isWellFormed(code) ? code : generalStatus(what), diagnostic),
                diagnostic));
  }

  /** Without the angle brackets that some servers put around it. */
  private static String address(Optional<String> typed) {
    var address = StatusFields.afterType(typed.orElse(""));
    return address.startsWith("<") && address.endsWith(">")
        ? address.substring(1, address.length() - 1)
        : address;
  }

  private static Optional<Action> byStatus(String code) {
    if (!EnhancedStatus.isWellFormed(code)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (code.charAt(0)) {
          case '5' -> Action.FAILED;
          case '4' -> Action.DELAYED;
          default -> Action.RELAYED;
        });
  }

  private static String generalStatus(Action action) {
    return switch (action) {
      case FAILED -> "5.0.0";
      case DELAYED -> "4.0.0";
      default -> "2.0.0";
    };
  }

  private static Optional<MailId> returnedId(MailPart root) {
    for (var part : root.children()) {
      if (part.isForwardedMail()
          || part.is("text/rfc822-headers")
          || part.is("message/global-headers")
          || part.is("message/rfc822-headers")) {
        try {
          var id = MailReader.readHeader(part.body()).first("Message-ID").flatMap(MailId::parse);
          if (id.isPresent()) {
            return id;
          }
        } catch (MailException unreadable) {
          // A report may cut the returned mail anywhere; its own fields still count.
          continue;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Composes the report as a mail of ours, RFC 3464 with RFC 6522. It goes out from the null sender
   * ({@link Envelope#fromNobody}) and says that a machine made it.
   *
   * @param from who people may ask: the postmaster
   * @param to the sender of the mail that it is about
   * @param original the octets of that mail; only its header is returned
   * @return octets with CR LF line ends
   */
  public byte[] write(NamedMailbox from, Mailbox to, Instant date, MailId id, byte[] original) {
    var fields = new ArrayList<String>();
    fields.add(MimeWriter.field("From", MimeWriter.mailbox(from)));
    fields.add(MimeWriter.field("To", to.toString()));
    fields.add(MimeWriter.field("Subject", subject()));
    fields.add(MimeWriter.field("Date", MailDate.write(date)));
    fields.add(MimeWriter.field("Message-ID", id.asWritten()));
    fields.add(MimeWriter.field("Auto-Submitted", failed() ? "auto-replied" : "auto-generated"));
    fields.add(MimeWriter.field("X-Auto-Response-Suppress", "All"));
    var parts =
        List.of(
            MimeWriter.text("text/plain", List.of(), List.of(), explanation()),
            statusPart(),
            MimeWriter.text("text/rfc822-headers", List.of(), List.of(), headerOf(original)));
    return MimeWriter.mail(
        fields,
        MimeWriter.multipart("report", List.of("report-type=delivery-status"), id.value(), parts));
  }

  private String subject() {
    if (failed()) {
      return "Mail could not be delivered";
    }
    return delayed() ? "Mail is delayed" : "Mail delivery status";
  }

  private String explanation() {
    var out = new StringBuilder("This is an automatic report. No need to answer it.\n");
    for (var status : recipients) {
      out.append('\n')
          .append(
              switch (status.action()) {
                case FAILED -> "Your mail could not be delivered to ";
                case DELAYED -> "Your mail has not been delivered yet, but may be, to ";
                default -> "Your mail has been passed on to ";
              })
          .append(status.recipient())
          .append(":\n")
          .append(status.diagnostic().isEmpty() ? status.status() : status.diagnostic())
          .append('\n');
    }
    return out.toString();
  }

  private MimeWriter.Part statusPart() {
    var out = new StringBuilder();
    out.append(ascii("Reporting-MTA", "dns; " + reportingHost));
    if (!envelopeId.isEmpty()) {
      out.append(ascii("Original-Envelope-Id", envelopeId));
    }
    for (var status : recipients) {
      out.append("\r\n");
      boolean utf8 = !SafeText.isAscii(status.recipient());
      out.append(
          utf8
              ? ascii("Final-Recipient", "utf-8; " + escaped(status.recipient()))
              : ascii("Final-Recipient", "rfc822; " + status.recipient()));
      out.append(ascii("Action", status.action().word()));
      out.append(ascii("Status", status.status()));
      if (!status.diagnostic().isEmpty()) {
        out.append(ascii("Diagnostic-Code", "x-xmtp; " + status.diagnostic()));
      }
    }
    return new MimeWriter.Part(
        List.of(
            MimeWriter.field("Content-Type", "message/delivery-status"),
            MimeWriter.field("Content-Transfer-Encoding", "7bit")),
        out.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private static String ascii(String name, String value) {
    return MimeWriter.field(name, value.replaceAll("[^ -~]", "?"));
  }

  /** RFC 6533 §3, {@code utf-8-addr-xtext}. */
  private static String escaped(String address) {
    var out = new StringBuilder();
    address
        .codePoints()
        .forEach(
            c ->
                out.append(
                    c > ' ' && c < 0x7f && c != '\\' && c != '+' && c != '='
                        ? Character.toString(c)
                        : String.format("\\x{%X}", c)));
    return out.toString();
  }

  /** Without those that other readers of the mail are not to know of, RFC 5322 §3.6.3. */
  private static String headerOf(byte[] original) {
    int length = Math.min(original.length, MAX_RETURNED_HEADER);
    var text = SafeText.lines(TextDecoder.decode(Arrays.copyOf(original, length), "utf-8"));
    int end = text.startsWith("\n") ? 0 : text.indexOf("\n\n");
    var out = new StringBuilder();
    boolean blind = false;
    for (var line : (end < 0 ? text : text.substring(0, end)).lines().toList()) {
      boolean continued = line.startsWith(" ") || line.startsWith("\t");
      blind = continued ? blind : BLIND_COPY.matcher(line).lookingAt();
      out.append(blind ? "" : line + "\n");
    }
    return out.toString();
  }
}

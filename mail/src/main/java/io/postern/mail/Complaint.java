package io.postern.mail;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a mailbox provider reports when somebody has called a mail abuse, or wants no more of it.
 * RFC 5965.
 *
 * <p>Nobody vouches for such a report: it counts only if what it names is known from elsewhere.
 *
 * @param kind the Feedback-Type (RFC 5965 §7.3), lower-case
 * @param reversePaths from which the mail is said to have come, canonical
 * @param original the Message-ID of the mail; empty if the report does not return it
 */
public record Complaint(String kind, List<Mailbox> reversePaths, Optional<MailId> original) {
  /** How much of the report, and of the returned mail's header, is looked at, in octets. */
  private static final int MAX_OCTETS = 64 << 10;

  private static final int MAX_KIND = 40;

  /** The others tell of failed checks (RFC 6591), or that a mail is no abuse (RFC 6430). */
  private static final Set<String> AGAINST = Set.of("abuse", "fraud", "opt-out", "virus");

  private static final Set<String> RETURNED =
      Set.of(
          "message/rfc822",
          "message/global",
          "message/rfc822-headers",
          "message/global-headers",
          "text/rfc822-headers",
          "text/rfc822-header"); // The last is what some write although RFC 6522 §4 says -headers.

  public Complaint {
    kind = SafeText.line(kind, MAX_KIND);
    reversePaths = List.copyOf(reversePaths);
    Objects.requireNonNull(original, "original");
  }

  /** Whether somebody wants no more mail like this. */
  public boolean isAgainstMail() {
    return AGAINST.contains(kind);
  }

  /**
   * Reads the report in a mail; empty if the mail is none (RFC 5965 §2).
   *
   * @param mail a {@code multipart/report} of the type {@code feedback-report}
   */
  public static Optional<Complaint> read(Mail mail) {
    if (!mail.reportType().equals("feedback-report")) {
      return Optional.empty();
    }
    var report = part(mail, Set.of("message/feedback-report"));
    if (report.isEmpty()) {
      return Optional.empty();
    }
    var groups = StatusFields.parse(TextDecoder.decode(beginning(report.get()), "utf-8"));
    if (groups.isEmpty()) {
      return Optional.empty();
    }
    var fields = groups.get(0);
    var returned = part(mail, RETURNED).map(Complaint::header).orElse(new MailHeader(List.of()));
    var paths = new LinkedHashSet<Mailbox>();
    fields.first("Original-Mail-From").flatMap(Complaint::path).ifPresent(paths::add);
    returned.first("Return-Path").flatMap(Complaint::path).ifPresent(paths::add);
    return Optional.of(
        new Complaint(
            fields.lower("Feedback-Type").strip(),
            List.copyOf(paths),
            returned.first("Message-ID").flatMap(MailId::parse)));
  }

  private static Optional<Attachment> part(Mail mail, Set<String> types) {
    return mail.attachments().stream().filter(file -> types.contains(file.baseType())).findFirst();
  }

  private static byte[] beginning(Attachment file) {
    return file.body().beginning(MAX_OCTETS);
  }

  private static MailHeader header(Attachment returned) {
    try {
      return MailReader.readHeader(beginning(returned));
    } catch (MailException unreadable) {
      // Providers take out of the returned mail what they like; the report's own fields count.
      return new MailHeader(List.of());
    }
  }

  private static Optional<Mailbox> path(String field) {
    var text = field.strip();
    var bare =
        text.startsWith("<") && text.endsWith(">") ? text.substring(1, text.length() - 1) : text;
    try {
      return Optional.of(Mailbox.parse(bare).canonical());
    } catch (MailException noMailbox) {
      return Optional.empty();
    }
  }
}

package io.postern.mail;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * One Internet message, read. RFC 5322.
 *
 * @param header all fields as they came
 * @param bodies what it says, part after part
 * @param notes lines of ours about what cannot be shown: a forwarded mail that became a file, a
 *     part that is kept elsewhere
 * @param attachments its files in their order
 * @param reaction if it is a reaction to another mail (RFC 9078 or Gmail's)
 * @param report if it reports on the delivery of another mail (RFC 3464)
 * @param receipt if it reports what became of another mail at its reader (RFC 8098)
 * @param encryption the name of the encryption that hides what it says, for example {@code
 *     OpenPGP}; empty if there is none
 */
public record Mail(
    MailHeader header,
    List<Body> bodies,
    List<String> notes,
    List<Attachment> attachments,
    Optional<EmojiReaction> reaction,
    Optional<DeliveryReport> report,
    Optional<DispositionReceipt> receipt,
    String encryption) {
  /**
   * One text of the mail. If it has two forms, they say the same.
   *
   * @param plain with LF line ends, flowed paragraphs joined
   * @param html as it came, charset decoded
   */
  public record Body(Optional<String> plain, Optional<String> html) {
    public Body {
      Objects.requireNonNull(plain, "plain");
      Objects.requireNonNull(html, "html");
    }

    static Body plain(String text) {
      return new Body(Optional.of(text), Optional.empty());
    }

    static Body html(String html) {
      return new Body(Optional.empty(), Optional.of(html));
    }
  }

  /** What a mail within this one is called. */
  record Outline(MailHeader header) {
    String subject() {
      return subjectOf(header);
    }

    /** {@code spec/content-types.md} §10.6: one line about a mail that became a file. */
    String line() {
      var authors = AddressList.parse(header.first("From").orElse(""));
      var from = authors.isEmpty() ? "" : ", from " + nameOf(authors.get(0));
      return "📎 Forwarded mail" + (subject().isBlank() ? "" : ": " + subject()) + from;
    }

    private static String nameOf(NamedMailbox author) {
      return author.name().isEmpty() ? author.mailbox().toString() : author.name();
    }
  }

  private static final int MAX_SUBJECT = 1000;

  public Mail {
    Objects.requireNonNull(header, "header");
    bodies = List.copyOf(bodies);
    notes = List.copyOf(notes);
    attachments = List.copyOf(attachments);
    Objects.requireNonNull(reaction, "reaction");
    Objects.requireNonNull(report, "report");
    Objects.requireNonNull(receipt, "receipt");
    Objects.requireNonNull(encryption, "encryption");
  }

  /**
   * The authors. Only a mail with one From field with one mailbox has an author that a check can
   * speak for; see {@link #author}.
   */
  public List<NamedMailbox> from() {
    return mailboxes("From");
  }

  /** The author, if the mail names exactly one in exactly one From field. */
  public Optional<NamedMailbox> author() {
    var authors = from();
    return authors.size() == 1 && header.all("From").size() == 1
        ? Optional.of(authors.get(0))
        : Optional.empty();
  }

  /** Who sent it for the authors, RFC 5322 §3.6.2. */
  public Optional<NamedMailbox> sender() {
    return mailboxes("Sender").stream().findFirst();
  }

  /** Where answers go; empty means to the authors. */
  public List<NamedMailbox> replyTo() {
    return mailboxes("Reply-To");
  }

  public List<NamedMailbox> to() {
    return mailboxes("To");
  }

  public List<NamedMailbox> cc() {
    return mailboxes("Cc");
  }

  /** The subject, decoded, in one line; empty if there is none. */
  public String subject() {
    return subjectOf(header);
  }

  private static String subjectOf(MailHeader header) {
    return SafeText.line(EncodedWords.decode(header.first("Subject").orElse("")), MAX_SUBJECT);
  }

  /** The subject without what replies and forwards put around it. */
  public BaseSubject baseSubject() {
    return BaseSubject.of(subject());
  }

  public Optional<Instant> date() {
    return header.first("Date").flatMap(MailDate::parse);
  }

  public Optional<MailId> id() {
    return header.first("Message-ID").flatMap(MailId::parse);
  }

  public List<MailId> inReplyTo() {
    return MailId.parseAll(String.join(" ", header.all("In-Reply-To")));
  }

  public List<MailId> references() {
    return MailId.parseAll(String.join(" ", header.all("References")));
  }

  /**
   * The ids to look up, in order, to find what this mail answers: those of In-Reply-To, then
   * References from its end ({@code spec/content-types.md} §10.3). The first that is known counts.
   */
  public List<MailId> answeredIds() {
    var ids = new ArrayList<>(inReplyTo());
    var references = references();
    for (int i = references.size() - 1; i >= 0; i--) {
      if (!ids.contains(references.get(i))) {
        ids.add(references.get(i));
      }
    }
    return List.copyOf(ids);
  }

  /** The id before Exchange replaced it, if it says so. */
  public Optional<MailId> originalId() {
    return header.first("X-Microsoft-Original-Message-ID").flatMap(MailId::parse);
  }

  /** Whether it answers another mail: by its header or by a reply prefix in its subject. */
  public boolean isAnswer() {
    return !inReplyTo().isEmpty() || !references().isEmpty() || baseSubject().reply();
  }

  /** Whether a machine made it, {@code spec/content-types.md} §10.12. */
  public boolean automatic() {
    return AutomaticMail.isAutomatic(header)
        || report.isPresent()
        || receipt.isPresent()
        || reportType().equals("disposition-notification"); // For people to read.
  }

  /** Whether a machine made it in answer to another mail, as on a holiday. */
  public boolean automaticReply() {
    return AutomaticMail.isAutomaticReply(header);
  }

  /**
   * Where its author asks for a receipt, RFC 8098 §2.1: empty unless one field names one address,
   * or if the receipt must say more (§2.2) than we can.
   */
  public Optional<Mailbox> receiptTo() {
    var asked = mailboxes("Disposition-Notification-To");
    var options = String.join(" ", header.all("Disposition-Notification-Options"));
    return asked.size() == 1
            && header.all("Disposition-Notification-To").size() == 1
            && !options.toLowerCase(Locale.ROOT).contains("required")
        ? Optional.of(asked.get(0).mailbox())
        : Optional.empty();
  }

  /** The identifier of the mailing list that sent it, RFC 2919, lower-case, without brackets. */
  public Optional<String> listId() {
    return AutomaticMail.listId(header);
  }

  /** Whether a mailing list sent it, {@code spec/content-types.md} §10.14. */
  public boolean fromList() {
    return AutomaticMail.isFromList(header);
  }

  /** Whether its author uses a chat client over mail, which shows no subjects. */
  public boolean fromChatClient() {
    return header.has("Chat-Version");
  }

  /** What kind of report it is (RFC 6522 §3), lower-case; empty if it is none. */
  public String reportType() {
    var type = ParameterizedValue.parse(header.first("Content-Type").orElse(""));
    return type.value().equals("multipart/report")
        ? type.parameter("report-type").toLowerCase(Locale.ROOT)
        : "";
  }

  private List<NamedMailbox> mailboxes(String name) {
    return AddressList.parse(String.join(", ", header.all(name)));
  }
}

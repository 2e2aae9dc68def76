package io.postern.mail;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What a reader's program says became of a mail. RFC 8098.
 *
 * @param finalRecipient whose program it is; empty if it does not say
 * @param originalRecipient whom the mail was sent to, as far as the program knows; empty if it does
 *     not say
 * @param original the mail that it is about; empty if it does not say
 * @param disposition {@code displayed}, {@code deleted} or another word of RFC 8098 §3.2.6.2,
 *     lower-case
 */
public record DispositionReceipt(
    String finalRecipient,
    String originalRecipient,
    Optional<MailId> original,
    String disposition) {
  public DispositionReceipt {
    Objects.requireNonNull(finalRecipient, "finalRecipient");
    Objects.requireNonNull(originalRecipient, "originalRecipient");
    Objects.requireNonNull(original, "original");
    Objects.requireNonNull(disposition, "disposition");
  }

  /** Whether the mail was shown to its reader. */
  public boolean displayed() {
    return disposition.equals("displayed");
  }

  /**
   * Whether it speaks of the mail in this mailbox, RFC 8098 §3.2.3 and §3.2.4: a mail that somebody
   * hands on takes its request for receipts along.
   */
  public boolean isOf(Mailbox mailbox) {
    return names(finalRecipient, mailbox) || names(originalRecipient, mailbox);
  }

  private static boolean names(String address, Mailbox mailbox) {
    try {
      return Mailbox.parse(address).sameAs(mailbox);
    } catch (MailException noMailbox) {
      return false;
    }
  }

  /** Empty if there is no such part or it does not say what happened. */
  static Optional<DispositionReceipt> read(MailPart root) {
    return root.children().stream()
        .filter(
            part ->
                part.is("message/disposition-notification")
                    || part.is("message/global-disposition-notification"))
        .flatMap(part -> StatusFields.parse(part.fields()).stream())
        .filter(group -> group.has("Disposition"))
        .findFirst()
        .map(fields -> of(fields, root.header()));
  }

  private static DispositionReceipt of(MailHeader fields, MailHeader mail) {
    // disposition-mode ";" disposition-type [ "/" modifiers ]
    var type = StatusFields.afterType(fields.first("Disposition").orElse(""));
    int modifiers = type.indexOf('/');
    return new DispositionReceipt(
        StatusFields.afterType(fields.first("Final-Recipient").orElse("")),
        StatusFields.afterType(fields.first("Original-Recipient").orElse("")),
        // Exchange leaves the field out and answers the mail instead.
        fields
            .first("Original-Message-ID")
            .or(() -> mail.first("In-Reply-To"))
            .flatMap(MailId::parse),
        (modifiers < 0 ? type : type.substring(0, modifiers)).strip().toLowerCase(Locale.ROOT));
  }
}

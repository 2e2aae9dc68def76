package io.postern.mapping;

import io.postern.mail.Mail;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;

/**
 * Names one part of one mail for one recipient, so that the same mail, met again, becomes the same
 * message. spec/content-types.md §10.3.
 *
 * @param value {@code email:} and 64 lower-case hex digits
 */
public record IdempotencyKey(String value) {
  private static final String PREFIX = "email:";

  /**
   * @throws IllegalArgumentException if it is not of the form above
   */
  public IdempotencyKey {
    if (!value.startsWith(PREFIX)) {
      throw new IllegalArgumentException("an idempotency key begins with " + PREFIX);
    }
    HexId.requireMessage(value.substring(PREFIX.length()));
  }

  /**
   * The key of a mail that has an id.
   *
   * @param recipient as in the envelope; all aliases of one peer must be made one first
   * @param part from 0
   */
  public static IdempotencyKey of(MailId mail, Mailbox recipient, int part) {
    return of(mail.value(), recipient, part);
  }

  /**
   * The key of a mail without an id: its octets stand for it.
   *
   * @param mail the octets as they came
   */
  public static IdempotencyKey of(byte[] mail, Mailbox recipient, int part) {
    return of(Columns.digest(mail), recipient, part);
  }

  /**
   * The key of a mail: by its id or, where it has none, by its octets.
   *
   * @param octets as they came
   * @param recipient as in the envelope; all aliases of one peer must be made one first
   * @param part from 0
   */
  public static IdempotencyKey of(Mail mail, byte[] octets, Mailbox recipient, int part) {
    return mail.id()
        .map(id -> of(id, recipient, part))
        .orElseGet(() -> of(octets, recipient, part));
  }

  private static IdempotencyKey of(String mail, Mailbox recipient, int part) {
    if (part < 0) {
      throw new IllegalArgumentException("parts are counted from 0");
    }
    var text = mail + "\n" + recipient.canonical() + "\n" + part;
    return new IdempotencyKey(PREFIX + Columns.digest(text));
  }

  @Override
  public String toString() {
    return value;
  }
}

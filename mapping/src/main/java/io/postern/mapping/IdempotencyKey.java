package io.postern.mapping;

import io.postern.mail.Mail;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

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
   * What tells a mail from others: its id or, where it has none, the digest of its octets.
   *
   * @param value in the form in which keys are made of it
   */
  public record Name(String value) {
    public Name {
      Objects.requireNonNull(value, "value");
    }

    /**
     * @param octets as they came; read only if they are asked for
     */
    public static Name of(Mail mail, InputStream octets) throws IOException {
      return new Name(mail.id().isPresent() ? mail.id().get().value() : Columns.digest(octets));
    }
  }

  /**
   * The key of a mail by its name.
   *
   * @param recipient as in the envelope; all aliases of one peer must be made one first
   * @param part from 0
   */
  public static IdempotencyKey of(Name mail, Mailbox recipient, int part) {
    return of(mail.value(), recipient, part);
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

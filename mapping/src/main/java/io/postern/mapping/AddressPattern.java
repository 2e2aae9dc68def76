package io.postern.mapping;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;

/**
 * The address of a configured mapping: one mailbox, or all whose local part has a form, as {@code
 * *@corp.example} and {@code sales-*@corp.example}. design.md §3.
 *
 * @param mailbox canonical; a {@code *} in its local part stands for one character or more
 */
public record AddressPattern(Mailbox mailbox) {
  private static final char ANY = '*';

  /**
   * @throws IllegalArgumentException if there is more than one star, or one in the domain
   */
  public AddressPattern {
    mailbox = mailbox.canonical();
    int star = mailbox.localPart().indexOf(ANY);
    if (star != mailbox.localPart().lastIndexOf(ANY) || mailbox.domain().indexOf(ANY) >= 0) {
      throw new IllegalArgumentException("a pattern has one * at most, before the @");
    }
  }

  /**
   * Reads an address or a pattern.
   *
   * @throws MailException 5.1.3 if it is neither
   */
  public static AddressPattern parse(String text) throws MailException {
    var mailbox = Mailbox.parse(text);
    try {
      return new AddressPattern(mailbox);
    } catch (IllegalArgumentException malformed) {
      throw new MailException("5.1.3", malformed.getMessage(), malformed);
    }
  }

  /** Whether this is one mailbox. */
  public boolean isExact() {
    return mailbox.localPart().indexOf(ANY) < 0;
  }

  /** Whether a mailbox is meant. */
  public boolean matches(Mailbox other) {
    var candidate = other.canonical();
    if (!candidate.domain().equals(mailbox.domain())) {
      return false;
    }
    var local = candidate.localPart();
    int star = mailbox.localPart().indexOf(ANY);
    if (star < 0) {
      return local.equals(mailbox.localPart());
    }
    var before = mailbox.localPart().substring(0, star);
    var after = mailbox.localPart().substring(star + 1);
    return local.length() > before.length() + after.length()
        && local.startsWith(before)
        && local.endsWith(after);
  }

  /**
   * Exact beats pattern, longer pattern beats shorter: of two that match, the higher one counts.
   */
  int weight() {
    return isExact() ? Integer.MAX_VALUE : mailbox.localPart().length();
  }

  @Override
  public String toString() {
    return mailbox.toString();
  }
}

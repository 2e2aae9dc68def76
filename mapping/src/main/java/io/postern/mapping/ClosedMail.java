package io.postern.mapping;

import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import java.util.Optional;

/**
 * The mail that a bundle became, as it will be sent however often it is tried.
 *
 * @param id its Message-ID
 * @param reversePath where bounces go; empty for the null sender
 * @param octets the whole mail, signed
 */
public record ClosedMail(MailId id, Optional<Mailbox> reversePath, byte[] octets) {
  /**
   * @throws IllegalArgumentException if there are no octets
   */
  public ClosedMail {
    if (octets.length == 0) {
      throw new IllegalArgumentException("a mail has octets");
    }
    octets = octets.clone();
  }

  /** A copy of the mail. */
  @Override
  public byte[] octets() {
    return octets.clone();
  }

  /** For logs: without the octets. */
  @Override
  public String toString() {
    return "mail=" + id + " octets=" + octets.length;
  }
}

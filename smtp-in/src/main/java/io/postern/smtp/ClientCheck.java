package io.postern.smtp;

import io.postern.mail.Mailbox;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * May this client bring mail for this recipient? Asked at RCPT, of recipients that {@link
 * RecipientCheck} serves.
 *
 * <p>Called from the threads of many sessions at once.
 */
@FunctionalInterface
public interface ClientCheck {
  /**
   * @return the refusal, of class 4 or 5; empty if nothing stands in the way
   */
  Optional<SmtpReply> check(Attempt attempt);

  /** Lets everybody bring mail. */
  static ClientCheck none() {
    return attempt -> Optional.empty();
  }

  /**
   * Who wants to bring what to whom.
   *
   * @param client its address
   * @param helo what it calls itself
   * @param reversePath empty for the null sender
   * @param recipient as RCPT named it
   */
  record Attempt(
      InetAddress client, String helo, Optional<Mailbox> reversePath, Mailbox recipient) {
    public Attempt {
      Objects.requireNonNull(client, "client");
      Objects.requireNonNull(helo, "helo");
      Objects.requireNonNull(reversePath, "reversePath");
      Objects.requireNonNull(recipient, "recipient");
    }
  }
}

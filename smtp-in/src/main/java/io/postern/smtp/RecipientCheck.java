package io.postern.smtp;

import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import java.util.Objects;

/**
 * Is this mailbox served? Asked at RCPT, the one question that the receiver asks backwards.
 *
 * <p>Asked also about {@code postmaster} at the host name of the server, for {@code RCPT
 * TO:<postmaster>}; RFC 5321 §4.5.1 wants it served. Called from the threads of many sessions at
 * once.
 */
@FunctionalInterface
public interface RecipientCheck {
  /**
   * @param recipient the mailbox in question, its local part as the client wrote it
   * @param soFar the envelope as it would be with this recipient, who is its last forward-path
   */
  Answer check(Mailbox recipient, Envelope soFar);

  /** What is known about the mailbox. */
  sealed interface Answer {
    /** The reply to the RCPT command. */
    SmtpReply reply();
  }

  /** Somebody can be reached there. */
  record Served() implements Answer {
    @Override
    public SmtpReply reply() {
      return SmtpReply.of(250, "2.1.5", "Recipient ok");
    }
  }

  /**
   * Nobody can be reached there: 550.
   *
   * @param status of class 5, for example {@code 5.1.1}
   * @param advice why, and what the sender may do
   */
  record Refused(String status, String advice) implements Answer {
    public Refused {
      Objects.requireNonNull(advice, "advice");
      requireClass(status, '5');
    }

    @Override
    public SmtpReply reply() {
      return SmtpReply.of(550, status, advice);
    }
  }

  /**
   * It cannot be said now: 451.
   *
   * @param status of class 4, for example {@code 4.4.1}
   * @param reason what could not be asked
   */
  record Unknown(String status, String reason) implements Answer {
    public Unknown {
      Objects.requireNonNull(reason, "reason");
      requireClass(status, '4');
    }

    @Override
    public SmtpReply reply() {
      return SmtpReply.of(451, status, reason);
    }
  }

  private static void requireClass(String status, char expected) {
    if (!status.matches(expected + "\\.\\d{1,3}\\.\\d{1,3}")) {
      throw new IllegalArgumentException(
          "expected a status of class " + expected + ", got \"" + status + "\"");
    }
  }
}

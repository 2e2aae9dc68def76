package io.postern.mail;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What became of one try to hand something over. Whether trying again can help is said by its type,
 * never by its text.
 */
public sealed interface Delivery {
  /**
   * The far side has taken it.
   *
   * @param reference what the far side calls it: its reply line, a UID, a message id
   */
  record Delivered(String reference) implements Delivery {
    public Delivered {
      Objects.requireNonNull(reference, "reference");
    }
  }

  /**
   * Not now; a later try may succeed.
   *
   * @param status of class 4, RFC 3463
   * @param reason for a person to read
   * @param retryAfter how long the far side asked to wait, if it said so
   * @param isOfRoute whether it would have met any mail on this way: nobody was reached who takes
   *     mail there
   */
  record Deferred(String status, String reason, Optional<Duration> retryAfter, boolean isOfRoute)
      implements Delivery {
    /**
     * @throws IllegalArgumentException if the status is not of class 4
     */
    public Deferred {
      EnhancedStatus.requireClass(status, "4");
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(retryAfter, "retryAfter");
    }

    /** A deferral after which the own schedule decides. */
    public Deferred(String status, String reason) {
      this(status, reason, Optional.empty());
    }

    /** A deferral of this mail. */
    public Deferred(String status, String reason, Optional<Duration> retryAfter) {
      this(status, reason, retryAfter, false);
    }

    /** The same for all mail that goes this way. */
    public Deferred ofRoute() {
      return new Deferred(status, reason, retryAfter, true);
    }
  }

  /**
   * Never; the sender is told.
   *
   * @param status of class 5, RFC 3463
   * @param advice what was wrong and what the sender may do
   * @param isOfRecipient whether the answer is about the recipient, so that the status may say that
   *     there is no such mailbox: not if it is about us, the mail, or a server on the way
   */
  record Refused(String status, String advice, boolean isOfRecipient) implements Delivery {
    /**
     * @throws IllegalArgumentException if the status is not of class 5
     */
    public Refused {
      EnhancedStatus.requireClass(status, "5");
      Objects.requireNonNull(advice, "advice");
    }

    /** A refusal that says nothing of the recipient. */
    public Refused(String status, String advice) {
      this(status, advice, false);
    }

    /** The same as an answer about the recipient. */
    public Refused ofRecipient() {
      return new Refused(status, advice, true);
    }
  }
}

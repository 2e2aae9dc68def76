package io.postern.out;

import io.postern.mail.Delivery;

/** What ends a try to deliver, with the outcome that it means for the mail. */
public final class UndeliveredException extends Exception {
  private final transient Delivery outcome;

  private UndeliveredException(String message, Delivery outcome) {
    super(message);
    this.outcome = outcome;
  }

  /**
   * A later try may succeed.
   *
   * @param status of class 4, RFC 3463
   */
  public static UndeliveredException deferred(String status, String reason) {
    return new UndeliveredException(status + " " + reason, new Delivery.Deferred(status, reason));
  }

  /**
   * No later try will succeed.
   *
   * @param status of class 5, RFC 3463
   */
  public static UndeliveredException refused(String status, String advice) {
    return new UndeliveredException(status + " " + advice, new Delivery.Refused(status, advice));
  }

  /** The same as an answer about the recipient: see {@link Delivery.Refused}. */
  UndeliveredException ofRecipient() {
    return outcome instanceof Delivery.Refused refused
        ? new UndeliveredException(getMessage(), refused.ofRecipient())
        : this;
  }

  /** The same as a deferral, since somebody else than the server may have said it. */
  UndeliveredException unproved() {
    return outcome instanceof Delivery.Refused refused
        ? deferred("4" + refused.status().substring(1), refused.advice())
        : this;
  }

  /** The same with what has caused it. */
  UndeliveredException because(Throwable cause) {
    initCause(cause);
    return this;
  }

  /** {@code Deferred} or {@code Refused}. */
  public Delivery outcome() {
    return outcome;
  }

  /** The outcome where no server was reached that would have taken any mail. */
  Delivery outcomeOfRoute() {
    return outcome instanceof Delivery.Deferred deferred ? deferred.ofRoute() : outcome;
  }

  boolean isDeferral() {
    return outcome instanceof Delivery.Deferred;
  }
}

package io.postern.mail;

import java.util.Objects;

/**
 * A mail, or a part of one, that cannot be read or made.
 *
 * <p>It carries what a reply or a delivery report says about it: an enhanced status code (RFC 3463)
 * and advice in plain words.
 */
public final class MailException extends Exception {
  private final String status;
  private final String advice;

  /**
   * @param status an RFC 3463 code of class 4 or 5, for example {@code 5.6.0}
   * @param advice what was found and what to do; one line, fit for an SMTP reply
   */
  public MailException(String status, String advice) {
    super(status + " " + advice);
    this.status = EnhancedStatus.requireClass(status, "45");
    this.advice = Objects.requireNonNull(advice, "advice");
  }

  /** As {@link #MailException(String, String)}, with what a library said about it. */
  public MailException(String status, String advice, Throwable cause) {
    this(status, advice);
    initCause(cause);
  }

  /** The enhanced status code, RFC 3463. */
  public String status() {
    return status;
  }

  /** What was found and what to do, in one line. */
  public String advice() {
    return advice;
  }
}

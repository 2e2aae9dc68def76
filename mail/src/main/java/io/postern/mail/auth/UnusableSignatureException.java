package io.postern.mail.auth;

import java.util.Objects;

/** A signature shows nothing, and why. */
final class UnusableSignatureException extends Exception {
  private static final long serialVersionUID = 1L;

  private final DkimResult.Result result;

  /**
   * @param result what is to be said of it, not pass
   * @param reason in words that hold nothing of the mail but checked names
   */
  UnusableSignatureException(DkimResult.Result result, String reason) {
    super(reason);
    this.result = Objects.requireNonNull(result, "result");
  }

  UnusableSignatureException(DkimResult.Result result, String reason, Throwable cause) {
    this(result, reason);
    initCause(cause);
  }

  DkimResult.Result result() {
    return result;
  }
}

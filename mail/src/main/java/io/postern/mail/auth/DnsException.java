package io.postern.mail.auth;

/**
 * The DNS did not answer in time, or said that it cannot (SERVFAIL, for example). A later question
 * may be answered.
 */
public final class DnsException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message which records of which name could not be had, and why
   */
  public DnsException(String message) {
    super(message);
  }

  public DnsException(String message, Throwable cause) {
    super(message, cause);
  }
}

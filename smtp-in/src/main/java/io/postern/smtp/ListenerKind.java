package io.postern.smtp;

/** What a listening socket is for. */
public enum ListenerKind {
  /** Other servers bring mail. RFC 5321. */
  MX,
  /** People send; TLS begins by STARTTLS. RFC 6409. */
  SUBMISSION,
  /** People send; TLS begins with the first octet. RFC 8314 §3.3. */
  SUBMISSIONS;

  /** Whether a login is needed, and taken. */
  boolean isSubmission() {
    return this != MX;
  }

  boolean isImplicitTls() {
    return this == SUBMISSIONS;
  }
}

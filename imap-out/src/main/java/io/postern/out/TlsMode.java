package io.postern.out;

/** How a connection to a mail server is encrypted. */
public enum TlsMode {
  /** Never: for a server on the same machine. */
  NONE,
  /**
   * STARTTLS where the server offers it, without looking at its certificate (RFC 7435): what SMTP
   * between strangers can do. It helps against listeners, not against who can change the traffic.
   */
  OPPORTUNISTIC,
  /** STARTTLS (RFC 3207, RFC 9051 §6.2.1) with a valid certificate, or no delivery. */
  REQUIRED,
  /** TLS from the first octet (RFC 8314 §3) with a valid certificate. */
  IMPLICIT
}

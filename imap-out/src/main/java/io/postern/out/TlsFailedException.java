package io.postern.out;

/** The TLS handshake did not end in an encrypted connection to the host that was meant. */
final class TlsFailedException extends Exception {
  TlsFailedException(Exception cause) {
    super(ServerReply.clean(String.valueOf(cause.getMessage()), 200), cause);
  }
}

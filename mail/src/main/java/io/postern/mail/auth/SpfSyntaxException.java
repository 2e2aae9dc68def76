package io.postern.mail.auth;

/** A policy breaks the grammar of RFC 7208 §12: {@code permerror}. */
final class SpfSyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  SpfSyntaxException(String message) {
    super(message);
  }
}

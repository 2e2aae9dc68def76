package io.postern.out;

/** What a server has said is not an SMTP reply. */
final class MalformedReplyException extends Exception {
  MalformedReplyException(String message) {
    super(message);
  }
}

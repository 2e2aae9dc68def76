package io.postern.node;

import io.grpc.Status;

/** The node does not take what a client sent. Code and text are those of the network. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  RefusedException(Status.Code code, String message) {
    super(message);
    this.code = code;
  }

  /** The client's own mistake. */
  static RefusedException invalid(String message) {
    return new RefusedException(Status.Code.INVALID_ARGUMENT, message);
  }

  Status status() {
    return code.toStatus().withDescription(getMessage());
  }
}

package io.postern.node.interop;

/** The official client refused a command, or its process ended. The message is its own. */
public final class PeerException extends Exception {
  private static final long serialVersionUID = 1L;

  PeerException(String message) {
    super(message);
  }
}

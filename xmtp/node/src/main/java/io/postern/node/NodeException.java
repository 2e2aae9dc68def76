package io.postern.node;

/**
 * The node cannot start with its settings: the message says which one, what was found, what to do.
 */
public final class NodeException extends Exception {
  private static final long serialVersionUID = 1L;

  NodeException(String message, Throwable cause) {
    super(message, cause);
  }
}

package io.postern.bridge;

/** The daemon cannot start or go on, for a reason that its operator can do something about. */
public final class BridgeException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message where, what was found, what to do
   */
  public BridgeException(String message) {
    super(message);
  }

  public BridgeException(String message, Throwable cause) {
    super(message, cause);
  }
}

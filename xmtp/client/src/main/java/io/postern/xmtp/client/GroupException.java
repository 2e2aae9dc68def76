package io.postern.xmtp.client;

/**
 * A group, a commit or a welcome breaks a rule of XMTP. Asking the network again does not help; the
 * rule is named, with its place in the protocol description.
 */
public class GroupException extends Exception {
  private static final long serialVersionUID = 1L;

  public GroupException(String message) {
    super(message);
  }

  public GroupException(String message, Throwable cause) {
    super(message, cause);
  }
}

package io.postern.xmtp.appdata;

/**
 * Octets that are no dictionary, value or update, or an update that cannot be applied or that its
 * author may not make. Every member refuses it alike.
 */
public final class AppDataException extends Exception {
  private static final long serialVersionUID = 1L;

  public AppDataException(String message) {
    super(message);
  }

  public AppDataException(String message, Throwable cause) {
    super(message, cause);
  }
}

package io.postern.xmtp.content;

/**
 * Content that cannot be read or may not be written. The message says what was found and what was
 * expected; it never repeats what a message says.
 */
public class ContentException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Names what is wrong. */
  public ContentException(String message) {
    super(message);
  }

  /** Names what is wrong and what it was noticed by. */
  public ContentException(String message, Throwable cause) {
    super(message, cause);
  }
}

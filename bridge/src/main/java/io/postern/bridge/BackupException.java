package io.postern.bridge;

/** A file that is no backup, or not a whole one, or of another version; the message says why. */
final class BackupException extends Exception {
  private static final long serialVersionUID = 1L;

  BackupException(String message) {
    super(message);
  }
}

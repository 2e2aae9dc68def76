package io.postern.config;

/** A value that a setting cannot have. Its message is the remedy: what to write instead. */
final class ValueException extends Exception {
  ValueException(String remedy) {
    super(remedy);
  }
}

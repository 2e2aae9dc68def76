package io.postern.mail.auth;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 of a body in its canonical form, made while the octets pass: it keeps no more of them
 * than one buffer. RFC 6376 §3.4.3, §3.4.4, §3.7.
 */
final class BodyHash {
  private static final int BUFFER = 8192;

  private final Canonicalization canonicalization;
  private final MessageDigest digest = sha256();
  private final byte[] buffer = new byte[BUFFER];
  private int buffered;
  private long length;

  /** Ends of lines after which nothing but further ones has come: they are only kept in count. */
  private long lineEnds;

  private boolean space;
  private boolean carriageReturn;

  BodyHash(Canonicalization canonicalization) {
    this.canonicalization = canonicalization;
  }

  Canonicalization form() {
    return canonicalization;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java platform has SHA-256", absent);
    }
  }

  void update(byte[] octets, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      take(octets[i]);
    }
  }

  /** The hash; nothing can be added afterwards. */
  byte[] finish() {
    if (carriageReturn) {
      octet((byte) '\r');
    }
    // RFC 6376 §3.4.3: an empty body counts as one line end; relaxed, §3.4.4, as nothing.
    if (length > 0 || canonicalization == Canonicalization.SIMPLE) {
      write((byte) '\r');
      write((byte) '\n');
    }
    digest.update(buffer, 0, buffered);
    return digest.digest();
  }

  /** Octets of the canonical form so far; all of them after {@link #finish}. */
  long length() {
    return length;
  }

  private void take(byte octet) {
    if (carriageReturn) {
      carriageReturn = false;
      if (octet == '\n') {
        lineEnds++;
        space = false;
        return;
      }
      octet((byte) '\r');
    }
    if (octet == '\r') {
      carriageReturn = true;
    } else if (canonicalization == Canonicalization.RELAXED && (octet == ' ' || octet == '\t')) {
      space = true;
    } else {
      octet(octet);
    }
  }

  private void octet(byte octet) {
    for (; lineEnds > 0; lineEnds--) {
      write((byte) '\r');
      write((byte) '\n');
    }
    if (space) {
      write((byte) ' ');
      space = false;
    }
    write(octet);
  }

  private void write(byte octet) {
    if (buffered == BUFFER) {
      digest.update(buffer, 0, buffered);
      buffered = 0;
    }
    buffer[buffered++] = octet;
    length++;
  }
}

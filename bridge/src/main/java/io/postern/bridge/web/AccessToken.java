package io.postern.bridge.web;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * What somebody must know to change anything: 128 random bits, new at each start, printed there. It
 * ends with the process.
 */
final class AccessToken {
  private static final int OCTETS = 16;

  private final byte[] digits;

  private AccessToken(byte[] digits) {
    this.digits = digits;
  }

  static AccessToken random() {
    var octets = new byte[OCTETS];
    new SecureRandom().nextBytes(octets);
    return new AccessToken(HexFormat.of().formatHex(octets).getBytes(StandardCharsets.US_ASCII));
  }

  /** Whether this is the token; takes the same time wherever the first difference is. */
  boolean matches(String given) {
    return MessageDigest.isEqual(digits, given.getBytes(StandardCharsets.UTF_8));
  }

  /** 32 hexadecimal digits, for the line at start, the cookie and the form. */
  String reveal() {
    return new String(digits, StandardCharsets.US_ASCII);
  }

  /** Never the token. */
  @Override
  public String toString() {
    return "AccessToken[" + OCTETS * 8 + " bits]";
  }
}

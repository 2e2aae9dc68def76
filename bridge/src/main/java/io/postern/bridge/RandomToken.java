package io.postern.bridge;

import java.security.SecureRandom;
import java.util.HexFormat;

/** 32 hex digits that nobody can guess, for addresses that give their holder a say. */
final class RandomToken {
  private static final int OCTETS = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private RandomToken() {}

  static String draw() {
    var octets = new byte[OCTETS];
    RANDOM.nextBytes(octets);
    return HexFormat.of().formatHex(octets);
  }
}

package io.postern.mail;

import java.io.ByteArrayOutputStream;

/** Keeps the bodies of a mail in memory, up to so many octets in all; what follows is left out. */
final class HeldBodies implements BodyStore {
  private final int octetsEach;
  private int octetsLeft;

  HeldBodies(int octets) {
    this(octets, octets);
  }

  /**
   * @param octetsEach a body of more is left out whole, and takes nothing from the others
   */
  HeldBodies(int octets, int octetsEach) {
    this.octetsLeft = octets;
    this.octetsEach = octetsEach;
  }

  @Override
  public Taking begin() {
    var held = new ByteArrayOutputStream();
    return new Taking() {
      @Override
      public boolean write(byte[] octets, int offset, int length) {
        if (length > octetsEach - held.size() && octetsEach < octetsLeft + held.size()) {
          octetsLeft += held.size();
          held.reset();
          return false;
        }
        int count = Math.min(length, octetsLeft);
        held.write(octets, offset, count);
        octetsLeft -= count;
        return octetsLeft > 0;
      }

      @Override
      public Body end() {
        return Body.of(held.toByteArray());
      }
    };
  }
}

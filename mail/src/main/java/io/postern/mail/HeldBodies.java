package io.postern.mail;

import java.io.ByteArrayOutputStream;

/** Keeps the bodies of a mail in memory, up to so many octets in all; what follows is left out. */
final class HeldBodies implements BodyStore {
  private int octetsLeft;

  HeldBodies(int octets) {
    this.octetsLeft = octets;
  }

  @Override
  public Taking begin() {
    var held = new ByteArrayOutputStream();
    return new Taking() {
      @Override
      public boolean write(byte[] octets, int offset, int length) {
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

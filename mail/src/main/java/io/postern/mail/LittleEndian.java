package io.postern.mail;

import java.util.Arrays;

/** A place in octets of Microsoft's formats. Every read is compared with what remains. */
final class LittleEndian {
  private final byte[] octets;
  private final int end;
  private int at;

  LittleEndian(byte[] octets) {
    this(octets, 0, octets.length);
  }

  private LittleEndian(byte[] octets, int from, int end) {
    this.octets = octets;
    this.at = from;
    this.end = end;
  }

  int remaining() {
    return end - at;
  }

  int uint8() throws MailException {
    require(1);
    return octets[at++] & 0xff;
  }

  int uint16() throws MailException {
    return uint8() | uint8() << 8;
  }

  int int32() throws MailException {
    return uint16() | uint16() << 16;
  }

  /** An unsigned number of 32 bits that counts something of which this much can be there. */
  int length(int most) throws MailException {
    int length = int32();
    if (length < 0 || length > most) {
      throw malformed("a length of " + Integer.toUnsignedString(length) + " is too large");
    }
    return length;
  }

  byte[] octets(int length) throws MailException {
    require(length);
    at += length;
    return Arrays.copyOfRange(octets, at - length, at);
  }

  /** The next octets as a place of their own, without a copy. */
  LittleEndian slice(int length) throws MailException {
    require(length);
    at += length;
    return new LittleEndian(octets, at - length, at);
  }

  void skip(int length) throws MailException {
    require(length);
    at += length;
  }

  /** What fills up a value of so many octets to four; the last one may lack it. */
  void padding(int length) {
    at = Math.min(end, at + (-length & 3));
  }

  private void require(int length) throws MailException {
    if (length < 0 || length > remaining()) {
      throw malformed("it ends too early");
    }
  }

  static MailException malformed(String what) {
    return new MailException("5.6.0", "a part cannot be unpacked: " + what);
  }
}

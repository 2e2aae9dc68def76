package io.postern.mls.wire;

import io.postern.mls.MlsException.Failure;
import java.util.Arrays;

/**
 * Reads the presentation language of RFC 9420 §2.1: big-endian integers, optional values, and
 * vectors with variable-size length headers. A length is compared with what remains before anything
 * is allocated.
 */
public final class TlsReader {
  private final byte[] octets;
  private final int end;
  private int at;

  /** Reads all of {@code octets}, which the caller does not change meanwhile. */
  public TlsReader(byte[] octets) {
    this(octets, 0, octets.length);
  }

  private TlsReader(byte[] octets, int from, int end) {
    this.octets = octets;
    this.at = from;
    this.end = end;
  }

  /** An unsigned 8-bit integer. */
  public int uint8(String field) throws WireException {
    need(1, field);
    return octets[at++] & 0xff;
  }

  /** An unsigned 16-bit integer. */
  public int uint16(String field) throws WireException {
    need(2, field);
    return (octets[at++] & 0xff) << 8 | octets[at++] & 0xff;
  }

  /** An unsigned 32-bit integer. */
  public long uint32(String field) throws WireException {
    return (long) uint16(field) << 16 | uint16(field);
  }

  /** An unsigned 64-bit integer, in the bits of a {@code long}. */
  public long uint64(String field) throws WireException {
    return uint32(field) << 32 | uint32(field);
  }

  /** Exactly {@code length} octets. */
  public byte[] fixed(int length, String field) throws WireException {
    need(length, field);
    at += length;
    return Arrays.copyOfRange(octets, at - length, at);
  }

  /** {@code opaque field<V>}. */
  public byte[] opaque(String field) throws WireException {
    return fixed(boundedLength(field), field);
  }

  /** {@code T field<V>}: a reader of the vector's content, to be read to its end. */
  public TlsReader vector(String field) throws WireException {
    int length = boundedLength(field);
    TlsReader content = new TlsReader(octets, at, at + length);
    at += length;
    return content;
  }

  /** The presence octet of {@code optional<T>}. RFC 9420 §2.1.1. */
  public boolean present(String field) throws WireException {
    int presence = uint8(field);
    if (presence > 1) {
      throw malformed(field + ": presence octet must be 0 or 1, got " + presence);
    }
    return presence == 1;
  }

  /** A variable-size length header, in its shortest form. RFC 9420 §2.1.2. */
  public int length(String field) throws WireException {
    int first = uint8(field);
    int prefix = first >>> 6;
    if (prefix == 3) {
      throw malformed(field + ": invalid length prefix");
    }
    int value = first & 0x3f;
    for (int more = (1 << prefix) - 1; more > 0; more--) {
      value = value << 8 | uint8(field);
    }
    if (prefix == 1 && value < 1 << 6 || prefix == 2 && value < 1 << 14) {
      throw malformed(field + ": length " + value + " is not in its shortest form");
    }
    return value;
  }

  /** Whether anything is left. */
  public boolean hasMore() {
    return at < end;
  }

  /** How many octets are left. */
  public int remaining() {
    return end - at;
  }

  /** Where the reader stands; for {@link #since}. */
  public int position() {
    return at;
  }

  /** The octets read since {@code position}, exactly as they came. */
  public byte[] since(int position) {
    return Arrays.copyOfRange(octets, position, at);
  }

  /** Refuses anything that is left over. */
  public void end(String struct) throws WireException {
    if (hasMore()) {
      throw malformed(struct + ": " + remaining() + " octets too many");
    }
  }

  /** A failure at the place where the reader stands. */
  public WireException malformed(String what) {
    return new WireException(Failure.MALFORMED, what + " (at octet " + at + ")");
  }

  /**
   * A struct that may be legal but cannot be read by this engine, so that what follows cannot be
   * found.
   */
  public WireException unsupported(String what) {
    return new WireException(Failure.UNSUPPORTED, what + " (at octet " + at + ")");
  }

  private int boundedLength(String field) throws WireException {
    int length = length(field);
    need(length, field);
    return length;
  }

  private void need(int length, String field) throws WireException {
    if (length > end - at) {
      throw malformed(field + ": needs " + length + " octets, " + (end - at) + " remain");
    }
  }
}

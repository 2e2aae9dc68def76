package io.postern.mls.wire;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes the presentation language of RFC 9420 §2.1. Outgrown buffers are wiped, since some structs
 * hold secrets.
 */
public final class TlsWriter {
  private static final int MAX_LENGTH = (1 << 30) - 1;

  private byte[] octets = new byte[128];
  private int size;

  /** An unsigned 8-bit integer. */
  public TlsWriter uint8(int value) {
    require(value >= 0 && value <= 0xff);
    room(1);
    octets[size++] = (byte) value;
    return this;
  }

  /** An unsigned 16-bit integer. */
  public TlsWriter uint16(int value) {
    require(value >= 0 && value <= 0xffff);
    room(2);
    octets[size++] = (byte) (value >>> 8);
    octets[size++] = (byte) value;
    return this;
  }

  /** An unsigned 32-bit integer. */
  public TlsWriter uint32(long value) {
    require(value >>> 32 == 0);
    return uint16((int) (value >>> 16)).uint16((int) value & 0xffff);
  }

  /** An unsigned 64-bit integer, given in the bits of a {@code long}. */
  public TlsWriter uint64(long value) {
    return uint32(value >>> 32).uint32(value & 0xffff_ffffL);
  }

  /** Octets without a length. */
  public TlsWriter fixed(byte[] value) {
    return append(value, value.length);
  }

  /** {@code opaque value<V>}. */
  public TlsWriter opaque(byte[] value) {
    return length(value.length).fixed(value);
  }

  /** {@code T values<V>}: what {@code content} writes, preceded by its length. */
  public TlsWriter vector(Consumer<TlsWriter> content) {
    TlsWriter inner = new TlsWriter();
    content.accept(inner);
    length(inner.size).append(inner.octets, inner.size);
    inner.erase();
    return this;
  }

  /** {@code T values<V>} of structs. */
  public TlsWriter vector(Iterable<? extends TlsStruct> values) {
    return vector(
        inner -> {
          for (TlsStruct value : values) {
            value.write(inner);
          }
        });
  }

  /** A struct in place. */
  public TlsWriter struct(TlsStruct value) {
    value.write(this);
    return this;
  }

  /** The presence octet of {@code optional<T>}. */
  public TlsWriter present(boolean present) {
    return uint8(present ? 1 : 0);
  }

  /** A variable-size length header. RFC 9420 §2.1.2. */
  public TlsWriter length(int length) {
    require(length >= 0 && length <= MAX_LENGTH);
    if (length < 1 << 6) {
      return uint8(length);
    }
    if (length < 1 << 14) {
      return uint16(0x4000 | length);
    }
    return uint32(0x8000_0000L | length);
  }

  /** What was written so far. */
  public byte[] toOctets() {
    return Arrays.copyOf(octets, size);
  }

  /** What was written so far; this writer's own copy is wiped. For structs that hold secrets. */
  public byte[] toOctetsAndErase() {
    byte[] written = toOctets();
    erase();
    return written;
  }

  /** Wipes and forgets what was written. */
  public void erase() {
    Arrays.fill(octets, 0, size, (byte) 0);
    size = 0;
  }

  private TlsWriter append(byte[] value, int length) {
    room(length);
    System.arraycopy(value, 0, octets, size, length);
    size += length;
    return this;
  }

  private void room(int more) {
    if (size + more > octets.length) {
      byte[] larger = Arrays.copyOf(octets, Math.max(octets.length * 2, size + more));
      Arrays.fill(octets, 0, size, (byte) 0);
      octets = larger;
    }
  }

  private static void require(boolean inRange) {
    if (!inRange) {
      throw new IllegalArgumentException("value does not fit the field");
    }
  }
}

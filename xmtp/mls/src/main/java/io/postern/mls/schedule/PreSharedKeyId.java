package io.postern.mls.schedule;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;

/**
 * {@code struct PreSharedKeyID}: which pre-shared key, and a nonce that makes its use unique. RFC
 * 9420 §8.4.
 */
public final class PreSharedKeyId implements TlsStruct {
  private static final int EXTERNAL = 1;
  private static final int RESUMPTION = 2;

  private final int type;
  private final int usage;
  private final byte[] id;
  private final long epoch;
  private final byte[] nonce;

  private PreSharedKeyId(int type, int usage, byte[] id, long epoch, byte[] nonce) {
    this.type = type;
    this.usage = usage;
    this.id = id.clone();
    this.epoch = epoch;
    this.nonce = nonce.clone();
  }

  /** A key that the application distributed. */
  public static PreSharedKeyId external(byte[] id, byte[] nonce) {
    return new PreSharedKeyId(EXTERNAL, 0, id, 0, nonce);
  }

  /** Reads the struct. */
  public static PreSharedKeyId read(TlsReader in) throws WireException {
    int type = in.uint8("psktype");
    return switch (type) {
      case EXTERNAL -> external(in.opaque("psk_id"), in.opaque("psk_nonce"));
      case RESUMPTION ->
          new PreSharedKeyId(
              RESUMPTION,
              usage(in),
              in.opaque("psk_group_id"),
              in.uint64("psk_epoch"),
              in.opaque("psk_nonce"));
      default -> throw in.malformed("psktype: expected 1 or 2, got " + type);
    };
  }

  private static int usage(TlsReader in) throws WireException {
    int usage = in.uint8("usage");
    if (usage < 1 || usage > 3) {
      throw in.malformed("usage: expected 1 to 3, got " + usage);
    }
    return usage;
  }

  @Override
  public void write(TlsWriter out) {
    out.uint8(type);
    if (type == RESUMPTION) {
      out.uint8(usage).opaque(id).uint64(epoch);
    } else {
      out.opaque(id);
    }
    out.opaque(nonce);
  }

  /**
   * Whether the application distributed the key; else it is a resumption key of this or another
   * group.
   */
  public boolean isExternal() {
    return type == EXTERNAL;
  }

  /** Whether a resumption key is for a plain commit, not for re-initialisation or branching. */
  public boolean isForApplication() {
    return usage == 1;
  }

  /** The key's id; for a resumption key the group's. */
  public byte[] id() {
    return id.clone();
  }

  /** The epoch that a resumption key comes from. */
  public long epoch() {
    return epoch;
  }

  /** The nonce; its length must be that of the suite's hash. */
  public byte[] nonce() {
    return nonce.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PreSharedKeyId that && Arrays.equals(toOctets(), that.toOctets());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toOctets());
  }
}

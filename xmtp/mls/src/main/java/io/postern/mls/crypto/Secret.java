package io.postern.mls.crypto;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Secret octets: a private key or a secret of the key schedule. Never a {@code String}, prints as
 * its length, compares in constant time, and is wiped by {@link #erase}; using it afterwards is a
 * mistake of the program.
 */
public final class Secret {
  private byte[] octets;

  private Secret(byte[] octets) {
    this.octets = octets;
  }

  /** A copy of {@code octets}; the caller's array stays the caller's to wipe. */
  public static Secret of(byte[] octets) {
    return new Secret(octets.clone());
  }

  /** Takes {@code octets} over without copying; the caller must forget the array. */
  public static Secret take(byte[] octets) {
    return new Secret(octets);
  }

  /** {@code length} fresh random octets. */
  public static Secret random(int length, SecureRandom random) {
    byte[] octets = new byte[length];
    random.nextBytes(octets);
    return new Secret(octets);
  }

  /** {@code length} zero octets, the default of RFC 9420 §8 where no secret is contributed. */
  public static Secret zero(int length) {
    return new Secret(new byte[length]);
  }

  /** Reads {@code opaque field<V>} of a length that is known. */
  public static Secret read(TlsReader in, String field, int length) throws WireException {
    Secret secret = read(in, field);
    if (secret.length() != length) {
      throw in.malformed(field + ": expected " + length + " octets, got " + secret.length());
    }
    return secret;
  }

  /** Reads {@code opaque field<V>}. */
  public static Secret read(TlsReader in, String field) throws WireException {
    return new Secret(in.opaque(field));
  }

  /** Writes {@code opaque<V>}. */
  public void write(TlsWriter out) {
    out.opaque(raw());
  }

  /** Number of octets. */
  public int length() {
    return raw().length;
  }

  /** A copy of the octets, which the caller wipes after use. */
  public byte[] toOctets() {
    return raw().clone();
  }

  /** An independent secret of the same value, erased on its own. */
  public Secret copy() {
    return new Secret(toOctets());
  }

  /** Wipes the octets. Doing it twice does no harm. */
  public void erase() {
    if (octets != null) {
      Arrays.fill(octets, (byte) 0);
      octets = null;
    }
  }

  /** Whether {@link #erase} was called. */
  public boolean isErased() {
    return octets == null;
  }

  byte[] raw() {
    if (octets == null) {
      throw new IllegalStateException("secret was erased");
    }
    return octets;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that
        && octets != null
        && that.octets != null
        && MessageDigest.isEqual(octets, that.octets);
  }

  /** The length only: a hash of the octets would tell about them. */
  @Override
  public int hashCode() {
    return octets == null ? -1 : octets.length;
  }

  @Override
  public String toString() {
    return octets == null ? "Secret(erased)" : "Secret(" + octets.length + " octets)";
  }
}

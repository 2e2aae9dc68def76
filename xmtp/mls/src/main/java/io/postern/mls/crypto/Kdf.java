package io.postern.mls.crypto;

import io.postern.mls.wire.TlsWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;

/** HKDF (RFC 5869), its hash and HMAC, and the labelled derivations of RFC 9420 §8. */
public enum Kdf {
  /** HKDF-SHA256. */
  HKDF_SHA256(0x0001, 32);

  private static final byte[] NO_CONTEXT = {};
  private static final String LABEL_PREFIX = "MLS 1.0 ";

  private final int id;
  private final int hashLength;

  Kdf(int id, int hashLength) {
    this.id = id;
    this.hashLength = hashLength;
  }

  /** The number of RFC 9180 §7.2. */
  public int id() {
    return id;
  }

  /** {@code KDF.Nh}, in octets. */
  public int hashLength() {
    return hashLength;
  }

  /** The hash of the suite over the concatenation of {@code parts}. */
  public byte[] hash(byte[]... parts) {
    Digest digest = new SHA256Digest();
    for (byte[] part : parts) {
      digest.update(part, 0, part.length);
    }
    byte[] hash = new byte[hashLength];
    digest.doFinal(hash, 0);
    return hash;
  }

  /** HMAC of {@code data}: the MAC of RFC 9420 §5.1. */
  public byte[] mac(Secret key, byte[] data) {
    return hmac(key.raw(), data);
  }

  /** Compares a received tag with the one due, in constant time. */
  public boolean verifyMac(Secret key, byte[] data, byte[] tag) {
    return MessageDigest.isEqual(mac(key, data), tag);
  }

  /** {@code KDF.Extract(salt, ikm)}. */
  public Secret extract(Secret salt, Secret ikm) {
    return Secret.take(extract(salt.raw(), ikm.raw()));
  }

  byte[] extract(byte[] salt, byte[] ikm) {
    return hmac(salt.length == 0 ? new byte[hashLength] : salt, ikm);
  }

  /** {@code KDF.Expand(prk, info, length)}. */
  public Secret expand(Secret prk, byte[] info, int length) {
    return Secret.take(expand(prk.raw(), info, length));
  }

  byte[] expand(byte[] prk, byte[] info, int length) {
    if (length > 255 * hashLength) {
      throw new IllegalArgumentException("HKDF gives at most " + 255 * hashLength + " octets");
    }
    HMac hmac = new HMac(new SHA256Digest());
    hmac.init(new KeyParameter(prk));
    byte[] block = new byte[hashLength];
    byte[] out = new byte[length];
    for (int done = 0, counter = 1; done < length; done += hashLength, counter++) {
      if (counter > 1) {
        hmac.update(block, 0, hashLength);
      }
      hmac.update(info, 0, info.length);
      hmac.update((byte) counter);
      hmac.doFinal(block, 0);
      System.arraycopy(block, 0, out, done, Math.min(hashLength, length - done));
    }
    Arrays.fill(block, (byte) 0);
    return out;
  }

  /** {@code ExpandWithLabel(secret, label, context, length)}. RFC 9420 §8. */
  public Secret expandWithLabel(Secret secret, String label, byte[] context, int length) {
    byte[] fullLabel = (LABEL_PREFIX + label).getBytes(StandardCharsets.US_ASCII);
    byte[] info = new TlsWriter().uint16(length).opaque(fullLabel).opaque(context).toOctets();
    return expand(secret, info, length);
  }

  /** {@code DeriveSecret(secret, label)}. RFC 9420 §8. */
  public Secret deriveSecret(Secret secret, String label) {
    return expandWithLabel(secret, label, NO_CONTEXT, hashLength);
  }

  /** {@code DeriveTreeSecret(secret, label, generation, length)}. RFC 9420 §9.1. */
  public Secret deriveTreeSecret(Secret secret, String label, long generation, int length) {
    return expandWithLabel(secret, label, new TlsWriter().uint32(generation).toOctets(), length);
  }

  private byte[] hmac(byte[] key, byte[] data) {
    HMac hmac = new HMac(new SHA256Digest());
    hmac.init(new KeyParameter(key));
    hmac.update(data, 0, data.length);
    byte[] tag = new byte[hashLength];
    hmac.doFinal(tag, 0);
    return tag;
  }
}

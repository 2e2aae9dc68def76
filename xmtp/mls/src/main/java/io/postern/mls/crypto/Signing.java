package io.postern.mls.crypto;

import io.postern.mls.wire.TlsWriter;
import java.nio.charset.StandardCharsets;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** The signature schemes of RFC 9420 §5.1.2 that this engine serves. */
public enum Signing {
  /** Pure Ed25519, RFC 8032. */
  ED25519;

  private static final String LABEL_PREFIX = "MLS 1.0 ";
  private static final byte[] NO_DOMAIN = {};

  /** Octets of a public key. */
  public int publicKeyLength() {
    return Ed25519.PUBLIC_KEY_SIZE;
  }

  byte[] publicKey(Secret seed) {
    if (seed.length() != Ed25519.SECRET_KEY_SIZE) {
      throw new IllegalArgumentException("Ed25519 seed has 32 octets, got " + seed.length());
    }
    byte[] publicKey = new byte[Ed25519.PUBLIC_KEY_SIZE];
    Ed25519.generatePublicKey(seed.raw(), 0, publicKey, 0);
    return publicKey;
  }

  /** {@code SignWithLabel}. RFC 9420 §5.1.2. */
  public byte[] signWithLabel(SignatureKeyPair key, String label, byte[] content) {
    byte[] signed = signContent(label, content);
    byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
    Ed25519.sign(key.seed().raw(), 0, key.publicKey(), 0, signed, 0, signed.length, signature, 0);
    return signature;
  }

  /**
   * {@code VerifyWithLabel}; false also for a key or signature of another length. RFC 9420 §5.1.2.
   *
   * <p>All members must agree, also on the odd ones: where one accepts what others refuse, somebody
   * can speak to that one alone, or lead it into a branch of the group. RFC 8032 leaves open
   * whether the cofactor is multiplied in; the other clients do not, and refuse points of small
   * order.
   */
  public boolean verifyWithLabel(byte[] publicKey, String label, byte[] content, byte[] signature) {
    return verify(publicKey, signContent(label, content), signature);
  }

  boolean verify(byte[] publicKey, byte[] signed, byte[] signature) {
    return Edwards25519.verifyStrictly(publicKey, signature, NO_DOMAIN, signed);
  }

  private static byte[] signContent(String label, byte[] content) {
    byte[] fullLabel = (LABEL_PREFIX + label).getBytes(StandardCharsets.US_ASCII);
    return new TlsWriter().opaque(fullLabel).opaque(content).toOctets();
  }
}

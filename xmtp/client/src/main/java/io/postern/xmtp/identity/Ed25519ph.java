package io.postern.xmtp.identity;

import io.postern.mls.crypto.Edwards25519;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * Ed25519 over the hash of the message, with a context that keeps purposes apart. RFC 8032 §5.1.
 */
final class Ed25519ph {
  /** The context of signatures under identity updates. */
  static final byte[] IDENTITY_UPDATE =
      "IDENTITY UPDATE SIGNATURE".getBytes(StandardCharsets.US_ASCII);

  /** The context of signatures that an app makes for others to check. */
  static final byte[] PUBLIC = "PUBLIC SIGNATURE CONTEXT".getBytes(StandardCharsets.US_ASCII);

  /** What nodes answer when a signature does not verify. */
  static final String FAILED =
      "ed25519 Signature failed signature error: Verification equation was not satisfied";

  static final int SIGNATURE_LENGTH = Ed25519.SIGNATURE_SIZE;

  private static final int KEY_LENGTH = Ed25519.PUBLIC_KEY_SIZE;
  private static final byte[] DOMAIN =
      "SigEd25519 no Ed25519 collisions".getBytes(StandardCharsets.US_ASCII);

  private Ed25519ph() {}

  static byte[] publicKey(byte[] seed) {
    var key = new byte[KEY_LENGTH];
    Ed25519.generatePublicKey(seed, 0, key, 0);
    return key;
  }

  static byte[] sign(byte[] seed, byte[] context, byte[] message) {
    var signature = new byte[SIGNATURE_LENGTH];
    Ed25519.signPrehash(seed, 0, context, sha512(message), 0, signature, 0);
    return signature;
  }

  /**
   * Whether it is a point as other clients read it, who also read encodings that RFC 8032 forbids.
   */
  static boolean isPublicKey(byte[] key) {
    return Edwards25519.isKey(key);
  }

  /**
   * Whether other clients accept the signature. All must agree, also on the odd ones:
   * implementations differ on points outside the large subgroup and on encodings that RFC 8032
   * forbids.
   */
  static boolean verify(byte[] key, byte[] context, byte[] message, byte[] signature) {
    return Edwards25519.verify(key, signature, domain(context), sha512(message));
  }

  private static byte[] domain(byte[] context) {
    var domain = Arrays.copyOf(DOMAIN, DOMAIN.length + 2 + context.length);
    domain[DOMAIN.length] = 1;
    domain[DOMAIN.length + 1] = (byte) context.length;
    System.arraycopy(context, 0, domain, DOMAIN.length + 2, context.length);
    return domain;
  }

  private static byte[] sha512(byte[] message) {
    try {
      return MessageDigest.getInstance("SHA-512").digest(message);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("this Java runtime lacks SHA-512", impossible);
    }
  }
}

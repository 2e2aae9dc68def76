package io.postern.mls.crypto;

import java.security.SecureRandom;

/**
 * An Ed25519 key pair that signs for one client. The private key is the 32-octet seed of RFC 8032
 * §5.1.5.
 */
public final class SignatureKeyPair {
  private final Secret seed;
  private final byte[] publicKey;

  private SignatureKeyPair(Secret seed, byte[] publicKey) {
    this.seed = seed;
    this.publicKey = publicKey;
  }

  /** The pair that grows from {@code seed}, which this pair owns from now on. */
  public static SignatureKeyPair of(Secret seed) {
    return new SignatureKeyPair(seed, Signing.ED25519.publicKey(seed));
  }

  /** A fresh pair. */
  public static SignatureKeyPair generate(SecureRandom random) {
    return of(Secret.random(32, random));
  }

  /** The private half, owned by this pair. */
  public Secret seed() {
    return seed;
  }

  /** The public half, 32 octets. */
  public byte[] publicKey() {
    return publicKey.clone();
  }
}

package io.postern.mls.crypto;

/**
 * A key pair of a {@link Kem}: the private key a {@link Secret}, the public key in the KEM's
 * serialisation.
 */
public final class HpkeKeyPair {
  private final Secret privateKey;
  private final byte[] publicKey;

  /** Pairs the two halves; that they belong together is the caller's word. */
  public HpkeKeyPair(Secret privateKey, byte[] publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey.clone();
  }

  /** The private half, owned by this pair. */
  public Secret privateKey() {
    return privateKey;
  }

  /** The public half. */
  public byte[] publicKey() {
    return publicKey.clone();
  }
}

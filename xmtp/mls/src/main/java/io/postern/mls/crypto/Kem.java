package io.postern.mls.crypto;

import io.postern.mls.MlsException;
import java.security.SecureRandom;

/** A key encapsulation mechanism as RFC 9180 §4 wants it. */
public interface Kem {
  /** The number that enters the suite id of HPKE. */
  int id();

  /** {@code Npk}: octets of a public key. */
  int publicKeyLength();

  /** Whether anything can be sealed to it, as {@link #encapsulate} would find out. */
  default boolean takes(byte[] publicKey) {
    return publicKey.length == publicKeyLength();
  }

  /** A fresh key pair. */
  HpkeKeyPair generateKeyPair(SecureRandom random);

  /** {@code DeriveKeyPair(ikm)}. */
  HpkeKeyPair deriveKeyPair(Secret ikm);

  /** The public key that belongs to {@code privateKey}. */
  byte[] publicKey(Secret privateKey) throws MlsException;

  /**
   * {@code Encap(pkR)}.
   *
   * @throws MlsException {@code MALFORMED} if the public key is none
   */
  Encapsulation encapsulate(byte[] publicKey, SecureRandom random) throws MlsException;

  /**
   * {@code Decap(enc, skR)}.
   *
   * @throws MlsException {@code MALFORMED} if {@code encapsulated} or the key is not of this KEM
   */
  Secret decapsulate(byte[] encapsulated, Secret privateKey) throws MlsException;

  /**
   * What {@code Encap} gives: the shared secret, and the octets that carry it to the holder of the
   * private key.
   */
  record Encapsulation(Secret sharedSecret, byte[] encapsulated) {}
}

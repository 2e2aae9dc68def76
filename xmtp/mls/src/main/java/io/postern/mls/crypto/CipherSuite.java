package io.postern.mls.crypto;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import java.util.Optional;

/** A cipher suite of RFC 9420 §17.1: the primitives that go together under one number. */
public enum CipherSuite {
  /** MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519, the mandatory one of RFC 9420. */
  X25519_AES128GCM_SHA256_ED25519(
      0x0001, DhKemX25519.INSTANCE, Kdf.HKDF_SHA256, Aead.AES_128_GCM, Signing.ED25519),
  /** MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519, the one of XMTP. */
  X25519_CHACHA20POLY1305_SHA256_ED25519(
      0x0003, DhKemX25519.INSTANCE, Kdf.HKDF_SHA256, Aead.CHACHA20_POLY1305, Signing.ED25519);

  private final int id;
  private final Kdf kdf;
  private final Aead aead;
  private final Signing signing;
  private final Hpke hpke;

  CipherSuite(int id, Kem kem, Kdf kdf, Aead aead, Signing signing) {
    this.id = id;
    this.kdf = kdf;
    this.aead = aead;
    this.signing = signing;
    this.hpke = new Hpke(kem, kdf, aead);
  }

  /**
   * The suite of that number.
   *
   * @throws MlsException {@code UNSUPPORTED} if this engine does not serve it
   */
  public static CipherSuite of(int id) throws MlsException {
    return find(id)
        .orElseThrow(
            () ->
                new MlsException(
                    Failure.UNSUPPORTED, String.format("cipher suite 0x%04x is not served", id)));
  }

  /** The suite of that number, if this engine serves it. */
  public static Optional<CipherSuite> find(int id) {
    for (CipherSuite suite : values()) {
      if (suite.id == id) {
        return Optional.of(suite);
      }
    }
    return Optional.empty();
  }

  /** The number on the wire. */
  public int id() {
    return id;
  }

  /** Hash, MAC and key derivation. */
  public Kdf kdf() {
    return kdf;
  }

  /** The cipher of messages. */
  public Aead aead() {
    return aead;
  }

  /** The signature scheme. */
  public Signing signing() {
    return signing;
  }

  /** Public key encryption. */
  public Hpke hpke() {
    return hpke;
  }

  /** The key encapsulation of {@link #hpke}. */
  public Kem kem() {
    return hpke.kem();
  }
}

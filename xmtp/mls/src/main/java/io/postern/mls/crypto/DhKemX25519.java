package io.postern.mls.crypto;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import java.security.SecureRandom;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.util.Arrays;

/** DHKEM(X25519, HKDF-SHA256), RFC 9180 §4.1. */
public final class DhKemX25519 implements Kem {
  /** The only instance; it has no state. */
  public static final DhKemX25519 INSTANCE = new DhKemX25519();

  private static final int KEY_LENGTH = 32;
  private static final byte[] NO_SALT = {};

  private final LabeledHkdf hkdf =
      new LabeledHkdf(Kdf.HKDF_SHA256, new byte[] {'K', 'E', 'M', 0x00, 0x20});

  private DhKemX25519() {}

  @Override
  public int id() {
    return 0x0020;
  }

  @Override
  public int publicKeyLength() {
    return KEY_LENGTH;
  }

  @Override
  public boolean takes(byte[] publicKey) {
    // With a point of small order every scalar gives nothing.
    return publicKey.length == KEY_LENGTH
        && X25519.calculateAgreement(
            new byte[KEY_LENGTH], 0, publicKey, 0, new byte[KEY_LENGTH], 0);
  }

  @Override
  public HpkeKeyPair generateKeyPair(SecureRandom random) {
    return pairOf(Secret.random(KEY_LENGTH, random));
  }

  @Override
  public HpkeKeyPair deriveKeyPair(Secret ikm) {
    byte[] prk = hkdf.extract(NO_SALT, "dkp_prk", ikm.raw());
    Secret privateKey = Secret.take(hkdf.expand(prk, "sk", NO_SALT, KEY_LENGTH));
    Arrays.fill(prk, (byte) 0);
    return pairOf(privateKey);
  }

  @Override
  public byte[] publicKey(Secret privateKey) throws MlsException {
    requireLength(privateKey.raw(), "private key");
    return publicOf(privateKey);
  }

  @Override
  public Encapsulation encapsulate(byte[] publicKey, SecureRandom random) throws MlsException {
    requireLength(publicKey, "public key");
    Secret ephemeral = Secret.random(KEY_LENGTH, random);
    byte[] encapsulated = publicOf(ephemeral);
    Secret shared = sharedSecret(agree(ephemeral, publicKey), encapsulated, publicKey);
    ephemeral.erase();
    return new Encapsulation(shared, encapsulated);
  }

  @Override
  public Secret decapsulate(byte[] encapsulated, Secret privateKey) throws MlsException {
    requireLength(encapsulated, "encapsulated key");
    requireLength(privateKey.raw(), "private key");
    return sharedSecret(agree(privateKey, encapsulated), encapsulated, publicOf(privateKey));
  }

  private Secret sharedSecret(byte[] dh, byte[] encapsulated, byte[] publicKey) {
    byte[] prk = hkdf.extract(NO_SALT, "eae_prk", dh);
    Secret shared =
        Secret.take(
            hkdf.expand(prk, "shared_secret", Arrays.concatenate(encapsulated, publicKey), 32));
    Arrays.fill(dh, (byte) 0);
    Arrays.fill(prk, (byte) 0);
    return shared;
  }

  static byte[] agree(Secret privateKey, byte[] publicKey) throws MlsException {
    byte[] dh = new byte[KEY_LENGTH];
    if (!X25519.calculateAgreement(privateKey.raw(), 0, publicKey, 0, dh, 0)) {
      // RFC 9180 §7.1.4: an all-zero result means a point of small order.
      throw new MlsException(Failure.MALFORMED, "X25519 public key of small order");
    }
    return dh;
  }

  private static HpkeKeyPair pairOf(Secret privateKey) {
    return new HpkeKeyPair(privateKey, publicOf(privateKey));
  }

  private static byte[] publicOf(Secret privateKey) {
    byte[] publicKey = new byte[KEY_LENGTH];
    X25519.scalarMultBase(privateKey.raw(), 0, publicKey, 0);
    return publicKey;
  }

  private static void requireLength(byte[] key, String what) throws MlsException {
    if (key.length != KEY_LENGTH) {
      throw new MlsException(
          Failure.MALFORMED, "X25519 " + what + " has 32 octets, got " + key.length);
    }
  }
}

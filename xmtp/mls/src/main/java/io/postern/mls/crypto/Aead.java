package io.postern.mls.crypto;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import java.util.Arrays;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.AEADCipher;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * The authenticated ciphers of RFC 9180 §7.3 that this engine serves. Nonces have 12 octets, tags
 * 16.
 */
public enum Aead {
  /** AES-128-GCM. */
  AES_128_GCM(0x0001, 16) {
    @Override
    AEADCipher cipher() {
      return GCMBlockCipher.newInstance(AESEngine.newInstance());
    }
  },
  /** ChaCha20-Poly1305, RFC 8439. */
  CHACHA20_POLY1305(0x0003, 32) {
    @Override
    AEADCipher cipher() {
      return new ChaCha20Poly1305();
    }
  };

  /** {@code AEAD.Nn}, in octets. */
  public static final int NONCE_LENGTH = 12;

  private static final int TAG_LENGTH = 16;

  private final int id;
  private final int keyLength;

  Aead(int id, int keyLength) {
    this.id = id;
    this.keyLength = keyLength;
  }

  abstract AEADCipher cipher();

  /** The number of RFC 9180 §7.3. */
  public int id() {
    return id;
  }

  /** {@code AEAD.Nk}, in octets. */
  public int keyLength() {
    return keyLength;
  }

  /** Encrypts {@code plaintext}; the tag is the end of the result. */
  public byte[] seal(Secret key, byte[] nonce, byte[] aad, byte[] plaintext) {
    try {
      return run(true, key, nonce, aad, plaintext);
    } catch (InvalidCipherTextException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * Decrypts what {@link #seal} made.
   *
   * @throws MlsException {@code UNDECRYPTABLE} if the tag does not match
   */
  public byte[] open(Secret key, byte[] nonce, byte[] aad, byte[] ciphertext) throws MlsException {
    if (ciphertext.length < TAG_LENGTH) {
      throw new MlsException(
          Failure.UNDECRYPTABLE,
          "ciphertext of " + ciphertext.length + " octets has no room for a tag");
    }
    try {
      return run(false, key, nonce, aad, ciphertext);
    } catch (InvalidCipherTextException wrong) {
      throw new MlsException(
          Failure.UNDECRYPTABLE, "ciphertext does not match key and associated data", wrong);
    }
  }

  private byte[] run(boolean forEncryption, Secret key, byte[] nonce, byte[] aad, byte[] in)
      throws InvalidCipherTextException {
    AEADCipher cipher = cipher();
    cipher.init(
        forEncryption, new AEADParameters(new KeyParameter(key.raw()), TAG_LENGTH * 8, nonce, aad));
    byte[] out = new byte[cipher.getOutputSize(in.length)];
    int length = cipher.processBytes(in, 0, in.length, out, 0);
    length += cipher.doFinal(out, length);
    return length == out.length ? out : Arrays.copyOf(out, length);
  }
}

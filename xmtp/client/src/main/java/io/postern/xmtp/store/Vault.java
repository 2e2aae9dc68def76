package io.postern.xmtp.store;

import io.postern.mls.crypto.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals what must not lie open in the database: wallet seed, installation keys, group secrets.
 * Sealed octets are a format octet, a 12-octet nonce and AES-256-GCM ciphertext; the place where
 * they belong is authenticated with them, so that a row copied elsewhere does not open. Used by
 * several threads.
 */
public final class Vault {
  /** Octets of a vault key. */
  public static final int KEY_LENGTH = 32;

  private static final byte FORMAT = 1;
  private static final int NONCE_LENGTH = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final SecureRandom random = new SecureRandom();

  private Vault(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
  }

  /**
   * @param key 32 octets; the vault keeps a copy of its own
   * @throws IllegalArgumentException at any other length
   */
  public static Vault of(Secret key) {
    var octets = key.toOctets();
    try {
      if (octets.length != KEY_LENGTH) {
        throw new IllegalArgumentException("a vault key has 32 octets, not " + octets.length);
      }
      return new Vault(octets);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /**
   * @param place what the octets are and of whom, for example {@code mls_group.epoch}
   */
  public byte[] seal(String place, byte[] plain) {
    var nonce = new byte[NONCE_LENGTH];
    random.nextBytes(nonce);
    try {
      var cipher = cipher(Cipher.ENCRYPT_MODE, place, nonce);
      var sealed = new byte[1 + NONCE_LENGTH + cipher.getOutputSize(plain.length)];
      sealed[0] = FORMAT;
      System.arraycopy(nonce, 0, sealed, 1, NONCE_LENGTH);
      cipher.doFinal(plain, 0, plain.length, sealed, 1 + NONCE_LENGTH);
      return sealed;
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("this runtime has no AES-256-GCM", impossible);
    }
  }

  /**
   * @throws VaultException if the octets were sealed with another key, for another place, or
   *     changed
   */
  public byte[] open(String place, byte[] sealed) {
    if (sealed.length < 1 + NONCE_LENGTH || sealed[0] != FORMAT) {
      throw new VaultException(
          "the stored " + place + " is not in a format that this version reads");
    }
    var nonce = Arrays.copyOfRange(sealed, 1, 1 + NONCE_LENGTH);
    try {
      var cipher = cipher(Cipher.DECRYPT_MODE, place, nonce);
      return cipher.doFinal(sealed, 1 + NONCE_LENGTH, sealed.length - 1 - NONCE_LENGTH);
    } catch (AEADBadTagException notOurs) {
      throw new VaultException(
          "the stored " + place + " does not open with this vault key; use the key that made it");
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("this runtime has no AES-256-GCM", impossible);
    }
  }

  /** Seals a secret; the secret stays as it is. */
  public byte[] seal(String place, Secret secret) {
    var octets = secret.toOctets();
    try {
      return seal(place, octets);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /** Opens what is a secret by itself. */
  public Secret openSecret(String place, byte[] sealed) {
    return Secret.take(open(place, sealed));
  }

  private Cipher cipher(int mode, String place, byte[] nonce) throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  @Override
  public String toString() {
    return "Vault[key of 32 octets]";
  }

  /** Sealed octets do not open: the wrong key file, or a damaged database. */
  public static final class VaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    VaultException(String message) {
      super(message);
    }
  }
}

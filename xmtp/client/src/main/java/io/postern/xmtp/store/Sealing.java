package io.postern.xmtp.store;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM under one key: a head, a nonce of 12 octets, the ciphertext with its tag. The place
 * where the octets belong is authenticated with them. NIST SP 800-38D.
 */
final class Sealing {
  private static final int NONCE_LENGTH = 12;
  private static final int TAG_BITS = 128;

  private Sealing() {}

  /** The octets behind a copy of the head. */
  static byte[] seal(
      SecretKeySpec key, byte[] head, String place, byte[] plain, SecureRandom random) {
    var nonce = new byte[NONCE_LENGTH];
    random.nextBytes(nonce);
    try {
      var cipher = cipher(Cipher.ENCRYPT_MODE, key, place, nonce);
      var sealed =
          Arrays.copyOf(head, head.length + NONCE_LENGTH + cipher.getOutputSize(plain.length));
      System.arraycopy(nonce, 0, sealed, head.length, NONCE_LENGTH);
      cipher.doFinal(plain, 0, plain.length, sealed, head.length + NONCE_LENGTH);
      return sealed;
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("this runtime has no AES-256-GCM", impossible);
    }
  }

  /**
   * @param head how many octets stand before the nonce
   * @return empty if the key or the place is another, or the octets are changed or cut
   */
  static Optional<byte[]> open(SecretKeySpec key, int head, String place, byte[] sealed) {
    int start = head + NONCE_LENGTH;
    if (sealed.length < start + TAG_BITS / Byte.SIZE) {
      return Optional.empty();
    }
    try {
      var cipher = cipher(Cipher.DECRYPT_MODE, key, place, Arrays.copyOfRange(sealed, head, start));
      return Optional.of(cipher.doFinal(sealed, start, sealed.length - start));
    } catch (AEADBadTagException notOurs) {
      return Optional.empty();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("this runtime has no AES-256-GCM", impossible);
    }
  }

  private static Cipher cipher(int mode, SecretKeySpec key, String place, byte[] nonce)
      throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}

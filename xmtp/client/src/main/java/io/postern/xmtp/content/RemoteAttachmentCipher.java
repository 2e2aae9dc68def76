package io.postern.xmtp.content;

import io.postern.xmtp.proto.mls.EncodedContent;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts files for web servers and opens them again. XIP-17, §4.
 *
 * <pre>
 * key     = HKDF-SHA-256(secret, salt, info = "", 32 octets)      RFC 5869
 * payload = AES-256-GCM(key, nonce, EncodedContent) || tag        no associated data
 * digest  = SHA-256(payload)
 * </pre>
 */
public final class RemoteAttachmentCipher {
  static final int SECRET_BYTES = 32;
  static final int SALT_BYTES = 32;
  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;

  private static final String HMAC = "HmacSHA256";

  private RemoteAttachmentCipher() {}

  /**
   * Encrypts a file under keys of its own. Two calls give two payloads, so store what comes out.
   *
   * @throws ContentException if the file has no name; mobile clients refuse such files
   */
  public static EncryptedFile encrypt(Attachment file, SecureRandom random)
      throws ContentException {
    if (file.filename().orElse("").isEmpty()) {
      throw new ContentException("a remote attachment needs a file name");
    }
    return encrypt(
        ContentCodec.encodeAnySize(file),
        file.filename(),
        draw(random, SECRET_BYTES),
        draw(random, SALT_BYTES),
        draw(random, NONCE_BYTES));
  }

  private static byte[] draw(SecureRandom random, int length) {
    byte[] octets = new byte[length];
    random.nextBytes(octets);
    return octets;
  }

  static EncryptedFile encrypt(
      byte[] plain, Optional<String> filename, byte[] secret, byte[] salt, byte[] nonce) {
    byte[] payload;
    try {
      payload = cipher(Cipher.ENCRYPT_MODE, secret, salt, nonce).doFinal(plain);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("AES-256-GCM refused to encrypt", impossible);
    }
    return new EncryptedFile(
        Octets.of(payload),
        HexFormat.of().formatHex(MessageId.sha256().digest(payload)),
        Octets.of(secret),
        Octets.of(salt),
        Octets.of(nonce),
        filename);
  }

  /**
   * Checks and opens a payload.
   *
   * @param payload what the server gave; {@code contentLength} is not compared, the digest is
   * @return an {@link Attachment} whose name is the inner one, or {@link Text} or {@link Markdown}
   *     if that is what was encrypted; content of any other type as an unnamed file
   * @throws ContentException if digest, tag, salt or nonce are wrong, or if the payload holds no
   *     EncodedContent or one that points to yet another remote file
   */
  public static Content decrypt(RemoteAttachment attachment, byte[] payload)
      throws ContentException {
    if (!attachment.matches(payload)) {
      throw new ContentException("the payload is not what contentDigest promises");
    }
    if (attachment.salt().length() != SALT_BYTES || attachment.nonce().length() != NONCE_BYTES) {
      throw new ContentException("a remote attachment needs a salt of 32 and a nonce of 12 octets");
    }
    if (payload.length < TAG_BYTES) {
      throw new ContentException("the payload is shorter than its tag");
    }
    return open(plain(attachment, payload));
  }

  private static byte[] plain(RemoteAttachment attachment, byte[] payload) throws ContentException {
    try {
      return cipher(
              Cipher.DECRYPT_MODE,
              attachment.secret().toByteArray(),
              attachment.salt().toByteArray(),
              attachment.nonce().toByteArray())
          .doFinal(payload);
    } catch (AEADBadTagException forged) {
      throw new ContentException("the payload does not open with these keys", forged);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("AES-256-GCM refused to decrypt", impossible);
    }
  }

  private static Content open(byte[] plain) throws ContentException {
    var content = ContentCodec.decode(plain, ContentReader.MAX_LEVELS);
    if (content instanceof Attachment || content instanceof Text || content instanceof Markdown) {
      return content;
    }
    if (content instanceof RemoteAttachment || content instanceof MultiRemoteAttachment) {
      throw new ContentException("a remote attachment must not hold another one");
    }
    // Any other type, known or not: libxmtp hands out the octets as a file, and so do we.
    var encoded = ContentReader.parse(EncodedContent.parser(), plain, "EncodedContent");
    var octets = Octets.of(new ContentReader(encoded, 0).content());
    return new Attachment(Optional.empty(), "application/octet-stream", octets);
  }

  private static Cipher cipher(int mode, byte[] secret, byte[] salt, byte[] nonce)
      throws GeneralSecurityException {
    byte[] key = key(secret, salt);
    try {
      var cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG_BYTES, nonce));
      return cipher;
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** HKDF with empty info and one block of output, RFC 5869 §2. */
  static byte[] key(byte[] secret, byte[] salt) throws GeneralSecurityException {
    byte[] extracted = hmac(salt, secret);
    try {
      return hmac(extracted, new byte[] {1});
    } finally {
      Arrays.fill(extracted, (byte) 0);
    }
  }

  private static byte[] hmac(byte[] key, byte[] message) throws GeneralSecurityException {
    var mac = Mac.getInstance(HMAC);
    mac.init(new SecretKeySpec(key, HMAC));
    return mac.doFinal(message);
  }
}

package io.postern.mail.auth;

import io.postern.mail.MailException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/** Mails and keys of the tests of authentication. */
final class Mails {
  static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

  private Mails() {}

  /** The octets of a mail written with LF. */
  static byte[] octets(String text) {
    return text.replace("\r\n", "\n").replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  static SignedMail read(byte[] octets) throws MailException {
    try {
      return SignedMail.read(new ByteArrayInputStream(octets));
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  static List<DkimResult> verify(byte[] mail, Dns dns) throws MailException {
    return Dkim.verify(read(mail), dns, NOW);
  }

  static byte[] pem(String algorithm, int bits) {
    try {
      var generator = KeyPairGenerator.getInstance(algorithm);
      if (bits > 0) {
        generator.initialize(bits);
      }
      var key = generator.generateKeyPair().getPrivate().getEncoded();
      return ("-----BEGIN PRIVATE KEY-----\n"
              + Base64.getMimeEncoder().encodeToString(key)
              + "\n-----END PRIVATE KEY-----\n")
          .getBytes(StandardCharsets.US_ASCII);
    } catch (NoSuchAlgorithmException absent) {
      throw new AssertionError(absent);
    }
  }

  static SigningKey rsa() {
    return key(pem("RSA", 1024));
  }

  static SigningKey ed25519() {
    return key(pem("Ed25519", 0));
  }

  static SigningKey key(byte[] pem) {
    try {
      return SigningKey.read(pem);
    } catch (InvalidKeyException refused) {
      throw new AssertionError(refused);
    }
  }
}

package io.postern.bridge;

import io.postern.mail.auth.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;

/** A key of a test, with which mail is signed. */
final class TestKey {
  private TestKey() {}

  static SigningKey any() throws GeneralSecurityException {
    return SigningKey.read(pem("Ed25519").getBytes(StandardCharsets.US_ASCII));
  }

  /** A new RSA key in a file. */
  static SigningKey write(Path file) throws GeneralSecurityException, IOException {
    return write(file, "RSA");
  }

  /**
   * A new key in a file.
   *
   * @param kind as Java calls it
   */
  static SigningKey write(Path file, String kind) throws GeneralSecurityException, IOException {
    Files.writeString(file, pem(kind));
    return SigningKey.read(Files.readAllBytes(file));
  }

  private static String pem(String kind) throws GeneralSecurityException {
    var pair = KeyPairGenerator.getInstance(kind).generateKeyPair();
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }
}

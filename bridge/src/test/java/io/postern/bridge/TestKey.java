package io.postern.bridge;

import io.postern.mail.auth.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;

/** A key of a test, with which mail is signed. */
final class TestKey {
  private TestKey() {}

  static SigningKey any() throws GeneralSecurityException {
    var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    var pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    return SigningKey.read(pem.getBytes(StandardCharsets.US_ASCII));
  }
}

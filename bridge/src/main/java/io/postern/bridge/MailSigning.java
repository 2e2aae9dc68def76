package io.postern.bridge;

import io.postern.config.DkimSettings;
import io.postern.mail.auth.DkimSigner;
import io.postern.mail.auth.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the keys that sign mail of ours: each key signs for every bridge domain. */
final class MailSigning {
  private MailSigning() {}

  /**
   * @return one that leaves mail as it is if no key is configured
   * @throws BridgeException if a key cannot be read; it names the file and what to do
   */
  static DkimSigner open(List<DkimSettings> keys, List<String> domains) throws BridgeException {
    var signatures = new ArrayList<DkimSigner.Signature>();
    for (var settings : keys) {
      var key = read(settings.keyFile(), settings.selector());
      for (var domain : domains) {
        signatures.add(new DkimSigner.Signature(domain, settings.selector(), key));
      }
    }
    return new DkimSigner(signatures);
  }

  /**
   * @param selector for the advice
   */
  static SigningKey read(Path file, String selector) throws BridgeException {
    byte[] pem;
    try (var in = Files.newInputStream(file)) {
      pem = in.readNBytes(SigningKey.MAX_PEM + 1);
    } catch (IOException unreadable) {
      throw new BridgeException(
          "dkim.keyFile "
              + file
              + " cannot be read: "
              + Words.of(unreadable)
              + "; make it with: postern dkim --selector "
              + selector
              + " "
              + file,
          unreadable);
    }
    try {
      return SigningKey.read(pem);
    } catch (InvalidKeyException unusable) {
      throw new BridgeException(
          "dkim.keyFile " + file + ": " + unusable.getMessage() + "; take it away to make another",
          unusable);
    } finally {
      Arrays.fill(pem, (byte) 0);
    }
  }
}

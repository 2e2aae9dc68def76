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
      var key = read(settings);
      for (var domain : domains) {
        signatures.add(new DkimSigner.Signature(domain, settings.selector(), key));
      }
    }
    return new DkimSigner(signatures);
  }

  private static SigningKey read(DkimSettings settings) throws BridgeException {
    try {
      return read(settings.keyFile());
    } catch (IOException unreadable) {
      throw new BridgeException(
          "dkim.keyFile "
              + settings.keyFile()
              + " cannot be read: "
              + Words.of(unreadable)
              + "; make it with: postern dkim --selector "
              + settings.selector()
              + " "
              + settings.keyFile(),
          unreadable);
    } catch (InvalidKeyException unusable) {
      throw new BridgeException(
          "dkim.keyFile " + settings.keyFile() + ": " + unusable.getMessage(), unusable);
    }
  }

  static SigningKey read(Path file) throws IOException, InvalidKeyException {
    byte[] pem;
    try (var in = Files.newInputStream(file)) {
      pem = in.readNBytes(SigningKey.MAX_PEM + 1);
    }
    try {
      return SigningKey.read(pem);
    } finally {
      Arrays.fill(pem, (byte) 0);
    }
  }
}

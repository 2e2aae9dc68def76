package io.postern.bridge;

import io.postern.config.VaultSettings;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Vault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Reads the vault key, or makes it where the settings let it: 64 hex digits in a file of its own.
 */
final class VaultFile {
  private static final int MAX_FILE = 1024;

  private VaultFile() {}

  static Vault open(VaultSettings settings) throws BridgeException {
    if (settings instanceof VaultSettings.KeyFile keyFile) {
      try {
        if (keyFile.madeIfAbsent() && Files.notExists(keyFile.file())) {
          make(keyFile.file());
        }
        return read(keyFile.file());
      } catch (IOException unreadable) {
        throw new BridgeException(
            "vault.keyFile "
                + keyFile.file()
                + " cannot be read: "
                + Words.of(unreadable)
                + "; make it with: openssl rand -hex 32 > "
                + keyFile.file(),
            unreadable);
      }
    }
    throw new BridgeException(
        "vault.passphraseFile is not yet available; use vault.keyFile with 64 hex digits");
  }

  private static Vault read(Path file) throws IOException, BridgeException {
    if (Files.size(file) > MAX_FILE) {
      throw new BridgeException("vault.keyFile " + file + " is no key file: it is too large");
    }
    var text = Files.readAllBytes(file);
    try {
      return Vault.of(Secret.take(key(text)));
    } catch (IllegalArgumentException malformed) {
      throw new BridgeException(
          "vault.keyFile " + file + " must hold 64 hex digits and nothing else");
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  /** The octets that the hex digits stand for; no String holds them, since none can be erased. */
  private static byte[] key(byte[] text) {
    int start = 0;
    int end = text.length;
    while (end > start && Character.isWhitespace(text[end - 1])) {
      end--;
    }
    while (start < end && Character.isWhitespace(text[start])) {
      start++;
    }
    if (end - start != 2 * Vault.KEY_LENGTH) {
      throw new IllegalArgumentException("not 64 digits");
    }
    var key = new byte[Vault.KEY_LENGTH];
    for (int i = 0; i < key.length; i++) {
      int high = HexFormat.fromHexDigit(text[start + 2 * i]);
      int low = HexFormat.fromHexDigit(text[start + 2 * i + 1]);
      key[i] = (byte) (high << 4 | low);
    }
    return key;
  }

  private static void make(Path file) throws IOException {
    var key = new byte[Vault.KEY_LENGTH];
    new SecureRandom().nextBytes(key);
    var text = new byte[2 * key.length + 1];
    for (int i = 0; i < key.length; i++) {
      text[2 * i] = (byte) HexFormat.of().toHighHexDigit(key[i]);
      text[2 * i + 1] = (byte) HexFormat.of().toLowHexDigit(key[i]);
    }
    text[2 * key.length] = '\n';
    Arrays.fill(key, (byte) 0);
    var half = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(half);
    try {
      PrivateFile.write(half, text);
    } finally {
      Arrays.fill(text, (byte) 0);
    }
    Files.move(half, file);
    // The name must be durable before the first secret is sealed with what it names.
    PrivateFile.syncFolder(file.toAbsolutePath().getParent());
  }
}

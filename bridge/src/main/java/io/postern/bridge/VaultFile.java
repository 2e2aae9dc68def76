package io.postern.bridge;

import io.postern.config.VaultSettings;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Vault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

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
                + " cannot be read ("
                + unreadable.getMessage()
                + "); make it with: openssl rand -hex 32 > "
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
    var octets = Files.readAllBytes(file);
    var text = new String(octets, StandardCharsets.US_ASCII).strip();
    Arrays.fill(octets, (byte) 0);
    try {
      return Vault.of(Secret.take(HexFormat.of().parseHex(text)));
    } catch (IllegalArgumentException malformed) {
      throw new BridgeException(
          "vault.keyFile " + file + " must hold 64 hex digits and nothing else");
    }
  }

  private static void make(Path file) throws IOException {
    var key = new byte[Vault.KEY_LENGTH];
    new SecureRandom().nextBytes(key);
    var text = (HexFormat.of().formatHex(key) + "\n").getBytes(StandardCharsets.US_ASCII);
    Arrays.fill(key, (byte) 0);
    var half = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(half);
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (var channel = create(half, options)) {
      channel.write(ByteBuffer.wrap(text));
      channel.force(true);
    }
    Arrays.fill(text, (byte) 0);
    Files.move(half, file);
  }

  private static FileChannel create(Path file, Set<StandardOpenOption> options) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return FileChannel.open(file, options);
    }
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    return FileChannel.open(file, options, ownerOnly);
  }
}

package io.postern.bridge;

import io.postern.config.VaultSettings;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Argon2id;
import io.postern.xmtp.store.Vault;
import io.postern.xmtp.store.VaultStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * What opens the vault: 64 hex digits in a file of their own, made where the settings let it, or a
 * passphrase in a file.
 */
final class VaultFile {
  private static final int MAX_FILE = 1024;

  /** Octets of a passphrase; a shorter one can be guessed by whoever has the database. */
  private static final int LEAST_PASSPHRASE = 12;

  private VaultFile() {}

  /**
   * The vault of a database whose tables are there, made if it has none.
   *
   * @throws BridgeException if what the settings name does not open it, with what to do
   */
  static Vault open(VaultSettings settings, Jdbi database, Instant now) throws BridgeException {
    var opening = database.withHandle(VaultStore::opening);
    var stretch = Optional.<Argon2id>empty();
    if (settings instanceof VaultSettings.PassphraseFile) {
      if (opening == VaultStore.Opening.KEY) {
        throw new BridgeException(
            "vault.passphraseFile: the vault of this database opens with a key file; name that at"
                + " vault.keyFile, and change to a passphrase by: postern vault rekey");
      }
      stretch =
          database
              .withHandle(VaultStore::stretch)
              .or(() -> Optional.of(Argon2id.usual(new SecureRandom())));
    } else if (opening == VaultStore.Opening.PASSPHRASE) {
      throw new BridgeException(
          "vault.keyFile: the vault of this database opens with a passphrase; name its file at"
              + " vault.passphraseFile, and change to a key file by: postern vault rekey");
    }
    var master = master(settings, stretch);
    try {
      return Vault.open(database, master, stretch, now);
    } finally {
      master.erase();
    }
  }

  /**
   * Sees to it that the settings name what opens the vault of a database whose tables are there;
   * makes nothing.
   *
   * @throws BridgeException if they do not, with what to do
   */
  static void requireKey(VaultSettings settings, Jdbi database, Instant now)
      throws BridgeException {
    if (database.withHandle(VaultStore::opening) == VaultStore.Opening.NOT_SAID) {
      return;
    }
    if (settings instanceof VaultSettings.KeyFile keyFile && Files.notExists(keyFile.file())) {
      throw new BridgeException(
          "vault.keyFile "
              + keyFile.file()
              + " is not there; take the one with which the postern runs that has this database");
    }
    open(settings, database, now);
  }

  /**
   * The master key that the settings name.
   *
   * @param stretch of a passphrase; not asked for a key file
   */
  static Secret master(VaultSettings settings, Optional<Argon2id> stretch) throws BridgeException {
    if (settings instanceof VaultSettings.KeyFile keyFile) {
      return key(keyFile);
    }
    var passphrase = passphrase(((VaultSettings.PassphraseFile) settings).file());
    try {
      return stretch.orElseThrow().key(passphrase);
    } finally {
      Arrays.fill(passphrase, (byte) 0);
    }
  }

  /** Reads what the settings name, and says what is wrong with it; makes nothing. */
  static void check(VaultSettings settings) throws BridgeException {
    if (settings instanceof VaultSettings.KeyFile keyFile) {
      key(new VaultSettings.KeyFile(keyFile.file(), false)).erase();
    } else {
      Arrays.fill(passphrase(((VaultSettings.PassphraseFile) settings).file()), (byte) 0);
    }
  }

  /** The key of a file, which is made if it may be. */
  static Secret key(VaultSettings.KeyFile keyFile) throws BridgeException {
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
              + "; make it with: postern vault create, or: openssl rand -hex 32 > "
              + keyFile.file(),
          unreadable);
    }
  }

  /** The passphrase of a file: all of it but the end of its last line. */
  private static byte[] passphrase(Path file) throws BridgeException {
    byte[] text;
    try {
      text = PrivateFile.read(file, "vault.passphraseFile", MAX_FILE);
    } catch (IOException unreadable) {
      throw new BridgeException(
          "vault.passphraseFile "
              + file
              + " cannot be read: "
              + Words.of(unreadable)
              + "; write a passphrase into it, and nothing else",
          unreadable);
    }
    int end = text.length;
    while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == '\r')) {
      end--;
    }
    var passphrase = Arrays.copyOf(text, end);
    Arrays.fill(text, (byte) 0);
    for (byte octet : passphrase) {
      if (octet == '\n' || octet == '\r' || octet == 0) {
        throw new BridgeException("vault.passphraseFile " + file + " has more than one line");
      }
    }
    if (end < LEAST_PASSPHRASE) {
      throw new BridgeException(
          "vault.passphraseFile "
              + file
              + " holds fewer than "
              + LEAST_PASSPHRASE
              + " characters; write several words");
    }
    return passphrase;
  }

  private static Secret read(Path file) throws IOException, BridgeException {
    var text = PrivateFile.read(file, "vault.keyFile", MAX_FILE);
    try {
      return Secret.take(key(text));
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

  /** A new key in a file that is not there yet. */
  static void make(Path file) throws IOException {
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

package io.postern.bridge;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Argon2id;
import io.postern.xmtp.store.Vault;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The beginning of a backup file: its own key, sealed twice, so that the vault's key opens it as
 * well as the words of the seed do.
 *
 * @param stretch how the passphrase becomes the vault's key, if it comes from one
 * @param byMaster the file's key, sealed with the vault's master key
 * @param byWords the file's key, sealed with a key that comes from the seed
 */
record BackupHeader(Optional<Argon2id> stretch, byte[] byMaster, byte[] byWords) {
  private static final byte[] MAGIC = "POSTERN BACKUP 1\n".getBytes(StandardCharsets.US_ASCII);
  private static final String PLACE = "backup.key";
  private static final byte[] LABEL =
      "postern backup 1, key from the seed".getBytes(StandardCharsets.US_ASCII);

  /** A sealed key of 32 octets is shorter. */
  private static final int MAX_SEALED = 256;

  private static final int MAX_SALT = 64;

  static BackupHeader of(Secret fileKey, Vault vault, Optional<Argon2id> stretch, byte[] entropy) {
    var octets = fileKey.toOctets();
    var words = wordsKey(entropy);
    try {
      return new BackupHeader(
          stretch, vault.sealByMaster(PLACE, octets), Vault.of(words).sealByMaster(PLACE, octets));
    } finally {
      words.erase();
      Arrays.fill(octets, (byte) 0);
    }
  }

  /**
   * The file's key, by the vault's master key.
   *
   * @throws Vault.VaultException if it is another
   */
  Secret openByMaster(Secret master) {
    return Secret.take(Vault.of(master).openByMaster(PLACE, byMaster));
  }

  /**
   * The file's key, by the entropy of the words.
   *
   * @throws Vault.VaultException if these are the words of another seed
   */
  Secret openByWords(byte[] entropy) {
    var words = wordsKey(entropy);
    try {
      return Secret.take(Vault.of(words).openByMaster(PLACE, byWords));
    } finally {
      words.erase();
    }
  }

  /** HMAC-SHA-256 of a label under the entropy, which is random: RFC 5869 would add nothing. */
  private static Secret wordsKey(byte[] entropy) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(entropy, "HmacSHA256"));
      return Secret.take(mac.doFinal(LABEL));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java runtime has HmacSHA256", impossible);
    }
  }

  void write(OutputStream out) throws IOException {
    var data = new DataOutputStream(out);
    data.write(MAGIC);
    data.writeBoolean(stretch.isPresent());
    if (stretch.isPresent()) {
      data.writeInt(stretch.get().memoryKib());
      data.writeInt(stretch.get().passes());
      data.writeInt(stretch.get().lanes());
      writeShort(data, stretch.get().salt());
    }
    writeShort(data, byMaster);
    writeShort(data, byWords);
    data.flush();
  }

  private static void writeShort(DataOutputStream data, byte[] octets) throws IOException {
    data.writeShort(octets.length);
    data.write(octets);
  }

  /**
   * @throws BackupException if it is no backup, or one of another version
   */
  static BackupHeader read(DataInputStream data) throws IOException, BackupException {
    if (!Arrays.equals(data.readNBytes(MAGIC.length), MAGIC)) {
      throw new BackupException("it is no backup of postern, or one of another version");
    }
    var stretch = Optional.<Argon2id>empty();
    if (data.readBoolean()) {
      int memory = data.readInt();
      int passes = data.readInt();
      int lanes = data.readInt();
      var salt = readShort(data, MAX_SALT);
      try {
        stretch = Optional.of(new Argon2id(memory, passes, lanes, salt));
      } catch (IllegalArgumentException unreasonable) {
        throw new BackupException("its beginning is damaged: " + unreasonable.getMessage());
      }
    }
    return new BackupHeader(stretch, readShort(data, MAX_SEALED), readShort(data, MAX_SEALED));
  }

  private static byte[] readShort(DataInputStream data, int max)
      throws IOException, BackupException {
    int length = data.readUnsignedShort();
    if (length > max) {
      throw new BackupException("its beginning is damaged");
    }
    var octets = new byte[length];
    data.readFully(octets);
    return octets;
  }

  /** Of all its octets: each part of the file names it, so that none can be put into another. */
  String digest() {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      write(new DigestOutputStream(OutputStream.nullOutputStream(), sha));
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException | IOException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    }
  }
}

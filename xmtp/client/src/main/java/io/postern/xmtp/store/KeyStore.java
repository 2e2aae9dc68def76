package io.postern.xmtp.store;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.identity.InstallationId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Our key packages and their private keys. A welcome names a key package by the public key that it
 * was wrapped for: the init key, or the X-Wing key.
 */
public final class KeyStore {
  private static final String SECRETS = "key_package.secrets";
  private static final int KEY_LENGTH = 32;

  private final Vault vault;

  public KeyStore(Vault vault) {
    this.vault = vault;
  }

  /**
   * A key package of ours and what opens things meant for it; 32 octets each.
   *
   * @param reference the hash reference (RFC 9420 §5.2)
   * @param octets the bare KeyPackage
   */
  public record OwnKeys(
      byte[] reference, byte[] octets, Secret initKey, Secret encryptionKey, Secret wrapperSeed) {
    /** Wipes the private keys. */
    public void erase() {
      initKey.erase();
      encryptionKey.erase();
      wrapperSeed.erase();
    }
  }

  /** Keeps a new key package. Commit before it is uploaded. */
  public void insert(
      Handle handle,
      InstallationId installation,
      OwnKeys keys,
      byte[] initPublicKey,
      byte[] wrapperPublicKey,
      long createdNs) {
    var secrets = ByteBuffer.allocate(3 * KEY_LENGTH);
    for (var secret : List.of(keys.initKey(), keys.encryptionKey(), keys.wrapperSeed())) {
      var octets = secret.toOctets();
      secrets.put(octets);
      Arrays.fill(octets, (byte) 0);
    }
    handle
        .createUpdate(
            "insert into key_package (installation_id, reference, init_key, wrapper_hash, octets,"
                + " secrets_sealed, created_ns) values (?, ?, ?, ?, ?, ?, ?)")
        .bind(0, installation.octets())
        .bind(1, keys.reference())
        .bind(2, initPublicKey)
        .bind(3, sha256(wrapperPublicKey))
        .bind(4, keys.octets())
        .bind(5, vault.seal(SECRETS, secrets.array()))
        .bind(6, createdNs)
        .execute();
    Arrays.fill(secrets.array(), (byte) 0);
  }

  /** The keys whose init key or X-Wing key is this one. */
  public Optional<OwnKeys> find(Handle handle, InstallationId installation, byte[] publicKey) {
    return handle
        .createQuery(
            "select reference, octets, secrets_sealed from key_package"
                + " where installation_id = ? and (init_key = ? or wrapper_hash = ?)")
        .bind(0, installation.octets())
        .bind(1, publicKey)
        .bind(2, sha256(publicKey))
        .map((row, context) -> read(row))
        .findFirst();
  }

  /** Whether the private keys of the package with this init key are here. */
  public boolean has(Handle handle, InstallationId installation, byte[] initKey) {
    return handle
        .createQuery("select count(*) from key_package where installation_id = ? and init_key = ?")
        .bind(0, installation.octets())
        .bind(1, initKey)
        .mapTo(Integer.class)
        .map(count -> count > 0)
        .one();
  }

  /**
   * A newer package has replaced all that were made before it: they are deleted at the given time.
   * One that is marked already keeps its time.
   */
  public void superseded(
      Handle handle, InstallationId installation, byte[] byReference, long deleteAtNs) {
    handle
        .createUpdate(
            "update key_package set delete_at_ns = ?"
                + " where installation_id = ? and reference <> ? and delete_at_ns is null")
        .bind(0, deleteAtNs)
        .bind(1, installation.octets())
        .bind(2, byReference)
        .execute();
  }

  /** Erases private keys whose time is over. */
  public int deleteDue(Handle handle, long nowNs) {
    return handle
        .createUpdate("delete from key_package where delete_at_ns <= ?")
        .bind(0, nowNs)
        .execute();
  }

  private OwnKeys read(ResultSet row) throws SQLException {
    var secrets = vault.open(SECRETS, row.getBytes(3));
    var keys =
        new OwnKeys(
            row.getBytes(1),
            row.getBytes(2),
            Secret.take(Arrays.copyOfRange(secrets, 0, KEY_LENGTH)),
            Secret.take(Arrays.copyOfRange(secrets, KEY_LENGTH, 2 * KEY_LENGTH)),
            Secret.take(Arrays.copyOfRange(secrets, 2 * KEY_LENGTH, 3 * KEY_LENGTH)));
    Arrays.fill(secrets, (byte) 0);
    return keys;
  }

  private static byte[] sha256(byte[] octets) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(octets);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every runtime has SHA-256", impossible);
    }
  }
}

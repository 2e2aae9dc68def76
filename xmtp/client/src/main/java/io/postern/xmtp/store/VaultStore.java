package io.postern.xmtp.store;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Vault.Purpose;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;

/** How the vault is opened, and its data keys, sealed with the master key. */
public final class VaultStore {
  private static final int ONLY_ROW = 1;
  private static final String CHECK = "vault.check";
  private static final byte[] CHECKED = "postern vault".getBytes(StandardCharsets.US_ASCII);

  private final Vault byMaster;

  VaultStore(Vault byMaster) {
    this.byMaster = byMaster;
  }

  /** A data key, opened. */
  record DataKey(int id, Purpose purpose, Secret key) {}

  /** How a database's vault is opened. */
  public enum Opening {
    /** There is no vault yet, or one of a version that had key files only. */
    NOT_SAID,
    KEY,
    PASSPHRASE
  }

  /** How the vault of these tables is opened, without opening it. */
  public static Opening opening(Handle handle) {
    return handle
        .createQuery("select salt from vault where id = ?")
        .bind(0, ONLY_ROW)
        .map((row, context) -> row.getBytes(1) == null ? Opening.KEY : Opening.PASSPHRASE)
        .findOne()
        .orElse(Opening.NOT_SAID);
  }

  /**
   * How a passphrase becomes the master key of these tables.
   *
   * @throws IllegalArgumentException if what stands there is beyond any reason
   */
  public static Optional<Argon2id> stretch(Handle handle) {
    return handle
        .createQuery("select memory_kib, passes, lanes, salt from vault where id = ?")
        .bind(0, ONLY_ROW)
        .map((row, context) -> stretch(row))
        .findOne()
        .flatMap(found -> found);
  }

  private static Optional<Argon2id> stretch(ResultSet row) throws SQLException {
    var salt = row.getBytes(4);
    return salt == null
        ? Optional.empty()
        : Optional.of(new Argon2id(row.getInt(1), row.getInt(2), row.getInt(3), salt));
  }

  /** Whether a backup is being put into these tables, and is not whole yet. */
  public static boolean isRestoring(Handle handle) {
    return handle
            .createQuery("select count(*) from vault where id = ? and restoring")
            .bind(0, ONLY_ROW)
            .mapTo(Long.class)
            .one()
        > 0;
  }

  /** Marks the tables so, or ends that. The vault is open. */
  public static void restoring(Handle handle, boolean restoring) {
    handle
        .createUpdate("update vault set restoring = ? where id = ?")
        .bind(0, restoring)
        .bind(1, ONLY_ROW)
        .execute();
  }

  boolean isMade(Handle handle) {
    return opening(handle) != Opening.NOT_SAID;
  }

  /**
   * @throws Vault.VaultException if the master key is another
   */
  void check(Handle handle) {
    var sealed =
        handle
            .createQuery("select check_sealed from vault where id = ?")
            .bind(0, ONLY_ROW)
            .map((row, context) -> row.getBytes(1))
            .one();
    if (!Arrays.equals(byMaster.openByMaster(CHECK, sealed), CHECKED)) {
      throw new IllegalStateException("the check of the vault is another text");
    }
  }

  /** Makes the row and the data keys. */
  void make(Handle handle, Optional<Argon2id> stretch, Instant now) {
    insertRow(handle, stretch);
    if (hasSealed(handle)) {
      var master = byMaster.master();
      insert(handle, new DataKey(0, Purpose.BEFORE_DATA_KEYS, master), now);
      master.erase();
    }
    addKey(handle, Purpose.LASTING, now);
    addKey(handle, Purpose.STATE, now);
  }

  /** Seals the data keys, which stay what they are, with this master key instead. */
  void rewrap(Handle handle, List<DataKey> keys, Optional<Argon2id> stretch) {
    handle.createUpdate("delete from vault where id = ?").bind(0, ONLY_ROW).execute();
    insertRow(handle, stretch);
    for (var key : keys) {
      handle
          .createUpdate("update vault_key set key_sealed = ? where id = ?")
          .bind(0, sealed(key))
          .bind(1, key.id())
          .execute();
    }
  }

  private void insertRow(Handle handle, Optional<Argon2id> stretch) {
    handle
        .createUpdate(
            "insert into vault (id, memory_kib, passes, lanes, salt, check_sealed)"
                + " values (?, ?, ?, ?, ?, ?)")
        .bind(0, ONLY_ROW)
        .bind(1, stretch.map(Argon2id::memoryKib).orElse(null))
        .bind(2, stretch.map(Argon2id::passes).orElse(null))
        .bind(3, stretch.map(Argon2id::lanes).orElse(null))
        .bind(4, stretch.map(Argon2id::salt).orElse(null))
        .bind(5, byMaster.sealByMaster(CHECK, CHECKED))
        .execute();
  }

  /** Whether a version without data keys has sealed anything: it begins with an inbox or a seed. */
  private static boolean hasSealed(Handle handle) {
    return handle
            .createQuery(
                "select (select count(*) from wallet_seed) + (select count(*) from hosted_inbox)")
            .mapTo(Long.class)
            .one()
        > 0;
  }

  private void addKey(Handle handle, Purpose purpose, Instant now) {
    int id =
        handle
            .createQuery("select coalesce(max(id), 0) + 1 from vault_key")
            .mapTo(Integer.class)
            .one();
    var fresh = Secret.random(Vault.KEY_LENGTH, new SecureRandom());
    insert(handle, new DataKey(id, purpose, fresh), now);
    fresh.erase();
  }

  private void insert(Handle handle, DataKey key, Instant now) {
    handle
        .createUpdate(
            "insert into vault_key (id, purpose, key_sealed, made_at_ns) values (?, ?, ?, ?)")
        .bind(0, key.id())
        .bind(1, key.purpose().ordinal())
        .bind(2, sealed(key))
        .bind(3, TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano())
        .execute();
  }

  private byte[] sealed(DataKey key) {
    var octets = key.key().toOctets();
    try {
      return byMaster.sealByMaster(place(key.id()), octets);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /** All data keys, opened; the caller erases them. */
  List<DataKey> keys(Handle handle) {
    return handle
        .createQuery("select id, purpose, key_sealed from vault_key order by id")
        .map(
            (row, context) ->
                new DataKey(
                    row.getInt(1),
                    Purpose.values()[row.getInt(2)],
                    Secret.take(byMaster.openByMaster(place(row.getInt(1)), row.getBytes(3)))))
        .list();
  }

  /** A row that is put in the place of another does not open. */
  private static String place(int id) {
    return "vault_key.key " + id;
  }
}

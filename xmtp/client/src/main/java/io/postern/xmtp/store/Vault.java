package io.postern.xmtp.store;

import io.postern.mls.crypto.Secret;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Seals what must not lie open in the database: wallet seed, installation keys, group secrets. The
 * place where sealed octets belong is authenticated with them, so that a row copied elsewhere does
 * not open. Used by several threads.
 *
 * <pre>
 *   master key  --seals-->  data keys (table vault_key)  --seal-->  everything else
 *
 *   format 1:  01 ‖ nonce ‖ AES-256-GCM under the master key
 *   format 2:  02 ‖ number of the data key (4 octets) ‖ nonce ‖ AES-256-GCM under that key
 * </pre>
 *
 * So another master key costs a few rows (docs/adr/0013). Values of format 1 are those of versions
 * that knew no data keys; they open with the master key of that time, which is kept as key 0.
 */
public final class Vault {
  /** Octets of a vault key. */
  public static final int KEY_LENGTH = 32;

  private static final byte BY_MASTER = 1;
  private static final byte BY_DATA_KEY = 2;
  private static final int DATA_KEY_HEAD = 1 + Integer.BYTES;
  private static final byte[] MASTER_HEAD = {BY_MASTER};

  /** What a data key is for. The numbers are those of the table. */
  enum Purpose {
    BEFORE_DATA_KEYS,
    LASTING,
    STATE
  }

  private final SecretKeySpec master;
  private final Map<Integer, SecretKeySpec> keys;

  /** With which of the keys to seal; 0: with the master key. */
  private final int sealWith;

  private final Map<Purpose, Integer> newest;
  private final SecureRandom random = new SecureRandom();

  private Vault(
      SecretKeySpec master,
      Map<Integer, SecretKeySpec> keys,
      Map<Purpose, Integer> newest,
      Purpose purpose) {
    this.master = master;
    this.keys = keys;
    this.newest = newest;
    this.sealWith = newest.getOrDefault(purpose, 0);
  }

  /**
   * A vault of one key, without a database of its own.
   *
   * @param key 32 octets; the vault keeps a copy of its own
   * @throws IllegalArgumentException at any other length
   */
  public static Vault of(Secret key) {
    return new Vault(key(key), Map.of(), Map.of(), Purpose.LASTING);
  }

  /**
   * The vault of a database, made if there is none. The tables are there.
   *
   * @param master 32 octets; the vault keeps a copy of its own
   * @param stretch how a passphrase becomes the master key, for a vault that is made now; empty: it
   *     does not come from one
   * @param now for the record
   * @throws VaultException if this is not the key of what is there
   */
  public static Vault open(Jdbi database, Secret master, Optional<Argon2id> stretch, Instant now) {
    return database.inTransaction(handle -> open(handle, key(master), stretch, now));
  }

  /**
   * Gives the vault of a database another master key; what the data keys have sealed stays as it
   * is. From the return of this on, only the new one opens it.
   *
   * @param stretch as for {@link #open}
   * @throws VaultException if this vault has not the present master key
   */
  public Vault rekey(Jdbi database, Secret master, Optional<Argon2id> stretch) {
    var next = new Vault(key(master), keys, newest, Purpose.LASTING);
    database.useTransaction(
        handle -> {
          var present = new VaultStore(this);
          present.check(handle);
          var dataKeys = present.keys(handle);
          new VaultStore(next).rewrap(handle, dataKeys, stretch);
          dataKeys.forEach(key -> key.key().erase());
        });
    return next;
  }

  private static Vault open(
      Handle handle, SecretKeySpec master, Optional<Argon2id> stretch, Instant now) {
    var alone = new Vault(master, Map.of(), Map.of(), Purpose.LASTING);
    var store = new VaultStore(alone);
    if (store.isMade(handle)) {
      store.check(handle);
    } else {
      // Of a version without data keys, or new. With a wrong key nothing must be made.
      new SeedStore(alone).entropy(handle).ifPresent(entropy -> Arrays.fill(entropy, (byte) 0));
      store.make(handle, stretch, now);
    }
    var keys = new HashMap<Integer, SecretKeySpec>();
    var newest = new HashMap<Purpose, Integer>();
    for (var key : store.keys(handle)) {
      keys.put(key.id(), key(key.key()));
      newest.merge(key.purpose(), key.id(), Math::max);
      key.key().erase();
    }
    return new Vault(master, Map.copyOf(keys), Map.copyOf(newest), Purpose.LASTING);
  }

  private static SecretKeySpec key(Secret key) {
    var octets = key.toOctets();
    try {
      if (octets.length != KEY_LENGTH) {
        throw new IllegalArgumentException("a vault key has 32 octets, not " + octets.length);
      }
      return new SecretKeySpec(octets, "AES");
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /** The same vault, sealing with the key of what ratchets on and is soon replaced. */
  Vault forState() {
    return new Vault(master, keys, newest, Purpose.STATE);
  }

  /**
   * @param place what the octets are and of whom, for example {@code mls_group.epoch}
   */
  public byte[] seal(String place, byte[] plain) {
    if (sealWith == 0) {
      return sealByMaster(place, plain);
    }
    var head = ByteBuffer.allocate(DATA_KEY_HEAD).put(BY_DATA_KEY).putInt(sealWith).array();
    return Sealing.seal(keys.get(sealWith), head, place, plain, random);
  }

  /** Seals with the master key, for what is outside of the database or opens it. */
  public byte[] sealByMaster(String place, byte[] plain) {
    return Sealing.seal(master, MASTER_HEAD, place, plain, random);
  }

  /**
   * @throws VaultException if the octets were sealed with another key, for another place, or
   *     changed
   */
  public byte[] open(String place, byte[] sealed) {
    if (sealed.length >= 1 && sealed[0] == BY_MASTER) {
      var ofThatTime = keys.getOrDefault(0, master);
      return Sealing.open(ofThatTime, 1, place, sealed).orElseThrow(() -> notOurs(place));
    }
    if (sealed.length < DATA_KEY_HEAD || sealed[0] != BY_DATA_KEY) {
      throw new VaultException(
          "the stored " + place + " is not in a format that this version reads");
    }
    int id = ByteBuffer.wrap(sealed).getInt(1);
    var key = keys.get(id);
    if (id == 0 || key == null) {
      throw new VaultException(
          "the stored "
              + place
              + " was sealed with key "
              + id
              + ", which this vault does not have");
    }
    return Sealing.open(key, DATA_KEY_HEAD, place, sealed).orElseThrow(() -> notOurs(place));
  }

  /**
   * Opens what {@link #sealByMaster} sealed.
   *
   * @throws VaultException as {@link #open}
   */
  public byte[] openByMaster(String place, byte[] sealed) {
    if (sealed.length < 1 || sealed[0] != BY_MASTER) {
      throw notOurs(place);
    }
    return Sealing.open(master, 1, place, sealed).orElseThrow(() -> notOurs(place));
  }

  private static VaultException notOurs(String place) {
    return new VaultException(
        "the stored " + place + " does not open with this vault key; use the key that made it");
  }

  /** Seals a secret; the secret stays as it is. */
  public byte[] seal(String place, Secret secret) {
    var octets = secret.toOctets();
    try {
      return seal(place, octets);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  /** Opens what is a secret by itself. */
  public Secret openSecret(String place, byte[] sealed) {
    return Secret.take(open(place, sealed));
  }

  /** The master key, for the row of what it sealed itself; whoever asks erases it. */
  Secret master() {
    return Secret.take(master.getEncoded());
  }

  @Override
  public String toString() {
    return "Vault[" + (keys.isEmpty() ? "key of 32 octets" : keys.size() + " keys") + "]";
  }

  /** Sealed octets do not open: the wrong key file, or a damaged database. */
  public static final class VaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    VaultException(String message) {
      super(message);
    }
  }
}

package io.postern.xmtp.store;

import java.security.SecureRandom;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The one seed that the wallet keys of hosted inboxes are derived from. */
public final class SeedStore {
  private static final String ENTROPY = "wallet_seed.entropy";
  private static final int ONLY_ROW = 1;

  /** Of 24 words. */
  private static final int NEW_OCTETS = 32;

  private final Vault vault;

  public SeedStore(Vault vault) {
    this.vault = vault;
  }

  /** The seed's entropy, if one has been made; the caller erases it. */
  public Optional<byte[]> entropy(Handle handle) {
    return handle
        .createQuery("select entropy_sealed from wallet_seed where id = ?")
        .bind(0, ONLY_ROW)
        .map((row, context) -> vault.open(ENTROPY, row.getBytes(1)))
        .findOne();
  }

  /** The seed's entropy, made if there is none; the caller erases it. */
  public byte[] entropyOrNew(Handle handle, SecureRandom random) {
    var known = entropy(handle);
    if (known.isPresent()) {
      return known.get();
    }
    var fresh = new byte[NEW_OCTETS];
    random.nextBytes(fresh);
    insert(handle, fresh);
    return fresh;
  }

  /** Whether there is a seed; opens nothing. */
  public boolean isMade(Handle handle) {
    return count(handle, "select count(*) from wallet_seed where id = ?");
  }

  /** Whether somebody was shown its words. */
  public boolean isShown(Handle handle) {
    return count(
        handle, "select count(*) from wallet_seed where id = ? and shown_at_ns is not null");
  }

  /** Its words were shown, and are never shown again. */
  public void shown(Handle handle, long nowNs) {
    handle
        .createUpdate("update wallet_seed set shown_at_ns = ? where id = ?")
        .bind(0, nowNs)
        .bind(1, ONLY_ROW)
        .execute();
  }

  private static boolean count(Handle handle, String sql) {
    return handle.createQuery(sql).bind(0, ONLY_ROW).mapTo(Long.class).one() > 0;
  }

  /** Keeps a new seed. Fails if there is one. */
  public void insert(Handle handle, byte[] entropy) {
    handle
        .createUpdate("insert into wallet_seed (id, entropy_sealed) values (?, ?)")
        .bind(0, ONLY_ROW)
        .bind(1, vault.seal(ENTROPY, entropy))
        .execute();
  }
}

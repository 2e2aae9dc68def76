package io.postern.xmtp.store;

import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The one seed that the wallet keys of hosted inboxes are derived from. */
public final class SeedStore {
  private static final String ENTROPY = "wallet_seed.entropy";
  private static final int ONLY_ROW = 1;

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

  /** Keeps a new seed. Fails if there is one. */
  public void insert(Handle handle, byte[] entropy) {
    handle
        .createUpdate("insert into wallet_seed (id, entropy_sealed) values (?, ?)")
        .bind(0, ONLY_ROW)
        .bind(1, vault.seal(ENTROPY, entropy))
        .execute();
  }
}

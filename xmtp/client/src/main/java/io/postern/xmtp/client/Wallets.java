package io.postern.xmtp.client;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.identity.Mnemonic;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.store.ClientStore;
import java.security.SecureRandom;
import org.jdbi.v3.core.Handle;

/**
 * The wallet keys of hosted inboxes: the n-th is derived from the one seed, so that the seed and
 * the database restore every identity. The seed is made with the first inbox.
 */
final class Wallets {
  private static final int ENTROPY_OCTETS = 32;

  private final ClientStore store;
  private final SecureRandom random;

  Wallets(ClientStore store, SecureRandom random) {
    this.store = store;
    this.random = random;
  }

  /** The wallet with this index. Makes the seed if there is none. */
  synchronized WalletKey at(long index) {
    var entropy = store.jdbi().inTransaction(this::entropy);
    var mnemonic = Mnemonic.of(Secret.take(entropy));
    var seed = mnemonic.seed();
    try {
      return seed.walletKey(Math.toIntExact(index));
    } finally {
      seed.erase();
      mnemonic.erase();
    }
  }

  private byte[] entropy(Handle handle) {
    var known = store.seeds().entropy(handle);
    if (known.isPresent()) {
      return known.get();
    }
    var fresh = new byte[ENTROPY_OCTETS];
    random.nextBytes(fresh);
    store.seeds().insert(handle, fresh);
    return fresh;
  }
}

package io.postern.xmtp.client;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.identity.Mnemonic;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.store.ClientStore;
import java.security.SecureRandom;

/**
 * The wallet keys of hosted inboxes: the n-th is derived from the one seed, so that the seed and
 * the database restore every identity. The seed is made with the first inbox.
 */
final class Wallets {
  private final ClientStore store;
  private final SecureRandom random;

  Wallets(ClientStore store, SecureRandom random) {
    this.store = store;
    this.random = random;
  }

  /** The wallet with this index. Makes the seed if there is none. */
  synchronized WalletKey at(long index) {
    var entropy = store.jdbi().inTransaction(handle -> store.seeds().entropyOrNew(handle, random));
    var mnemonic = Mnemonic.of(Secret.take(entropy));
    var seed = mnemonic.seed();
    try {
      return seed.walletKey(Math.toIntExact(index));
    } finally {
      seed.erase();
      mnemonic.erase();
    }
  }
}

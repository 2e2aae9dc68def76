package io.postern.xmtp.client;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.identity.Mnemonic;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.store.ClientStore;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jdbi.v3.core.Handle;

/**
 * The wallet keys of hosted inboxes: the n-th is derived from the one seed, so that the seed and the
 * database restore every identity. The seed is made with the first inbox.
 */
final class Wallets {
  private static final int ENTROPY_OCTETS = 32;

  private final ClientStore store;
  private final SecureRandom random;

  Wallets(ClientStore store, SecureRandom random) {
    this.store = store;
    this.random = random;
  }

  /** A wallet and its place in the seed. */
  record HostedWallet(long index, WalletKey wallet) {}

  /** The next wallet; no index is given out twice. */
  HostedWallet next() {
    long index = store.jdbi().inTransaction(this::reserve);
    return new HostedWallet(index, at(index));
  }

  /** Takes the next index. */
  long reserve(Handle handle) {
    if (store.seeds().entropy(handle).isEmpty()) {
      var entropy = new byte[ENTROPY_OCTETS];
      random.nextBytes(entropy);
      store.seeds().insert(handle, entropy);
      Arrays.fill(entropy, (byte) 0);
    }
    return store.seeds().takeIndex(handle);
  }

  /** The wallet with this index of the seed that is there. */
  WalletKey at(long index) {
    var entropy = store.jdbi().withHandle(store.seeds()::entropy).orElseThrow();
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

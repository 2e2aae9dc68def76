package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.group.MlsGroup;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore.Key;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The groups in memory, read from the database when they are needed and forgotten when they were
 * not used for long. Used by several threads; each group by one at a time.
 */
final class LiveGroups {
  private static final int STRIPES = 256;

  private final ClientStore store;
  private final SecureRandom random;
  private final Map<Key, LiveGroup> cache;
  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

  LiveGroups(ClientStore store, SecureRandom random, int capacity) {
    this.store = store;
    this.random = random;
    this.cache = new Lru<>(capacity);
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new ReentrantLock();
    }
  }

  /**
   * Keeps a group to the caller until it unlocks what it gets. Lanes keep tasks of one group apart
   * already; this keeps them apart from a welcome that replaces the group.
   */
  Lock hold(Key key) {
    var stripe = stripes[Math.floorMod(key.hashCode(), STRIPES)];
    stripe.lock();
    return stripe;
  }

  /** The group, from memory or from the database; empty if there is none. */
  Optional<LiveGroup> find(Key key) {
    synchronized (cache) {
      var live = cache.get(key);
      if (live != null) {
        return Optional.of(live);
      }
    }
    var read = read(key);
    read.ifPresent(
        group -> {
          synchronized (cache) {
            cache.put(key, group);
          }
        });
    return read;
  }

  /** Forgets a group, because its changes could not be saved or a welcome has replaced it. */
  void forget(Key key) {
    synchronized (cache) {
      cache.remove(key);
    }
  }

  private Optional<LiveGroup> read(Key key) {
    return store
        .jdbi()
        .inTransaction(
            handle -> {
              var row = store.groups().find(handle, key.installation(), key.group());
              var self = store.inboxes().find(handle, key.installation());
              if (row.isEmpty() || self.isEmpty()) {
                return Optional.empty();
              }
              var state = store.groups().state(handle, key.installation(), key.group());
              var signer = SignatureKeyPair.of(self.get().installationSeed().copy());
              var cursor = store.cursors().find(handle, key.installation(), Topic.of(key.group()));
              return Optional.of(
                  LiveGroup.of(
                      store,
                      self.get(),
                      restore(state.epoch(), state.ratchet(), signer),
                      row.get(),
                      cursor,
                      store.intents().payloadHashes(handle, key)));
            });
  }

  private MlsGroup restore(byte[] epoch, byte[] ratchet, SignatureKeyPair signer) {
    try {
      return MlsGroup.restore(epoch, ratchet, signer, random);
    } catch (MlsException damaged) {
      throw new IllegalStateException("the stored state of a group is damaged", damaged);
    }
  }
}

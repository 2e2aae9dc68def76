package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.group.MlsGroup;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.GroupStore.State;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;

/**
 * The groups in memory: read from the database when they are needed, and erased when others need
 * the room and they were not used for longest, unless somebody holds them. Used by several threads;
 * each group by one at a time, which holds it.
 */
final class LiveGroups {
  /** What a group takes in memory, measured, for each octet of its stored state. */
  private static final int OCTETS_IN_MEMORY = 3;

  /** What a group takes beside its state, with its place here. */
  private static final int OVERHEAD = 2_000;

  private final ClientStore store;
  private final SecureRandom random;
  private final long capacity;

  /** Guarded by itself, as all that follows; longest unused first. */
  private final Map<Key, Live> cache = new LinkedHashMap<>(16, 0.75f, true);

  private final Map<Key, Hold> holds = new HashMap<>();
  private long weight;

  private record Live(LiveGroup group, long weight) {}

  /**
   * @param capacity how much memory groups may take, in octets; those that are held come on top
   */
  LiveGroups(ClientStore store, SecureRandom random, long capacity) {
    this.store = store;
    this.random = random;
    this.capacity = capacity;
  }

  /**
   * Keeps a group to the caller until it unlocks what it gets. Lanes keep tasks of one group apart
   * already; this keeps them apart from a welcome that replaces the group. Nobody waits here for
   * another group.
   */
  Hold hold(Key key) {
    Hold hold;
    synchronized (cache) {
      hold = holds.computeIfAbsent(key, Hold::new);
      hold.users++;
    }
    hold.lock.lock();
    return hold;
  }

  /** Somebody has a group to themselves, or waits for that. */
  final class Hold {
    private final Key key;
    private final ReentrantLock lock = new ReentrantLock();
    private int users;

    private Hold(Key key) {
      this.key = key;
    }

    void unlock() {
      lock.unlock();
      synchronized (cache) {
        users--;
        if (users == 0) {
          holds.remove(key);
          weigh(key);
          trim();
        }
      }
    }
  }

  /** A group may have grown while it was held. */
  private void weigh(Key key) {
    var live = cache.get(key);
    if (live != null) {
      var now = new Live(live.group(), weightOf(live.group()));
      weight += now.weight() - live.weight();
      cache.put(key, now);
    }
  }

  private static long weightOf(LiveGroup group) {
    return OVERHEAD + OCTETS_IN_MEMORY * group.weight();
  }

  private void trim() {
    if (weight <= capacity) {
      return;
    }
    var spare = cache.values().iterator();
    while (weight > capacity && spare.hasNext()) {
      var live = spare.next();
      if (!holds.containsKey(live.group().key())) {
        spare.remove();
        weight -= live.weight();
        live.group().erase();
      }
    }
  }

  /** The group, from memory or from the database; empty if there is none. The caller holds it. */
  Optional<LiveGroup> find(Key key) {
    synchronized (cache) {
      var live = cache.get(key);
      if (live != null) {
        return Optional.of(live.group());
      }
    }
    var read = store.jdbi().withHandle(handle -> read(handle, key));
    read.ifPresent(
        group -> {
          synchronized (cache) {
            cache.put(key, new Live(group, weightOf(group)));
            weight += weightOf(group);
          }
        });
    return read;
  }

  /**
   * Forgets and erases a group, because its changes could not be saved or a welcome has replaced
   * it. The caller holds it.
   */
  void forget(Key key) {
    synchronized (cache) {
      var live = cache.remove(key);
      if (live != null) {
        weight -= live.weight();
        live.group().erase();
      }
    }
  }

  /** How many groups are in memory. */
  int size() {
    synchronized (cache) {
      return cache.size();
    }
  }

  private Optional<LiveGroup> read(Handle handle, Key key) {
    var version = store.groups().version(handle, key); // Before the state: a change is noticed.
    var row = store.groups().find(handle, key.installation(), key.group());
    var self = store.inboxes().find(handle, key.installation());
    if (version.isEmpty() || row.isEmpty() || self.isEmpty()) {
      return Optional.empty();
    }
    var state = store.groups().state(handle, key.installation(), key.group());
    long octets = (long) state.epoch().length + state.ratchet().length;
    var signer = SignatureKeyPair.of(self.get().installationSeed().copy());
    return Optional.of(
        LiveGroup.of(
            store,
            self.get(),
            restore(state, signer),
            version.get(),
            octets,
            row.get(),
            store.cursors().find(handle, key.installation(), Topic.of(key.group())),
            store.intents().payloadHashes(handle, key)));
  }

  /** The state's octets are wiped. */
  private MlsGroup restore(State state, SignatureKeyPair signer) {
    try {
      return MlsGroup.restore(
          state.epoch(), state.ratchet(), signer, DictionaryFold.SETTINGS, random);
    } catch (MlsException damaged) {
      throw new IllegalStateException("the stored state of a group is damaged", damaged);
    } finally {
      Arrays.fill(state.epoch(), (byte) 0);
      Arrays.fill(state.ratchet(), (byte) 0);
    }
  }
}

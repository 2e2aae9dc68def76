package io.postern.xmtp.client;

import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Which groups are due for a new leaf key by the clock, though nothing is written: what was read
 * from memory once opens nothing that is said later. Only where we have written: a commit is a sign
 * of life, and whoever we do not know or do not want to hear gets none. Groups document 5.6.
 */
final class LeafRotation {
  private static final Duration EVERY = GroupUpkeep.ROTATE_EVERY;

  /** Groups that were made on one day do not come on one day again. */
  private static final Duration SPREAD = Duration.ofDays(3);

  private static final int AT_ONCE = 500;

  /** So many are looked at: what is not wanted stays among the oldest for ever. */
  private static final int MOST_LOOKED_AT = 50_000;

  private final ClientStore store;
  private final InstantSource clock;

  LeafRotation(ClientStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  List<Key> due() {
    long now = Nanos.of(clock.instant());
    return store
        .jdbi()
        .withHandle(
            handle ->
                store.groups().rotatedBefore(handle, now - EVERY.toNanos(), MOST_LOOKED_AT).stream()
                    .filter(row -> now - row.rotatedAtNs() > EVERY.toNanos() + spread(row))
                    .filter(row -> isWanted(store.consents(), handle, row))
                    .limit(AT_ONCE)
                    .map(row -> new Key(row.installation(), row.group()))
                    .toList());
  }

  private static long spread(GroupRow row) {
    var key = new Key(row.installation(), row.group());
    return Math.floorMod(key.hashCode() * 0x9E3779B97F4A7C15L, SPREAD.toNanos());
  }

  private static boolean isWanted(ConsentStore consents, Handle handle, GroupRow row) {
    boolean denied =
        row.peer().isPresent()
            && consents.of(handle, row.installation(), row.peer().get())
                == ConsentStore.State.DENIED;
    return !denied
        && consents.of(handle, row.installation(), row.group()) == ConsentStore.State.ALLOWED;
  }
}

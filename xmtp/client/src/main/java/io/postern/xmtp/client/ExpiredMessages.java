package io.postern.xmtp.client;

import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore.Place;
import io.postern.xmtp.store.SavedLater;
import java.time.Instant;
import java.util.List;

/** Forgets messages whose time is over. */
final class ExpiredMessages {
  private static final int AT_ONCE = 500;

  private final ClientStore store;

  ExpiredMessages(ClientStore store) {
    this.store = store;
  }

  /** A few at a time, so that nobody waits long for their turn; nothing if nothing is due. */
  void forget(Instant now) {
    long nowNs = Nanos.of(now);
    var due = due(nowNs);
    while (!due.isEmpty()) {
      var some = due;
      SavedLater.useTransaction(store.jdbi(), handle -> store.messages().delete(handle, some));
      due = some.size() < AT_ONCE ? List.of() : due(nowNs);
    }
  }

  private List<Place> due(long nowNs) {
    return store.jdbi().withHandle(handle -> store.messages().expired(handle, nowNs, AT_ONCE));
  }
}

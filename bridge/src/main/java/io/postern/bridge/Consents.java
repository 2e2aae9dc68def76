package io.postern.bridge;

import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore.State;
import io.postern.xmtp.store.GroupStore.Key;
import java.time.Instant;
import org.jdbi.v3.core.Handle;

/**
 * Whether a person wants to hear from a peer: one answer for mail and for what we say by ourselves.
 * design.md §2.
 */
final class Consents {
  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final ClientStore store;

  Consents(ClientStore store) {
    this.store = store;
  }

  /** The person wants to hear no more of the peer, in whatever group of theirs. */
  void deny(Handle handle, InstallationId installation, InboxId peer, Instant now) {
    decide(handle, installation, peer, State.DENIED, now);
  }

  /** The person wants to hear from the peer, whatever they wanted before. */
  void allow(Handle handle, InstallationId installation, InboxId peer, Instant now) {
    decide(handle, installation, peer, State.ALLOWED, now);
  }

  private void decide(
      Handle handle, InstallationId installation, InboxId peer, State state, Instant now) {
    long nowNs = now.getEpochSecond() * NS_PER_SECOND + now.getNano();
    store.consents().set(handle, installation, peer, state, nowNs);
    for (var row : store.groups().dms(handle, installation, peer)) {
      store.consents().set(handle, installation, row.group(), state, nowNs);
    }
  }

  /**
   * Does something by ourselves that would allow the conversation, and leaves it as it was.
   * design.md §2: what Postern sends by itself changes no consent.
   */
  void unchanged(Handle handle, Key conversation, Runnable work) {
    var before = store.consents().of(handle, conversation.installation(), conversation.group());
    work.run();
    if (before != State.ALLOWED) {
      put(handle, conversation, before);
    }
  }

  /** What is kept of a conversation, whatever was done in it. */
  void put(Handle handle, Key conversation, State state) {
    store.consents().set(handle, conversation.installation(), conversation.group(), state, 0);
  }

  /**
   * A word about the peer outranks one about the conversation; of a DM's several groups any that is
   * denied denies, and any that is allowed allows.
   */
  State of(Handle handle, InstallationId installation, InboxId peer) {
    var decided = store.consents().of(handle, installation, peer);
    if (decided != State.UNKNOWN) {
      return decided;
    }
    var state = State.UNKNOWN;
    for (var row : store.groups().dms(handle, installation, peer)) {
      var ofGroup = store.consents().of(handle, installation, row.group());
      if (ofGroup == State.DENIED) {
        return ofGroup;
      }
      if (ofGroup == State.ALLOWED) {
        state = ofGroup;
      }
    }
    return state;
  }
}

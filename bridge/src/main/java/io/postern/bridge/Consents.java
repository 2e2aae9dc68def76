package io.postern.bridge;

import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore.State;
import org.jdbi.v3.core.Handle;

/**
 * Whether a person wants to hear from a peer: one answer for mail and for what we say by ourselves.
 * design.md §2.
 */
final class Consents {
  private final ClientStore store;

  Consents(ClientStore store) {
    this.store = store;
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

package io.postern.xmtp.client;

import io.postern.xmtp.identity.InboxId;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What an intent wants of a group's membership: inboxes with the update they are to be raised to,
 * and inboxes to go. Installations are not named; they follow from the identity logs when the
 * commit is made. Stored as a membership in which 0 means "out".
 */
record MembershipChange(Map<InboxId, Long> inboxes) {
  private static final long OUT = 0;

  MembershipChange {
    inboxes = Map.copyOf(inboxes);
  }

  static MembershipChange read(byte[] octets) throws GroupException {
    return new MembershipChange(GroupMembership.read(octets).members());
  }

  byte[] toOctets() {
    return new GroupMembership(inboxes, Set.of()).toOctets();
  }

  boolean isEmpty() {
    return inboxes.isEmpty();
  }

  /** The membership that this change makes of another. A number is never lowered. */
  GroupMembership applyTo(GroupMembership before) {
    var members = new HashMap<>(before.members());
    inboxes.forEach(
        (inbox, sequence) -> {
          if (sequence == OUT) {
            members.remove(inbox);
          } else {
            members.merge(inbox, sequence, Math::max);
          }
        });
    return new GroupMembership(members, before.failed());
  }
}

package io.postern.xmtp.client;

import io.postern.xmtp.identity.InboxId;
import java.util.Set;

/**
 * Who may bring inboxes into a group and out of it, as the group stands before: asked of whoever
 * proposes it, when a proposal comes and when a commit does it. Groups document 7.4 rules 1 and 2,
 * 11.6.
 */
record MemberRights(GroupMetadata metadata, GroupPermissions permissions) {
  /** Whether a member of a DM brings in the other of the two, for which it needs no right. */
  boolean isDmInvitation(InboxId inviter, Set<InboxId> added) {
    return metadata.dmMembers().isPresent()
        && added.size() == 1
        && metadata.dmMembers().get().contains(added.iterator().next())
        && !added.contains(inviter);
  }

  /**
   * @throws GroupException if somebody may bring nobody in
   */
  void checkAdds(InboxId proposer) throws GroupException {
    if (!permissions.addMember().allows(metadata.role(proposer))) {
      throw new GroupException("7.4 rule 1: the committer or proposer may not add members");
    }
  }

  /**
   * @throws GroupException if somebody may not remove this one
   */
  void checkRemoves(InboxId proposer, InboxId removed) throws GroupException {
    if (!permissions.removeMember().allows(metadata.role(proposer))) {
      throw new GroupException("7.4 rule 2: the committer or proposer may not remove members");
    }
    if (metadata.isSuperAdmin(removed)) {
      throw new GroupException("7.4 rule 2: a super admin cannot be removed");
    }
  }
}

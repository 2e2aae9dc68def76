package io.postern.xmtp.client;

import io.postern.mls.group.Member;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.tree.LeafIndex;
import io.postern.xmtp.identity.InboxId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who may bring inboxes into a group and out of it: who has proposed it, whoever commits it. Groups
 * document 7.4 rules 1 and 2.
 */
final class MemberPolicy {
  private final MlsGroup group;
  private final StagedCommit commit;
  private final boolean migrated;
  private final GroupMetadata metadata;
  private final GroupPermissions permissions;

  /**
   * @param metadata as it is before the commit
   * @param permissions likewise
   */
  MemberPolicy(
      MlsGroup group,
      StagedCommit commit,
      boolean migrated,
      GroupMetadata metadata,
      GroupPermissions permissions) {
    this.group = group;
    this.commit = commit;
    this.migrated = migrated;
    this.metadata = metadata;
    this.permissions = permissions;
  }

  void check(InboxId actor, Set<InboxId> added, Set<InboxId> removed) throws GroupException {
    var proposers = new Proposers();
    boolean invited = isDmInvitation(actor, added);
    for (var inbox : added) {
      var role = metadata.role(proposers.of(proposers.adders, inbox, actor));
      if (!permissions.addMember().allows(role) && !invited) {
        throw new GroupException("7.4 rule 1: the committer or proposer may not add members");
      }
    }
    for (var inbox : removed) {
      var role = metadata.role(proposers.of(proposers.removers, inbox, actor));
      if (!permissions.removeMember().allows(role)) {
        throw new GroupException("7.4 rule 2: the committer or proposer may not remove members");
      }
      if (metadata.isSuperAdmin(inbox)) {
        throw new GroupException("7.4 rule 2: a super admin cannot be removed");
      }
    }
  }

  private boolean isDmInvitation(InboxId actor, Set<InboxId> added) {
    return metadata.dmMembers().isPresent()
        && added.size() == 1
        && metadata.dmMembers().get().contains(added.iterator().next())
        && !added.contains(actor);
  }

  /** Who has proposed that which inbox comes in or goes. */
  private final class Proposers {
    private final Map<InboxId, InboxId> adders = new HashMap<>();
    private final Map<InboxId, InboxId> removers = new HashMap<>();
    private Optional<InboxId> ofContext = Optional.empty();

    Proposers() throws GroupException {
      for (var each : commit.proposals()) {
        var proposer = Leaves.inbox(Leaves.member(group, each.proposer()));
        if (each.proposal() instanceof Proposal.Add add) {
          adders.put(Leaves.inbox(add.keyPackage().leaf()), proposer);
        } else if (each.proposal() instanceof Proposal.Remove remove) {
          removers.put(inbox(remove.removed()), proposer);
        } else if (each.proposal() instanceof Proposal.GroupContextExtensions) {
          ofContext = Optional.of(proposer);
        }
      }
    }

    private InboxId inbox(LeafIndex removed) throws GroupException {
      var leaf =
          group
              .member(removed)
              .map(Member::leaf)
              .orElseThrow(() -> new GroupException("7.3: a proposal removes nobody"));
      return Leaves.inbox(leaf);
    }

    /** In the dictionary form an inbox neither comes nor goes without a leaf. */
    InboxId of(Map<InboxId, InboxId> byInbox, InboxId inbox, InboxId actor) throws GroupException {
      var proposer = Optional.ofNullable(byInbox.get(inbox)).or(() -> ofContext);
      if (proposer.isEmpty() && migrated) {
        throw new GroupException("11.6: nobody has proposed what changes in the membership");
      }
      return proposer.orElse(actor);
    }
  }
}

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
 * Whether those who have proposed it may bring inboxes into a group and out of it, whoever commits
 * it. Groups document 7.4 rules 1 and 2.
 */
final class MemberPolicy {
  private final MlsGroup group;
  private final StagedCommit commit;
  private final boolean migrated;
  private final MemberRights rights;

  /**
   * @param rights as they are before the commit
   */
  MemberPolicy(MlsGroup group, StagedCommit commit, boolean migrated, MemberRights rights) {
    this.group = group;
    this.commit = commit;
    this.migrated = migrated;
    this.rights = rights;
  }

  void check(InboxId actor, Set<InboxId> added, Set<InboxId> removed) throws GroupException {
    var proposers = new Proposers();
    boolean invited = rights.isDmInvitation(actor, added);
    for (var inbox : added) {
      var proposer = proposers.of(proposers.adders, inbox, actor);
      if (!invited) {
        rights.checkAdds(proposer);
      }
    }
    for (var inbox : removed) {
      rights.checkRemoves(proposers.of(proposers.removers, inbox, actor), inbox);
    }
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

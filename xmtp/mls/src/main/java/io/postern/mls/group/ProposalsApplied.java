package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.PreSharedKeyId;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafCheck;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.tree.TreeCheck;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The group as the proposals of one commit leave it, before the committer's path: a tree of its
 * own, the new extensions, and who came, went and changed. RFC 9420 §12.3.
 */
record ProposalsApplied(
    RatchetTree tree,
    Extensions extensions,
    List<Member> added,
    List<Member> removed,
    List<Member> updated,
    List<PreSharedKeyId> psks) {

  /** Updates, then removes, then adds in the order of the list, then the extensions. */
  static ProposalsApplied apply(
      RatchetTree before, GroupContext context, List<CommittedProposal> proposals) {
    RatchetTree tree = before.copy();
    Extensions extensions = context.extensions();
    List<Member> added = new ArrayList<>();
    List<Member> removed = new ArrayList<>();
    List<Member> updated = new ArrayList<>();
    List<PreSharedKeyId> psks = new ArrayList<>();
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.Update update) {
        tree.update(each.proposer(), update.leaf());
        updated.add(new Member(each.proposer(), update.leaf()));
      }
    }
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.Remove remove) {
        removed.add(new Member(remove.removed(), before.leaf(remove.removed()).orElseThrow()));
        tree.remove(remove.removed());
      }
    }
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.Add add) {
        LeafNode leaf = add.keyPackage().leaf();
        added.add(new Member(tree.add(leaf), leaf));
      } else if (each.proposal() instanceof Proposal.GroupContextExtensions change) {
        extensions = change.extensions();
      } else if (each.proposal() instanceof Proposal.PreSharedKey psk) {
        psks.add(psk.id());
      }
    }
    return new ProposalsApplied(tree, extensions, added, removed, updated, psks);
  }

  /** The same with other extensions. */
  ProposalsApplied with(Extensions others) {
    return new ProposalsApplied(tree, others, added, removed, updated, psks);
  }

  /** The places of the newcomers. */
  Set<LeafIndex> addedPlaces() {
    Set<LeafIndex> places = new HashSet<>();
    added.forEach(member -> places.add(member.index()));
    return places;
  }

  /**
   * Whether every leaf that is new, or every leaf at all if the extensions changed, fits the group
   * as it is now.
   *
   * @throws InvalidCommitException naming the rule
   */
  void check(CipherSuite suite, boolean extensionsChanged) throws InvalidCommitException {
    LeafCheck check = leafCheck(suite);
    try {
      for (Member member : added) {
        check.check(member.leaf());
      }
      for (Member member : updated) {
        check.check(member.leaf());
      }
      LeafCheck.checkCredentials(tree.leaves());
    } catch (MlsException bad) {
      throw new InvalidCommitException(CommitRule.LEAF_DOES_NOT_FIT, "a new leaf", bad);
    }
    if (extensionsChanged) {
      try {
        for (LeafNode leaf : tree.leaves()) {
          check.check(leaf);
        }
      } catch (MlsException bad) {
        throw new InvalidCommitException(CommitRule.CONTEXT_EXTENSIONS, "the new extensions", bad);
      }
    }
    try {
      new TreeCheck(tree).checkUniqueSignatureKeys();
    } catch (MlsException bad) {
      throw new InvalidCommitException(CommitRule.KEYS_NOT_UNIQUE, "the new tree", bad);
    }
  }

  LeafCheck leafCheck(CipherSuite suite) throws InvalidCommitException {
    try {
      return new LeafCheck(suite, extensions);
    } catch (MlsException bad) {
      throw new InvalidCommitException(CommitRule.CONTEXT_EXTENSIONS, "required_capabilities", bad);
    }
  }
}

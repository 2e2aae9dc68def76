package io.postern.mls.group;

import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Staged commits that only say what they do, for whoever judges them: they lead nowhere and cannot
 * be merged.
 */
public final class ClaimedCommit {
  private static final int FREE = 1000;

  private ClaimedCommit() {}

  /** A commit of these proposals, in order, that leads to a context. */
  public static StagedCommit of(
      MlsGroup group, LeafIndex committer, List<CommittedProposal> proposals, Extensions after) {
    var added = new ArrayList<Member>();
    var removed = new ArrayList<Member>();
    var updated = new ArrayList<Member>();
    for (var each : proposals) {
      if (each.proposal() instanceof Proposal.Add add) {
        added.add(new Member(new LeafIndex(FREE + added.size()), add.keyPackage().leaf()));
      } else if (each.proposal() instanceof Proposal.Remove remove) {
        removed.add(group.member(remove.removed()).orElseThrow());
      } else if (each.proposal() instanceof Proposal.Update update) {
        updated.add(new Member(each.proposer(), update.leaf()));
      }
    }
    return new StagedCommit(
        group.groupId(),
        group.epoch(),
        new byte[32],
        committer,
        new byte[0],
        proposals,
        added,
        removed,
        updated,
        group.member(committer).map(Member::leaf),
        after,
        Optional.empty());
  }
}

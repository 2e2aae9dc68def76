package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.schedule.MessageKey;
import io.postern.mls.schedule.PskSecret;
import io.postern.mls.tree.LeafNode;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * Commits that our own engine would never make: the proposals are not checked. For a group that
 * stands in another process, since it reaches into this one.
 */
public final class ForgedCommit {
  private ForgedCommit() {}

  /** The octets of a commit of these proposals by the owner of a group. */
  public static byte[] of(MlsGroup group, SignatureKeyPair signer, List<Proposal> proposals)
      throws MlsException {
    var epoch = field(group, "epoch", Epoch.class);
    var current = field(group, "kept", KeptEpochs.class).current();
    var resolved =
        proposals.stream()
            .map(proposal -> new CommittedProposal(proposal, group.ownIndex(), false))
            .toList();
    var prepared =
        new CommitBuilder.Prepared(
            proposals.stream().<ProposalOrReference>map(ProposalOrReference.ByValue::new).toList(),
            resolved,
            ProposalsApplied.apply(epoch.tree(), epoch.context(), resolved));
    MessageKey key = current.ratchets().handshake(group.ownIndex()).spendNext();
    return new CommitBuilder(
            epoch, new PendingProposals(), signer, new SecureRandom(), GroupSettings.XMTP)
        .build(prepared, key, PskSecret.Lookup.NONE)
        .octets();
  }

  /**
   * A staged commit as if its committer had taken this leaf, or members had by Updates; the leaves
   * are for whoever looks at the commit, the epoch that it leads to stays the same.
   */
  public static StagedCommit with(StagedCommit staged, LeafNode pathLeaf, List<Member> updated) {
    return new StagedCommit(
        staged.groupId(),
        staged.epoch() - 1,
        new byte[32],
        staged.sender(),
        staged.authenticatedData(),
        staged.proposals(),
        staged.addedLeaves(),
        staged.removedLeaves(),
        updated,
        Optional.of(pathLeaf),
        staged.contextExtensions(),
        staged.spend());
  }

  private static <T> T field(MlsGroup group, String name, Class<T> type) {
    try {
      var field = MlsGroup.class.getDeclaredField(name);
      field.setAccessible(true);
      return type.cast(field.get(group));
    } catch (ReflectiveOperationException renamed) {
      throw new IllegalStateException(renamed);
    }
  }
}

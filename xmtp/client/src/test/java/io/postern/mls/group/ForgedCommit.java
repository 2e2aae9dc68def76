package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.schedule.MessageKey;
import io.postern.mls.schedule.PskSecret;
import io.postern.mls.schedule.RatchetLimits;
import java.security.SecureRandom;
import java.util.List;

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
            epoch, new PendingProposals(), signer, new SecureRandom(), RatchetLimits.XMTP)
        .build(prepared, key, PskSecret.Lookup.NONE)
        .octets();
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

package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.group.ReceivedProposal;
import io.postern.xmtp.network.GroupEnvelope;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Standalone proposals. A group in the dictionary form changes by them: each is judged when it
 * comes, and what may be committed is kept until the epoch ends. In any other group nobody uses
 * them: the key is spent, as it is with others, and a commit that names one is refused. Groups
 * document 7.2, 11.6.
 */
final class ProposalIntake {
  private static final Logger log = LoggerFactory.getLogger(ProposalIntake.class);

  private ProposalIntake() {}

  /**
   * Takes a proposal in, with the next save of the group, or passes over it.
   *
   * @return a version above ours that the group demands already: it waits before this proposal,
   *     which the others may keep and we cannot judge
   * @throws MlsException if it cannot be read, or breaks a rule of MLS
   */
  static Optional<String> take(LiveGroup group, GroupEnvelope envelope) throws MlsException {
    try {
      var context = XmtpContext.of(group.mls().contextExtensions());
      if (!context.isMigrated()) {
        group.mls().passOverProposal(MlsMessage.read(envelope.data()));
        group.ratchetMoved();
        return Optional.empty();
      }
      var demanded = context.demandedVersion();
      if (demanded.isPresent()) {
        return demanded; // Before its key is spent: it is read again then.
      }
      var opened = open(group, envelope);
      ProposalPolicy.of(group.mls(), context).check(opened.proposal(), opened.sender());
      group.mls().keepProposal(opened);
      group.epochMoved();
    } catch (GroupException refused) {
      log.info(
          "proposal refused group={} sequence={} reason={}",
          group.key(),
          envelope.position().sequence(),
          refused.getMessage());
    }
    return Optional.empty();
  }

  private static ReceivedProposal open(LiveGroup group, GroupEnvelope envelope)
      throws MlsException {
    try {
      return group.mls().openProposal(MlsMessage.read(envelope.data()));
    } finally {
      group.ratchetMoved(); // Its key is spent even if it breaks a rule.
    }
  }
}

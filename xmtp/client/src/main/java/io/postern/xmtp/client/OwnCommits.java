package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.group.OwnCommit;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.ProposalOrReference;
import io.postern.mls.group.ReceivedProposal;
import io.postern.mls.tree.LeafIndex;
import io.postern.xmtp.identity.ContractWalletUnavailableException;
import io.postern.xmtp.network.NodeException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes our commits: what we want ourselves is written out in them, so that one message holds it
 * all; what others have proposed in this epoch is named, since it would be lost with the epoch.
 * Groups document 7.1, 11.6.
 */
final class OwnCommits {
  private static final Logger log = LoggerFactory.getLogger(OwnCommits.class);

  private final CommitPolicy policy;
  private final InstantSource clock;

  OwnCommits(CommitPolicy policy, InstantSource clock) {
    this.policy = policy;
    this.clock = clock;
  }

  /**
   * A commit and, beside those whom we add ourselves, whom it brings in because others proposed so:
   * they need its welcome as well.
   */
  record Made(OwnCommit commit, List<WelcomeWrapper.Recipient> brought) {}

  /**
   * A commit of these proposals and, if everybody will take it so, of all that wait. A handshake
   * generation is spent. A contract wallet that cannot be asked now keeps only the others waiting:
   * else whoever proposes to add one could hold up all that we want ourselves.
   *
   * @throws MlsException if our own proposals break a rule
   * @throws NodeException if what the decision needs cannot be had now
   */
  Made make(LiveGroup group, List<Proposal> own) throws MlsException, NodeException {
    var waiting = waiting(group);
    if (!waiting.isEmpty()) {
      try {
        return withOthers(group, own, waiting);
      } catch (MlsException | GroupException unfit) {
        leftOut(group, waiting, unfit);
      } catch (NodeException later) {
        if (!(later.getCause() instanceof ContractWalletUnavailableException)) {
          group.ratchetMoved();
          group.save();
          throw later;
        }
        leftOut(group, waiting, later);
      }
    }
    return new Made(group.mls().commit(own), List.of());
  }

  private static void leftOut(LiveGroup group, List<ReceivedProposal> waiting, Exception unfit) {
    log.info(
        "proposals of others left out group={} number={} reason={}",
        group.key(),
        waiting.size(),
        unfit.getMessage());
  }

  /** What others want that a commit of ours can name: none can remove its own committer. */
  private static List<ReceivedProposal> waiting(LiveGroup group) {
    var own = group.mls().ownIndex();
    return group.mls().pendingProposals().stream().filter(each -> !concerns(each, own)).toList();
  }

  private static boolean concerns(ReceivedProposal each, LeafIndex own) {
    return each.proposal() instanceof Proposal.Remove remove
        ? remove.removed().equals(own)
        : each.proposal() instanceof Proposal.Update && each.sender().equals(own);
  }

  private Made withOthers(LiveGroup group, List<Proposal> own, List<ReceivedProposal> waiting)
      throws MlsException, GroupException, NodeException {
    var all = new ArrayList<ProposalOrReference>();
    var brought = new ArrayList<WelcomeWrapper.Recipient>();
    for (var each : waiting) {
      all.add(new ProposalOrReference.ByReference(each.reference()));
      if (each.proposal() instanceof Proposal.Add add) {
        brought.add(recipient(add));
      }
    }
    own.forEach(proposal -> all.add(new ProposalOrReference.ByValue(proposal)));
    return new Made(allowed(group, group.mls().commitMixed(all)), brought);
  }

  private WelcomeWrapper.Recipient recipient(Proposal.Add add) throws GroupException {
    var leaf = add.keyPackage().leaf();
    return KeyPackages.verify(
            add.keyPackage().toOctets(),
            Leaves.installation(leaf),
            Leaves.inbox(leaf),
            clock.instant())
        .recipient();
  }

  private OwnCommit allowed(LiveGroup group, OwnCommit commit)
      throws GroupException, NodeException {
    boolean taken = false;
    try {
      var demanded = policy.check(group.mls(), commit.staged()).demandedVersion();
      if (demanded.isPresent()) {
        throw new GroupException("7.7: they demand version " + demanded.get());
      }
      taken = true;
      return commit;
    } finally {
      if (!taken) {
        commit.staged().drop();
      }
    }
  }
}

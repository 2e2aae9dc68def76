package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.HashReference;
import io.postern.mls.crypto.Secret;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The standalone proposals of the current epoch, by the name under which a commit may call them.
 */
final class PendingProposals implements TlsStruct {
  /** Of one sender: so many add a whole group by proposals. */
  static final int MAX_OF_SENDER = 4096;

  /** Of all together, as they are saved: the state is written anew whenever one more comes. */
  static final int MAX_OCTETS = 8 * 1024 * 1024;

  /** What is saved beside each: its reference, sender and, of our own, a key. */
  private static final int OCTETS_BESIDE = 128;

  private final Map<HashReference, Pending> pending = new LinkedHashMap<>();
  private final Map<LeafIndex, Integer> ofSender = new HashMap<>();
  private long octets;

  /** {@code leafKey} is the private key behind an Update of our own. */
  private record Pending(Proposal proposal, LeafIndex sender, Optional<Secret> leafKey) {
    long octets() {
      return OCTETS_BESIDE + (long) proposal.toOctets().length;
    }
  }

  /**
   * @throws InvalidCommitException {@code TOO_MANY_PROPOSALS}
   */
  void put(HashReference reference, Proposal proposal, LeafIndex sender, Optional<Secret> leafKey)
      throws InvalidCommitException {
    if (pending.containsKey(reference)) {
      return;
    }
    Pending more = new Pending(proposal, sender, leafKey);
    if (ofSender.getOrDefault(sender, 0) >= MAX_OF_SENDER || octets + more.octets() > MAX_OCTETS) {
      throw new InvalidCommitException(
          CommitRule.TOO_MANY_PROPOSALS, "one more proposal of leaf " + sender.value());
    }
    add(reference, more);
  }

  private void add(HashReference reference, Pending each) {
    if (pending.putIfAbsent(reference, each) == null) {
      ofSender.merge(each.sender, 1, Integer::sum);
      octets += each.octets();
    }
  }

  List<ReceivedProposal> list() {
    List<ReceivedProposal> list = new ArrayList<>();
    pending.forEach(
        (reference, each) -> list.add(new ReceivedProposal(reference, each.proposal, each.sender)));
    return list;
  }

  List<CommittedProposal> resolve(List<ProposalOrReference> proposals, LeafIndex committer)
      throws MlsException {
    List<CommittedProposal> resolved = new ArrayList<>();
    for (ProposalOrReference each : proposals) {
      if (each instanceof ProposalOrReference.ByValue value) {
        resolved.add(new CommittedProposal(value.proposal(), committer, false));
      } else if (each instanceof ProposalOrReference.ByReference named) {
        Pending known = pending.get(named.reference());
        if (known == null) {
          throw new MlsException(
              Failure.UNKNOWN_PROPOSAL,
              "proposal " + named.reference() + " was not received in this epoch");
        }
        resolved.add(new CommittedProposal(known.proposal, known.sender, true));
      }
    }
    return resolved;
  }

  /** The private key behind an Update of our own. */
  Optional<Secret> leafKey(Proposal.Update update) {
    return pending.values().stream()
        .filter(each -> each.leafKey.isPresent() && each.proposal.equals(update))
        .findFirst()
        .flatMap(Pending::leafKey);
  }

  void clear() {
    pending.values().forEach(each -> each.leafKey.ifPresent(Secret::erase));
    pending.clear();
    ofSender.clear();
    octets = 0;
  }

  @Override
  public void write(TlsWriter out) {
    out.vector(
        inner ->
            pending.forEach(
                (reference, each) -> {
                  inner.opaque(reference.toOctets()).struct(each.proposal).struct(each.sender);
                  inner.present(each.leafKey.isPresent());
                  each.leafKey.ifPresent(key -> key.write(inner));
                }));
  }

  static PendingProposals read(TlsReader in) throws WireException {
    PendingProposals proposals = new PendingProposals();
    TlsReader vector = in.vector("pending_proposals");
    while (vector.hasMore()) {
      HashReference reference = new HashReference(vector.opaque("reference"));
      Proposal proposal = Proposal.read(vector);
      LeafIndex sender = LeafIndex.read(vector, "sender");
      Optional<Secret> leafKey =
          vector.present("leaf_key")
              ? Optional.of(Secret.read(vector, "leaf_key"))
              : Optional.empty();
      proposals.add(reference, new Pending(proposal, sender, leafKey));
    }
    return proposals;
  }
}

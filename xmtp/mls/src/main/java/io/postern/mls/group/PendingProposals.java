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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The standalone proposals of the current epoch, by the name under which a commit may call them.
 */
final class PendingProposals implements TlsStruct {
  private final Map<HashReference, Pending> pending = new LinkedHashMap<>();

  /** {@code leafKey} is the private key behind an Update of our own. */
  private record Pending(Proposal proposal, LeafIndex sender, Optional<Secret> leafKey) {}

  void put(HashReference reference, Proposal proposal, LeafIndex sender, Optional<Secret> leafKey) {
    pending.putIfAbsent(reference, new Pending(proposal, sender, leafKey));
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
      proposals.put(reference, proposal, sender, leafKey);
    }
    return proposals;
  }
}

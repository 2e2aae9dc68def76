package io.postern.mls.group;

import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;

/**
 * A proposal of a commit and the member that made it: the committer, unless it stands there by
 * reference.
 */
public record CommittedProposal(Proposal proposal, LeafIndex proposer, boolean byReference)
    implements TlsStruct {
  @Override
  public void write(TlsWriter out) {
    out.struct(proposal).struct(proposer).present(byReference);
  }

  static CommittedProposal read(TlsReader in) throws WireException {
    return new CommittedProposal(
        Proposal.read(in), LeafIndex.read(in, "proposer"), in.present("by_reference"));
  }
}

package io.postern.mls.group;

import io.postern.mls.crypto.HashReference;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;

/** {@code struct ProposalOrRef}: a proposal in a commit, written out or named. RFC 9420 §12.4. */
public sealed interface ProposalOrReference extends TlsStruct {
  /** Written out; its author is the committer. */
  record ByValue(Proposal proposal) implements ProposalOrReference {
    @Override
    public void write(TlsWriter out) {
      out.uint8(1).struct(proposal);
    }
  }

  /** The name of a proposal sent before in the same epoch. */
  record ByReference(HashReference reference) implements ProposalOrReference {
    @Override
    public void write(TlsWriter out) {
      out.uint8(2).opaque(reference.toOctets());
    }
  }

  /** Reads the struct. */
  static ProposalOrReference read(TlsReader in) throws WireException {
    int type = in.uint8("proposal_or_ref");
    return switch (type) {
      case 1 -> new ByValue(Proposal.read(in));
      case 2 -> new ByReference(new HashReference(in.opaque("reference")));
      default -> throw in.malformed("proposal_or_ref: expected 1 or 2, got " + type);
    };
  }
}

package io.postern.mls.framing;

import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;

/** Who framed a message. RFC 9420 §6, {@code struct Sender}. */
public sealed interface Sender extends TlsStruct {
  /** A member of the group. */
  record Member(LeafIndex leaf) implements Sender {
    @Override
    public void write(TlsWriter out) {
      out.uint8(1).struct(leaf);
    }
  }

  /** One of the group's external senders, by its place in the extension. */
  record External(long senderIndex) implements Sender {
    @Override
    public void write(TlsWriter out) {
      out.uint8(2).uint32(senderIndex);
    }
  }

  /** Somebody who proposes to add itself. */
  record NewMemberProposal() implements Sender {
    @Override
    public void write(TlsWriter out) {
      out.uint8(3);
    }
  }

  /** Somebody who joins by an external commit. */
  record NewMemberCommit() implements Sender {
    @Override
    public void write(TlsWriter out) {
      out.uint8(4);
    }
  }

  /** Reads the struct. */
  static Sender read(TlsReader in) throws WireException {
    int type = in.uint8("sender_type");
    return switch (type) {
      case 1 -> new Member(LeafIndex.read(in, "leaf_index"));
      case 2 -> new External(in.uint32("sender_index"));
      case 3 -> new NewMemberProposal();
      case 4 -> new NewMemberCommit();
      default -> throw in.malformed("sender_type: expected 1 to 4, got " + type);
    };
  }
}

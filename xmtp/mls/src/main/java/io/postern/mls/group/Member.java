package io.postern.mls.group;

import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.List;

/** A leaf of a group and its place. */
public record Member(LeafIndex index, LeafNode leaf) implements TlsStruct {
  @Override
  public void write(TlsWriter out) {
    out.struct(index).struct(leaf);
  }

  static Member read(TlsReader in) throws WireException {
    return new Member(LeafIndex.read(in, "index"), LeafNode.read(in));
  }

  static List<Member> readAll(TlsReader in) throws WireException {
    List<Member> members = new ArrayList<>();
    while (in.hasMore()) {
      members.add(read(in));
    }
    return List.copyOf(members);
  }
}

package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;

/**
 * Where a leaf node came into being: {@code leaf_node_source} and what depends on it. RFC 9420
 * §7.2.
 */
public sealed interface LeafNodeSource extends TlsStruct {
  /** In a key package, valid for a time. */
  record InKeyPackage(Lifetime lifetime) implements LeafNodeSource {
    @Override
    public void write(TlsWriter out) {
      out.uint8(1).struct(lifetime);
    }
  }

  /** In an Update proposal. */
  record InUpdate() implements LeafNodeSource {
    @Override
    public void write(TlsWriter out) {
      out.uint8(2);
    }
  }

  /** In the path of a commit. */
  record InCommit(byte[] parentHash) implements LeafNodeSource {
    /** Copies the hash. */
    public InCommit {
      parentHash = parentHash.clone();
    }

    @Override
    public void write(TlsWriter out) {
      out.uint8(3).opaque(parentHash);
    }

    @Override
    public byte[] parentHash() {
      return parentHash.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof InCommit that && Arrays.equals(parentHash, that.parentHash);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(parentHash);
    }
  }

  /** Reads the source and what depends on it. */
  static LeafNodeSource read(TlsReader in) throws WireException {
    int source = in.uint8("leaf_node_source");
    return switch (source) {
      case 1 -> new InKeyPackage(Lifetime.read(in));
      case 2 -> new InUpdate();
      case 3 -> new InCommit(in.opaque("parent_hash"));
      default -> throw in.malformed("leaf_node_source: expected 1 to 3, got " + source);
    };
  }
}

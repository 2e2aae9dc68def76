package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;

/**
 * The position of a member among the leaves, from 0. Any {@code uint32} can be read; whether a tree
 * has such a leaf is for the tree to say. RFC 9420 §4.1.
 */
public record LeafIndex(long value) implements TlsStruct, Comparable<LeafIndex> {
  /** Refuses what is no {@code uint32}. */
  public LeafIndex {
    if (value >>> 32 != 0) {
      throw new IllegalArgumentException("leaf index " + value);
    }
  }

  /** Reads a {@code uint32}. */
  public static LeafIndex read(TlsReader in, String field) throws WireException {
    return new LeafIndex(in.uint32(field));
  }

  @Override
  public void write(TlsWriter out) {
    out.uint32(value);
  }

  /** The index among all nodes, for a leaf that is known to be inside a tree. */
  public int node() {
    return Math.toIntExact(2 * value);
  }

  /** The index as a place in an array of a tree's leaves. */
  public int place() {
    return Math.toIntExact(value);
  }

  static LeafIndex ofNode(int node) {
    return new LeafIndex(node / 2);
  }

  @Override
  public int compareTo(LeafIndex other) {
    return Long.compare(value, other.value);
  }
}

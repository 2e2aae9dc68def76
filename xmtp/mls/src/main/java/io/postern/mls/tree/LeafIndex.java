package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;

/** The position of a member among the leaves, from 0. RFC 9420 §4.1. */
public record LeafIndex(int value) implements TlsStruct, Comparable<LeafIndex> {
  /** Far beyond any tree that fits a message; keeps node indexes within an {@code int}. */
  private static final int MAX = (1 << 30) - 1;

  /** Refuses what no tree of ours can hold. */
  public LeafIndex {
    if (value < 0 || value > MAX) {
      throw new IllegalArgumentException("leaf index " + value);
    }
  }

  /** Reads a {@code uint32}. */
  public static LeafIndex read(TlsReader in, String field) throws WireException {
    long value = in.uint32(field);
    if (value > MAX) {
      throw in.malformed(field + ": no tree has a leaf " + value);
    }
    return new LeafIndex((int) value);
  }

  @Override
  public void write(TlsWriter out) {
    out.uint32(value);
  }

  /** The index among all nodes. */
  public int node() {
    return 2 * value;
  }

  static LeafIndex ofNode(int node) {
    return new LeafIndex(node / 2);
  }

  @Override
  public int compareTo(LeafIndex other) {
    return Integer.compare(value, other.value);
  }
}

package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The places of the members below a node that do not hold its key, ascending, each once. A part of
 * a list shares the octets of the whole, so that hostile trees cost no more than honest ones. RFC
 * 9420 §7.1.
 */
final class UnmergedLeaves implements TlsStruct {
  static final UnmergedLeaves NONE = new UnmergedLeaves(new int[0], 0, 0);

  private final int[] places;
  private final int from;
  private final int to;

  private UnmergedLeaves(int[] places, int from, int to) {
    this.places = places;
    this.from = from;
    this.to = to;
  }

  /** Refuses what is not ascending. */
  static UnmergedLeaves of(List<LeafIndex> leaves) {
    int[] places = leaves.stream().mapToInt(LeafIndex::place).toArray();
    for (int i = 1; i < places.length; i++) {
      if (places[i - 1] >= places[i]) {
        throw new IllegalArgumentException("unmerged leaves are not sorted");
      }
    }
    return new UnmergedLeaves(places, 0, places.length);
  }

  static UnmergedLeaves read(TlsReader in) throws WireException {
    TlsReader vector = in.vector("unmerged_leaves");
    int[] places = new int[vector.remaining() / Integer.BYTES];
    long previous = -1;
    for (int i = 0; vector.hasMore(); i++) {
      long leaf = vector.uint32("unmerged_leaves");
      if (leaf <= previous) {
        throw vector.malformed("unmerged_leaves are not sorted");
      }
      if (leaf >= RatchetTree.MAX_LEAVES) {
        throw vector.malformed("unmerged leaf " + leaf + " is beyond any tree");
      }
      previous = leaf;
      places[i] = (int) leaf;
    }
    return new UnmergedLeaves(places, 0, places.length);
  }

  @Override
  public void write(TlsWriter out) {
    out.vector(inner -> places().forEach(inner::uint32));
  }

  boolean isEmpty() {
    return from == to;
  }

  int size() {
    return to - from;
  }

  IntStream places() {
    return Arrays.stream(places, from, to);
  }

  boolean contains(int place) {
    return Arrays.binarySearch(places, from, to, place) >= 0;
  }

  /** Those in the subtree of {@code node}. */
  UnmergedLeaves below(int node) {
    int reach = (1 << TreeMath.level(node)) - 1;
    int first = lowerBound((node - reach) / 2);
    return new UnmergedLeaves(places, first, lowerBound((node + reach) / 2 + 1));
  }

  private int lowerBound(int place) {
    int found = Arrays.binarySearch(places, from, to, place);
    return found >= 0 ? found : -found - 1;
  }

  UnmergedLeaves with(int place) {
    if (contains(place)) {
      return this;
    }
    int at = lowerBound(place) - from;
    int[] more = new int[size() + 1];
    System.arraycopy(places, from, more, 0, at);
    more[at] = place;
    System.arraycopy(places, from + at, more, at + 1, size() - at);
    return new UnmergedLeaves(more, 0, more.length);
  }

  UnmergedLeaves without(UnmergedLeaves others) {
    int[] left = new int[size()];
    int count = 0;
    int other = others.from;
    for (int i = from; i < to; i++) {
      while (other < others.to && others.places[other] < places[i]) {
        other++;
      }
      if (other == others.to || others.places[other] != places[i]) {
        left[count++] = places[i];
      }
    }
    return new UnmergedLeaves(left, 0, count);
  }

  void addNodesTo(Collection<Integer> nodes) {
    places().forEach(place -> nodes.add(2 * place));
  }

  List<LeafIndex> toList() {
    return places().mapToObj(LeafIndex::new).toList();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UnmergedLeaves that
        && Arrays.equals(places, from, to, that.places, that.from, that.to);
  }

  @Override
  public int hashCode() {
    return places().sum();
  }
}

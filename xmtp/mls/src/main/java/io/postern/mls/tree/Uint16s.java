package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Vectors of 16-bit code points. */
final class Uint16s {
  private Uint16s() {}

  static List<Integer> read(TlsReader in, String field) throws WireException {
    TlsReader vector = in.vector(field);
    List<Integer> values = new ArrayList<>(vector.remaining() / 2);
    while (vector.hasMore()) {
      values.add(vector.uint16(field));
    }
    return List.copyOf(values);
  }

  /** One of {@code needed} that is not in the list; the cost is that of the list's length. */
  static Optional<Integer> missing(List<Integer> list, Set<Integer> needed) {
    if (needed.isEmpty()) {
      return Optional.empty();
    }
    Set<Integer> missing = new HashSet<>(needed);
    list.forEach(missing::remove);
    return missing.stream().findFirst();
  }

  static void write(TlsWriter out, List<Integer> values) {
    out.vector(
        inner -> {
          for (int value : values) {
            inner.uint16(value);
          }
        });
  }
}

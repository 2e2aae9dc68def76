package io.postern.mls.crypto;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Public keys with their multiples, the last ones that were asked for. To make these costs as much
 * as to verify three signatures, and they are asked for with each message of the key's owner. May
 * be used by several threads.
 */
final class KnownKeys {
  /** Eight megabytes of them. */
  static final int MOST = 512;

  /**
   * A key, ready.
   *
   * @param negative of its opposite
   * @param isSmallOrder whether eight times it is nothing, so that it is no honest one
   */
  record Known(Comb negative, boolean isSmallOrder) {}

  private final Map<ByteBuffer, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Known> eldest) {
          return size() > MOST;
        }
      };

  /**
   * Its multiples; empty if it is no point.
   *
   * @param key 32 octets
   */
  Optional<Known> find(byte[] key) {
    var name = ByteBuffer.wrap(key.clone());
    synchronized (known) {
      var found = known.get(name);
      if (found != null) {
        return Optional.of(found);
      }
    }
    var made = CurvePoint.decode(key).map(KnownKeys::known);
    synchronized (known) {
      made.ifPresent(valid -> known.put(name, valid));
    }
    return made;
  }

  private static Known known(CurvePoint key) {
    boolean isSmallOrder = key.isSmallOrder();
    key.negate();
    return new Known(Comb.of(key), isSmallOrder);
  }

  /** How many are kept. */
  int size() {
    synchronized (known) {
      return known.size();
    }
  }
}

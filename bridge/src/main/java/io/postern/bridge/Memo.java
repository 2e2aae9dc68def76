package io.postern.bridge;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Answers that hold for a while; of many the eldest go. May be used by several threads. */
final class Memo<K, V> {
  private static final int MAX_ENTRIES = 10_000;

  private final InstantSource clock;
  private final Map<K, Remembered<V>> entries =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, Remembered<V>> eldest) {
          return size() > MAX_ENTRIES;
        }
      };

  private record Remembered<V>(V value, Instant until) {}

  Memo(InstantSource clock) {
    this.clock = clock;
  }

  Optional<V> recall(K key) {
    synchronized (entries) {
      return Optional.ofNullable(entries.get(key))
          .filter(known -> known.until().isAfter(clock.instant()))
          .map(Remembered::value);
    }
  }

  void remember(K key, V value, Duration keep) {
    synchronized (entries) {
      entries.remove(key); // So that it counts as the youngest again.
      entries.put(key, new Remembered<>(value, clock.instant().plus(keep)));
    }
  }
}

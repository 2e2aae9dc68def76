package io.postern.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/** How long something took each time, as its median, its 95th percentile and its longest. */
final class Latencies {
  private final long[] sorted;

  private Latencies(long[] sorted) {
    this.sorted = sorted;
  }

  /**
   * @throws IllegalArgumentException if there is none
   */
  static Latencies of(Collection<Duration> durations) {
    if (durations.isEmpty()) {
      throw new IllegalArgumentException("nothing was measured");
    }
    var nanos = durations.stream().mapToLong(Duration::toNanos).toArray();
    Arrays.sort(nanos);
    return new Latencies(nanos);
  }

  /** The smallest one that so many of a hundred do not exceed. */
  private double millis(int percent) {
    int rank = (int) Math.ceil(sorted.length * percent / 100.0);
    return sorted[Math.max(rank, 1) - 1] / 1e6;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.0f / %.0f / %.0f ms", millis(50), millis(95), millis(100));
  }
}

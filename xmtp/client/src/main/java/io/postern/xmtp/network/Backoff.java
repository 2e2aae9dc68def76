package io.postern.xmtp.network;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the n-th try: doubling from a first to a longest pause, plus up to the
 * same again by chance, so that many clients do not return at one moment.
 */
public record Backoff(Duration first, Duration longest) {
  /** For streams: 100 ms doubling to 30 s. */
  public static final Backoff STREAM = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30));

  /**
   * @param failures how many tries have failed in a row, from 1
   */
  public Duration after(int failures, RandomGenerator random) {
    int doublings = Math.min(Math.max(failures, 1) - 1, 30);
    long pause = Math.min(longest.toMillis(), first.toMillis() << doublings);
    if (pause <= 0) {
      pause = longest.toMillis();
    }
    return Duration.ofMillis(pause + random.nextLong(pause + 1));
  }
}

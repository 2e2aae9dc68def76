package io.postern.smtp;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Failures by key: some are free, then each doubles the wait, up to a longest one. No more keys
 * than fit are kept, and a flood of new ones makes none forget what is counted: it finds no room.
 * For one thread at a time. All times are those of {@link System#nanoTime}.
 */
final class FailureCounts {
  static final int MAX_KEYS = 10_000;

  /** After so long without another failure all of a key is forgotten. */
  static final Duration MEMORY = Duration.ofHours(1);

  /** So long there is no room once there was none. */
  static final Duration FULL = Duration.ofMinutes(1);

  private static final int MAX_DOUBLINGS = 20;

  private final int free;
  private final Duration longestWait;
  private final Map<String, Failures> failures = new HashMap<>();
  private boolean full;
  private long fullSince;

  private record Failures(int count, long lastAt) {}

  /**
   * @param free failures that cost no wait
   * @param longestWait no longer than {@link #MEMORY}
   */
  FailureCounts(int free, Duration longestWait) {
    this.free = free;
    this.longestWait = longestWait;
  }

  /** What is left of the wait; zero or less if there is none. */
  Duration left(String key, long now) {
    var known = failures.get(key);
    if (known == null || known.count() < free || isOver(known, now)) {
      return Duration.ZERO;
    }
    var wait = Duration.ofSeconds(1L << Math.min(MAX_DOUBLINGS, known.count() - free));
    var longest = wait.compareTo(longestWait) > 0 ? longestWait : wait;
    return longest.minusNanos(now - known.lastAt());
  }

  /** Whether the key is counted already or can be. */
  boolean hasRoomFor(String key, long now) {
    if (failures.size() < MAX_KEYS || failures.containsKey(key)) {
      return true;
    }
    if (full && now - fullSince < FULL.toNanos()) {
      return false;
    }
    failures.values().removeIf(known -> isOver(known, now) || isSlight(known, now));
    full = failures.size() >= MAX_KEYS;
    fullSince = now;
    return !full;
  }

  void add(String key, long now) {
    failures.merge(
        key,
        new Failures(1, now),
        (known, one) -> isOver(known, now) ? one : new Failures(known.count() + 1, now));
  }

  /** Takes back one. */
  void takeBack(String key) {
    failures.computeIfPresent(
        key,
        (same, known) ->
            known.count() > 1 ? new Failures(known.count() - 1, known.lastAt()) : null);
  }

  private static boolean isOver(Failures known, long now) {
    return now - known.lastAt() > MEMORY.toNanos();
  }

  /**
   * Few failures and none for a while: nothing is lost with them, and that is how a flood looks.
   */
  private boolean isSlight(Failures known, long now) {
    return known.count() <= free / 2 && now - known.lastAt() >= FULL.toNanos();
  }
}

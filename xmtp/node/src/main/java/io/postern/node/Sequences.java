package io.postern.node;

import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * The ids and times that the node hands out. Ids start at 1 and never restart; times rise by whole
 * microseconds, even when the clock of the machine stands still or goes back. Clients keep both in
 * their own databases, so each log tells where its rows end before it hands out the next. Used by
 * the thread of the {@link WriteLane}, after the start.
 */
final class Sequences {
  private static final long MICROSECOND = 1_000;

  private final Clock clock;
  private final Map<String, Long> lastIds = new HashMap<>();
  private long lastTimeNs;

  Sequences(Clock clock) {
    this.clock = clock;
  }

  /** Goes on behind what a log holds. */
  void resume(String log, long lastId, long timeNs) {
    lastIds.put(log, lastId);
    lastTimeNs = Math.max(lastTimeNs, timeNs);
  }

  /** The next id of a log. */
  long next(String log) {
    return lastIds.merge(log, 1L, Long::sum);
  }

  /**
   * The time of the next row, in Unix nanoseconds: now, or a microsecond after the last row if that
   * is later.
   */
  long nextTimeNs() {
    var nowNs = nanos(clock.instant());
    lastTimeNs = Math.max(nowNs / MICROSECOND * MICROSECOND, lastTimeNs + MICROSECOND);
    return lastTimeNs;
  }

  /** An instant in Unix nanoseconds. */
  static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }
}

package io.postern.bridge;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether many mails have begun to arrive just now, one soon after the other. Whoever brings them
 * waits for each 250, so accepting comes first then, and carrying has its time afterwards; but not
 * for long: what does not end is no burst. Used by several threads.
 */
final class ArrivalBurst {
  /** Fewer are no burst. */
  private static final int MANY = 10;

  /** After so long without an arrival a burst is over. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** So long at most something waits for it. */
  private static final Duration LONGEST = Duration.ofSeconds(5);

  /** Arrivals one soon after the other. */
  private record Run(Instant began, Instant last, int count) {
    Run next(Instant now) {
      return last.plus(PAUSE).isBefore(now)
          ? new Run(now, now, 1)
          : new Run(began, now, Math.min(count + 1, MANY));
    }
  }

  private final AtomicReference<Run> run =
      new AtomicReference<>(new Run(Instant.EPOCH, Instant.EPOCH, 0));

  /** One more has arrived. */
  void arrived(Instant now) {
    run.updateAndGet(before -> before.next(now));
  }

  /** Whether what need not be done at once should wait. */
  boolean isOn(Instant now) {
    var known = run.get();
    return known.count() == MANY
        && !known.last().plus(PAUSE).isBefore(now)
        && known.began().plus(LONGEST).isAfter(now);
  }

  /** When to ask again. */
  Duration pause() {
    return PAUSE;
  }
}

package io.postern.bridge;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When something that did not work is tried again, and when it is given up: soon at first, then
 * ever more rarely, for 48 hours.
 */
final class RetrySchedule {
  static final Duration GIVE_UP_AFTER = Duration.ofHours(48);

  private static final List<Duration> PAUSES =
      List.of(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5),
          Duration.ofMinutes(15),
          Duration.ofMinutes(30),
          Duration.ofHours(1),
          Duration.ofHours(2),
          Duration.ofHours(4));

  private RetrySchedule() {}

  /**
   * @param begun when it was first to be done
   * @param attempts how often it has been tried, this time included
   * @param asked how long the far side wants us to wait
   * @return when to try again; empty if it is to be given up
   */
  static Optional<Instant> next(
      Instant begun, Instant now, int attempts, Optional<Duration> asked) {
    var pause = PAUSES.get(Math.min(Math.max(attempts, 1), PAUSES.size()) - 1);
    if (asked.isPresent() && asked.get().compareTo(pause) > 0) {
      pause = asked.get();
    }
    var next = now.plus(pause);
    return isOver(begun, next) ? Optional.empty() : Optional.of(next);
  }

  /** Whether what was first to be done then is no longer tried. */
  static boolean isOver(Instant begun, Instant now) {
    return now.isAfter(begun.plus(GIVE_UP_AFTER));
  }
}

package io.postern.out;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Mails of a folder that could not be taken yet, by their UIDs: when each is tried again, ever more
 * rarely, and when it is given up. They hold up no other. For one thread.
 */
final class LateMails {
  /** As long as a mail of the spool is tried, design.md §4. */
  static final Duration GIVE_UP_AFTER = Duration.ofHours(48);

  /**
   * Of one that cannot be had at least so often was tried: its server may have been away as long.
   */
  private static final int MIN_TIMES = 10;

  private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  private final Map<Long, Trouble> troubles = new HashMap<>();

  /**
   * @param began when it was met for the first time
   * @param next when it is tried again
   * @param reason of the last time
   * @param fetched whether the mail could be had at that time
   */
  private record Trouble(Instant began, int times, Instant next, String reason, boolean fetched) {}

  /**
   * Notes that a mail could not be taken.
   *
   * @param fetched whether it could be had at least
   * @return whether this is the first time
   */
  boolean note(long uid, Instant now, String reason, boolean fetched) {
    var before = Optional.ofNullable(troubles.get(uid));
    int times = before.map(Trouble::times).orElse(0);
    var pause = FIRST_PAUSE.multipliedBy(1L << Math.min(times, 10));
    var next = now.plus(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
    var began = before.map(Trouble::began).orElse(now);
    troubles.put(uid, new Trouble(began, times + 1, next, reason, fetched));
    return before.isEmpty();
  }

  boolean isDue(long uid, Instant now) {
    return Optional.ofNullable(troubles.get(uid))
        .map(trouble -> !now.isBefore(trouble.next()))
        .orElse(true);
  }

  /** Whether it has been tried for long enough. */
  boolean isOver(long uid, Instant now) {
    return Optional.ofNullable(troubles.get(uid))
        .map(trouble -> !now.isBefore(trouble.began().plus(GIVE_UP_AFTER)))
        .orElse(false);
  }

  /** Why it is given up without another look, which would only break the connection again. */
  Optional<String> unfetchable(long uid, Instant now) {
    return Optional.ofNullable(troubles.get(uid))
        .filter(trouble -> isOver(uid, now) && !trouble.fetched())
        .filter(trouble -> trouble.times() >= MIN_TIMES)
        .map(Trouble::reason);
  }

  void forget(long uid) {
    troubles.remove(uid);
  }

  /** Forgets all that are not there any more. */
  void keepOnly(Set<Long> uids) {
    troubles.keySet().retainAll(uids);
  }

  /** How long until one of them is tried again. */
  Optional<Duration> untilNext(Instant now) {
    return troubles.values().stream()
        .map(trouble -> Duration.between(now, trouble.next()))
        .min(Duration::compareTo)
        .map(wait -> wait.isNegative() ? Duration.ZERO : wait);
  }
}

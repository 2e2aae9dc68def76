package io.postern.bridge;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the network is away, and when it is worth asking again: after a second, then ever later,
 * a minute at most. Used by several threads.
 */
final class Outage {
  private static final Logger log = LoggerFactory.getLogger(Outage.class);
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private final String what;
  private int failures;
  private Instant until = Instant.MIN;

  /**
   * @param what for the log, for example {@code the XMTP network}
   */
  Outage(String what) {
    this.what = what;
  }

  /** How long nothing is to be tried; empty if the network may be asked. */
  synchronized Optional<Duration> remaining(Instant now) {
    return until.isAfter(now) ? Optional.of(Duration.between(now, until)) : Optional.empty();
  }

  /** It did not answer. */
  synchronized void gone(Instant now, Optional<Duration> asked, String reason) {
    if (until.isAfter(now)) {
      return; // Somebody else has noticed already.
    }
    failures++;
    var pause = FIRST.multipliedBy(1L << Math.min(failures - 1, 10));
    pause = pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
    if (asked.isPresent() && asked.get().compareTo(pause) > 0) {
      pause = asked.get();
    }
    until = now.plus(pause);
    if (failures == 1) {
      log.warn("{} is away reason={}", what, reason);
    }
  }

  /** It answered. */
  synchronized void back() {
    if (failures > 0) {
      log.info("{} is back", what);
    }
    failures = 0;
    until = Instant.MIN;
  }
}

package io.postern.xmtp.network;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Remembers that the service said "too often". Its buckets refill by whole minutes since the
 * previous request, so that every request made too early sets the refill back: the only way out is
 * to be silent for more than a minute. Used by several threads.
 */
final class Throttle {
  /** A minute, and a little for clocks that differ. */
  static final Duration SILENCE = Duration.ofSeconds(62);

  private final InstantSource clock;
  private final AtomicLong silentUntilMillis = new AtomicLong();

  Throttle(InstantSource clock) {
    this.clock = clock;
  }

  /** How long calls must still be held back; empty if they may go. */
  Optional<Duration> remaining() {
    long left = silentUntilMillis.get() - clock.millis();
    return left > 0 ? Optional.of(Duration.ofMillis(left)) : Optional.empty();
  }

  /** The service refused a call for its rate. */
  Duration exhausted() {
    silentUntilMillis.set(clock.millis() + SILENCE.toMillis());
    return SILENCE;
  }
}

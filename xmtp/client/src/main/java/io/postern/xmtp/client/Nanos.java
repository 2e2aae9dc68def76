package io.postern.xmtp.client;

import java.time.Instant;

/** Unix nanoseconds, the time of XMTP. */
final class Nanos {
  private static final long PER_SECOND = 1_000_000_000L;

  private Nanos() {}

  static long of(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), PER_SECOND), instant.getNano());
  }
}

package io.postern.smtp;

import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How often one client may fail to log in: a few times at once, then with a wait that doubles each
 * time. RFC 4954 §9. Kept in memory, and not for more clients than fit there; for many threads.
 */
final class LoginLimits {
  /** Failures that cost no wait: somebody types their password. */
  static final int FREE_FAILURES = 5;

  /** After so long without another failure all is forgotten. */
  private static final Duration MEMORY = Duration.ofHours(1);

  /** Beyond so many clients the one is forgotten who has been silent for longest. */
  private static final int MAX_CLIENTS = 10_000;

  /** {@code 2^12} s is more than an hour, which is the longest wait. */
  private static final int MAX_DOUBLINGS = 12;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Failures> failures = new LinkedHashMap<>();

  /**
   * @param lastAt {@link System#nanoTime}
   */
  private record Failures(int count, long lastAt) {
    Duration waitAfter() {
      int doublings = Math.min(MAX_DOUBLINGS, count - FREE_FAILURES);
      var wait = Duration.ofSeconds(doublings < 0 ? 0 : 1L << doublings);
      return wait.compareTo(MEMORY) > 0 ? MEMORY : wait;
    }
  }

  /**
   * Begins an attempt, which counts as failed until it has {@link #succeeded}: so many at once get
   * no more guesses than one after the other.
   *
   * @param now {@link System#nanoTime}
   * @return why the client has to wait; then nothing was counted
   */
  Optional<SmtpReply> attempt(InetAddress address, long now) {
    var client = SenderLimits.clientOf(address);
    lock.lock();
    try {
      var before = before(client, now);
      long left = before.waitAfter().toNanos() - (now - before.lastAt());
      if (left > 0) {
        return Optional.of(
            SmtpReply.of(
                454,
                "4.7.0",
                "Too many failed logins from your address; try again in "
                    + (Duration.ofNanos(left).toSeconds() + 1)
                    + " seconds"));
      }
      // Removed first, so that those who come last stand last.
      failures.remove(client);
      failures.put(client, new Failures(before.count() + 1, now));
      if (failures.size() > MAX_CLIENTS) {
        failures.remove(failures.keySet().iterator().next());
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Takes back the one attempt that was none; those of others who share the address stay. */
  void succeeded(InetAddress address) {
    lock.lock();
    try {
      failures.computeIfPresent(
          SenderLimits.clientOf(address),
          (client, known) ->
              known.count() > 1 ? new Failures(known.count() - 1, known.lastAt()) : null);
    } finally {
      lock.unlock();
    }
  }

  private Failures before(String client, long now) {
    var known = failures.get(client);
    return known == null || now - known.lastAt() > MEMORY.toNanos()
        ? new Failures(0, now - MEMORY.toNanos())
        : known;
  }
}

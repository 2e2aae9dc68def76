package io.postern.xmtp.client;

import io.postern.xmtp.network.NodeException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * How long a commit or welcome may wait for an identity update that it names and the network does
 * not show, or a message of ours to be found there. A replica that lags must not fork us, and
 * nobody may hold a group or the welcomes up for long: what is older than the grace is judged at
 * once, so that any number of bad envelopes costs one grace. Groups document 7.6. Used by several
 * threads.
 */
final class Grace {
  /** The retries after a failure of the network make about ten tries of it. */
  static final Duration LENGTH = Duration.ofMinutes(5);

  private static final int REMEMBERED = 10_000;

  private final InstantSource clock;
  private final Map<Object, Long> firstTried = new Lru<>(REMEMBERED);

  Grace(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Decides about an envelope that cannot be judged yet; returns if its grace is over.
   *
   * @param what which envelope, or what several wait for and share one grace; any value with
   *     equality
   * @param createdNs the network's time of it, Unix nanoseconds; the first try counts if it is
   *     later
   * @throws NodeException while it may still be tried again
   */
  void check(Object what, long createdNs, Exception missing) throws NodeException {
    long now = Nanos.of(clock.instant());
    synchronized (firstTried) {
      long since = Math.min(createdNs, firstTried.computeIfAbsent(what, w -> now));
      if (now - since > LENGTH.toNanos()) {
        return;
      }
    }
    throw new NodeException(
        NodeException.Kind.TROUBLED, missing.getMessage(), Optional.empty(), missing);
  }

  /** It waits no more: the next time it does, it has a grace again. */
  void end(Object what) {
    synchronized (firstTried) {
      firstTried.remove(what);
    }
  }
}

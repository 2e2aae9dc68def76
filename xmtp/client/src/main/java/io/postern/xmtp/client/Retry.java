package io.postern.xmtp.client;

import io.postern.xmtp.network.NodeException;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.JdbiException;

/**
 * Whether work that failed is worth another try, and when.
 *
 * @param after how long to wait at least, where the network says so
 */
record Retry(Kind kind, Optional<Duration> after) {
  /** What failed. */
  enum Kind {
    /** The network was away or had a trouble: it works again by itself. */
    SOON,
    /** The network understood and refused, and would again: only what is new can change that. */
    NEVER,
    /** The database: it comes back by itself, as a rule. */
    STORE,
    /** A mistake of ours: it may be the same each time. */
    BUG;

    /** Whether it is of this process, and not of the network. */
    boolean isOurs() {
      return this == STORE || this == BUG;
    }

    /** Whether it is over some time without anybody's doing. */
    boolean comesBack() {
      return this == SOON || this == STORE;
    }
  }

  static Retry of(Throwable failed) {
    if (failed instanceof NodeException network) {
      return new Retry(network.isRetryable() ? Kind.SOON : Kind.NEVER, network.retryAfter());
    }
    if (failed instanceof GroupException) {
      return new Retry(Kind.NEVER, Optional.empty());
    }
    return new Retry(failed instanceof JdbiException ? Kind.STORE : Kind.BUG, Optional.empty());
  }
}

package io.postern.out;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a step of blocking I/O that takes too long, by closing what it waits for. A socket's own
 * timeout counts from octet to octet and never applies to writing; this one covers the whole step.
 */
final class StepLimit {
  private static final Logger LOG = LoggerFactory.getLogger(StepLimit.class);

  /** A step that reads or writes. */
  @FunctionalInterface
  interface Step<T, X extends Exception> {
    T run() throws IOException, X;
  }

  private final Closeable awaited;

  /**
   * @param awaited closed by another thread when time is up; closing it must not block
   */
  StepLimit(Closeable awaited) {
    this.awaited = awaited;
  }

  /**
   * @throws InterruptedIOException if the step took longer than {@code limit}
   */
  <T, X extends Exception> T within(Duration limit, Step<T, X> step) throws IOException, X {
    var expired = closeAfter(limit);
    try {
      return step.run();
    } catch (IOException broken) {
      if (!expired.complete(false)) {
        var late = new InterruptedIOException("no answer within " + limit.toMillis() + " ms");
        late.initCause(broken);
        throw late;
      }
      throw broken;
    } finally {
      expired.complete(false);
    }
  }

  /**
   * Closes what is awaited when that time is up.
   *
   * @return completed with {@code true} then; whoever completes it with {@code false} before calls
   *     that off
   */
  CompletableFuture<Boolean> closeAfter(Duration limit) {
    var expired = new CompletableFuture<Boolean>();
    expired
        .completeOnTimeout(true, limit.toMillis(), TimeUnit.MILLISECONDS)
        .thenAccept(this::closeIf);
    return expired;
  }

  private void closeIf(boolean expired) {
    if (expired) {
      try {
        awaited.close();
      } catch (IOException alreadyBroken) {
        // The step that waits for it meets the same failure and reports it.
        LOG.debug("closing what took too long: {}", alreadyBroken.getMessage());
      }
    }
  }
}

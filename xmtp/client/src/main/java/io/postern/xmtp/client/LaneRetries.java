package io.postern.xmtp.client;

import io.postern.xmtp.network.Backoff;
import io.postern.xmtp.network.NodeException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the work of a lane is tried again that has failed: later each time in a row, and one retry
 * at most waits for a lane. Used by several threads.
 */
final class LaneRetries implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LaneRetries.class);

  private static final Backoff PAUSES = new Backoff(Duration.ofMillis(500), Duration.ofMinutes(1));

  private final ScheduledExecutorService scheduler;
  private final Random random = new Random();
  private final Map<Object, Failing> failing = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** How often the work of a lane has failed in a row, and the retry that waits. */
  private record Failing(int row, Future<?> retry) {}

  LaneRetries(ScheduledExecutorService scheduler) {
    this.scheduler = scheduler;
  }

  /** What a lane does. */
  interface Work {
    void run() throws NodeException;
  }

  /** Does the work, or plans to do it again. */
  void attempt(Object lane, Work work, Runnable again) {
    try {
      work.run();
      succeeded(lane);
    } catch (NodeException failed) {
      later(lane, failed, again);
    } catch (RuntimeException bug) {
      later(lane, bug, again);
    }
  }

  void succeeded(Object lane) {
    failing.remove(lane);
  }

  void later(Object lane, NodeException failed, Runnable again) {
    int row = later(lane, failed.retryAfter(), again);
    if (row == 1) {
      log.warn("network trouble lane={} reason={}", lane, failed.getMessage());
    }
  }

  /** A bug, or trouble of the database: logged whole, and not the end of the lane. */
  void later(Object lane, RuntimeException bug, Runnable again) {
    int row = later(lane, Optional.empty(), again);
    log.error("work failed lane={} row={}", lane, row, bug);
  }

  /** Plans one retry, in place of any that waits; answers how often the lane failed in a row. */
  private int later(Object lane, Optional<Duration> retryAfter, Runnable again) {
    var now =
        failing.compute(
            lane,
            (l, before) -> {
              int row = before == null ? 1 : before.row() + 1;
              if (before != null) {
                before.retry().cancel(false);
              }
              var pause = retryAfter.orElse(PAUSES.after(row, random));
              return new Failing(row, schedule(again, pause));
            });
    return now.row();
  }

  private Future<?> schedule(Runnable again, Duration pause) {
    if (!closed) {
      try {
        return scheduler.schedule(again, pause.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closing) {
        log.debug("no retry, the scheduler is closed");
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  /** Plans no more, and calls off what waits. */
  @Override
  public void close() {
    closed = true;
    failing.values().forEach(each -> each.retry().cancel(false));
  }
}

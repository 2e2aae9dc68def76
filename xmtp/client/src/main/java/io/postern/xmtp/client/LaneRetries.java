package io.postern.xmtp.client;

import io.postern.xmtp.network.Backoff;
import io.postern.xmtp.network.NodeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
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
 * When the work of a lane is tried again that has failed: later each time until it succeeds, and
 * one retry at most waits for a lane. What the network refuses is tried a few times only, and then
 * when something new comes; a mistake of ours is tried less and less, and said. Used by several
 * threads.
 */
final class LaneRetries implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LaneRetries.class);

  private static final Backoff PAUSES = new Backoff(Duration.ofMillis(500), Duration.ofMinutes(1));

  /** After a refusal or a mistake of ours. */
  private static final Backoff LONG_PAUSES =
      new Backoff(Duration.ofSeconds(1), Duration.ofHours(1));

  /** How often in a row is tried what is refused: a configuration may be mended meanwhile. */
  private static final int REFUSALS = 8;

  /** After so many failures in a row a mistake of ours is no accident. */
  private static final int ALARMING = 5;

  /** A trace says the same each time. */
  private static final Duration TRACE_EVERY = Duration.ofHours(1);

  private final ScheduledExecutorService scheduler;
  private final Alarms alarms;
  private final InstantSource clock;
  private final Random random = new Random();
  private final Map<Object, Failing> failing = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * How often the work of a lane has failed since it last succeeded, and the retry that waits.
   *
   * @param passing in ways that come to an end by themselves
   * @param lasting in other ways
   * @param ours by the database or a mistake, whichever way that goes
   * @param traced when a trace was written; long ago if none was
   */
  private record Failing(int passing, int lasting, int ours, Future<?> retry, Instant traced) {
    int count(Retry.Kind kind) {
      return kind.comesBack() ? passing : lasting;
    }
  }

  /** What an alarm is about. */
  private record Failure(Object lane) {}

  LaneRetries(ScheduledExecutorService scheduler, Alarms alarms, InstantSource clock) {
    this.scheduler = scheduler;
    this.alarms = alarms;
    this.clock = clock;
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
    } catch (NodeException | RuntimeException failed) {
      later(lane, failed, again);
    }
  }

  void succeeded(Object lane) {
    if (failing.remove(lane) != null) {
      alarms.end(new Failure(lane));
    }
  }

  /** Plans one retry, in place of any that waits, if trying again can help. */
  void later(Object lane, Exception failed, Runnable again) {
    var retry = Retry.of(failed);
    var now = clock.instant();
    var before = failing.get(lane);
    var traced = before == null ? Instant.EPOCH : before.traced();
    boolean isOurs = retry.kind().isOurs();
    boolean trace = isOurs && traced.plus(TRACE_EVERY).compareTo(now) <= 0;
    var failures = plan(lane, retry, again, trace ? now : traced);
    if (isOurs) {
      bug(lane, failures.ours(), failed, trace);
    } else if (failures.count(retry.kind()) == 1) {
      log.warn("network trouble lane={} reason={}", lane, failed.getMessage());
    }
  }

  private void bug(Object lane, int row, Exception bug, boolean trace) {
    if (trace) {
      log.error("work failed lane={} row={}", lane, row, bug);
    } else {
      log.debug("work failed again lane={} row={} reason={}", lane, row, bug.toString());
    }
    if (row == ALARMING) {
      alarms.raise(new Failure(lane), "work for " + lane + " fails each time; the log says why");
    }
  }

  private Failing plan(Object lane, Retry retry, Runnable work, Instant traced) {
    return failing.compute(
        lane,
        (l, before) -> {
          boolean passes = retry.kind().comesBack();
          int passing = (before == null ? 0 : before.passing()) + (passes ? 1 : 0);
          int lasting = (before == null ? 0 : before.lasting()) + (passes ? 0 : 1);
          int ours = (before == null ? 0 : before.ours()) + (retry.kind().isOurs() ? 1 : 0);
          if (before != null) {
            before.retry().cancel(false);
          }
          boolean hopeless = retry.kind() == Retry.Kind.NEVER && lasting >= REFUSALS;
          var usual = passes ? PAUSES.after(passing, random) : LONG_PAUSES.after(lasting, random);
          Future<?> next =
              hopeless
                  ? CompletableFuture.completedFuture(null)
                  : schedule(work, retry.after().orElse(usual));
          return new Failing(passing, lasting, ours, next, traced);
        });
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

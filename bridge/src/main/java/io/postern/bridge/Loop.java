package io.postern.bridge;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker that takes turns: when it is woken, when its next turn is due, and never after it was
 * told to stop. A turn that fails is told, and the next one comes after a pause.
 */
abstract class Loop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Loop.class);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
  private static final long JOIN_MILLIS = 10_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;

  /** Since a turn has last succeeded it has been told that the database does not answer. */
  private final AtomicBoolean toldOfStore = new AtomicBoolean();

  private boolean woken = true;
  private boolean stopped;

  Loop(String name) {
    this.thread = new Thread(this::run, name);
    this.thread.setDaemon(true);
  }

  /**
   * Does what is due.
   *
   * @return how long the next turn can wait if nobody wakes the loop
   */
  abstract Duration turn() throws IOException;

  /** How long a loop waits that has nothing to do until {@code next}; never less than nothing. */
  static Duration waitUntil(Optional<Instant> next, Instant now, Duration longest) {
    return next.map(at -> Duration.between(now, at))
        .map(wait -> wait.isNegative() ? Duration.ZERO : wait)
        .filter(wait -> wait.compareTo(longest) < 0)
        .orElse(longest);
  }

  /** Begins to take turns. */
  void start() {
    thread.start();
  }

  /** There is something to do. */
  void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a long turn should come to its end. */
  boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  /** Returns when the running turn is over; no further one begins. */
  @Override
  public void close() {
    lock.lock();
    try {
      stopped = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (thread.isAlive()) {
        thread.join(JOIN_MILLIS);
      }
      if (thread.isAlive()) {
        log.warn(
            "loop {} has not ended its turn; it is stopped with the process", thread.getName());
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    var wait = Duration.ZERO;
    while (await(wait)) {
      try {
        wait = turn();
        toldOfStore.set(false);
      } catch (IOException | RuntimeException | StackOverflowError | LinkageError failed) {
        // Whatever it was: a loop that ends is mail that stands still until somebody notices.
        tell("a turn of loop " + thread.getName() + " failed", failed);
        wait = AFTER_FAILURE;
      }
    }
  }

  /**
   * Tells the operator of what failed: of a mistake with its trace. Where it is the database that
   * does not answer, one line stands for all that fails until a turn succeeds.
   */
  void tell(String what, Throwable failed) {
    var away = StoreAway.reason(failed);
    if (away.isEmpty()) {
      log.error("{}", what, failed);
      return;
    }
    if (!toldOfStore.getAndSet(true)) {
      log.warn("{}: the database does not answer reason={}", what, away.get());
    }
    log.debug("{}", what, failed);
  }

  private boolean await(Duration wait) {
    long nanos = Math.max(0, wait.toNanos());
    lock.lock();
    try {
      while (!stopped && !woken && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      woken = false;
      return !stopped;
    } catch (InterruptedException told) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}

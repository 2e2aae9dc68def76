package io.postern.bridge;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the items of one key in their order, and those of different keys side by side. A lane takes
 * one thread while it has items, and gives it back between two of them. Used by several threads.
 */
final class Lanes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Lanes.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Executor workers;
  private final Runnable freed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Map<Object, Queue<Runnable>> lanes = new HashMap<>();
  private int running;
  private boolean closed;

  /**
   * @param workers has threads of its own for these lanes: an item may wait for the XMTP client,
   *     whose lanes would never get a thread if items like it held them all
   */
  Lanes(Executor workers) {
    this(workers, () -> {});
  }

  /**
   * @param freed called when a lane has come to its end, and not before {@link #has} says so: who
   *     adds an item only where there is none looks again then
   */
  Lanes(Executor workers, Runnable freed) {
    this.workers = workers;
    this.freed = freed;
  }

  /** Queues an item; it is dropped if the lanes are closed before its turn. */
  void add(Object key, Runnable item) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      var lane = lanes.get(key);
      if (lane != null) {
        lane.add(item);
        return;
      }
      lane = new ArrayDeque<>();
      lane.add(item);
      lanes.put(key, lane);
    } finally {
      lock.unlock();
    }
    workers.execute(() -> next(key));
  }

  /** Whether an item of this key runs or waits. */
  boolean has(Object key) {
    lock.lock();
    try {
      return lanes.containsKey(key);
    } finally {
      lock.unlock();
    }
  }

  private void next(Object key) {
    var item = take(key);
    if (item == null) {
      return;
    }
    try {
      item.run();
    } catch (RuntimeException | StackOverflowError bug) {
      log.error("an item of lane {} failed", key, bug);
    } finally {
      if (goesOn(key)) {
        workers.execute(() -> next(key));
      } else {
        freed.run();
      }
    }
  }

  private Runnable take(Object key) {
    lock.lock();
    try {
      if (closed) {
        return null;
      }
      running++;
      return lanes.get(key).peek();
    } finally {
      lock.unlock();
    }
  }

  private boolean goesOn(Object key) {
    lock.lock();
    try {
      running--;
      ended.signalAll();
      var lane = lanes.get(key);
      lane.poll();
      if (lane.isEmpty()) {
        lanes.remove(key);
      }
      return !closed && !lane.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Begins no further item; returns when those that run are over, or after ten seconds. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      long nanos = PATIENCE.toNanos();
      while (running > 0 && nanos > 0) {
        nanos = ended.awaitNanos(nanos);
      }
      if (running > 0) {
        log.warn(
            "{} item(s) have not ended within {} s; they are done again after the next start",
            running,
            TimeUnit.NANOSECONDS.toSeconds(PATIENCE.toNanos()));
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}

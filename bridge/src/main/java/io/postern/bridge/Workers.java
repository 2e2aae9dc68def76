package io.postern.bridge;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gives out the threads: virtual ones where the runtime has them, bounded pools elsewhere. No other
 * file knows which.
 */
final class Workers implements AutoCloseable {
  private static final int LANES = 32;
  private static final int CLOSE_SECONDS = 10;

  private final ExecutorService lanes;
  private final ExecutorService sessions;
  private final ScheduledExecutorService scheduler;

  private Workers(
      ExecutorService lanes, ExecutorService sessions, ScheduledExecutorService scheduler) {
    this.lanes = lanes;
    this.sessions = sessions;
    this.scheduler = scheduler;
  }

  /**
   * @param maxSessions how many connections from outside are served at once
   */
  static Workers open(int maxSessions) {
    return new Workers(
        virtual().orElseGet(() -> pool("lane", LANES)),
        virtual().orElseGet(() -> pool("session", maxSessions)),
        Executors.newScheduledThreadPool(1, runnable -> daemon("timer", runnable)));
  }

  /** Runs what may block on the network or the database. */
  ExecutorService lanes() {
    return lanes;
  }

  /** Serves connections, one thread each; rejects what is too many. */
  ExecutorService sessions() {
    return sessions;
  }

  /** Runs short tasks at their time. */
  ScheduledExecutorService scheduler() {
    return scheduler;
  }

  /** Stops and waits a while for what runs. */
  @Override
  public void close() {
    scheduler.shutdownNow();
    sessions.shutdown();
    lanes.shutdown();
    try {
      if (!sessions.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        sessions.shutdownNow();
      }
      if (!lanes.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        lanes.shutdownNow();
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }

  /** An executor of virtual threads; empty where the runtime has none (before Java 21). */
  private static Optional<ExecutorService> virtual() {
    try {
      return Optional.of(
          (ExecutorService)
              Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
    } catch (NoSuchMethodException beforeJava21) {
      return Optional.empty();
    } catch (IllegalAccessException | InvocationTargetException broken) {
      throw new IllegalStateException("virtual threads cannot be made", broken);
    }
  }

  private static ExecutorService pool(String name, int size) {
    var number = new AtomicInteger();
    return Executors.newFixedThreadPool(
        size, runnable -> daemon(name + "-" + number.incrementAndGet(), runnable));
  }

  private static Thread daemon(String name, Runnable runnable) {
    var thread = new Thread(runnable, name);
    thread.setDaemon(true);
    return thread;
  }
}

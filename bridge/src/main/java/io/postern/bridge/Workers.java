package io.postern.bridge;

import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Gives out the threads: virtual ones where the runtime has them, bounded pools elsewhere. No other
 * file knows which. How many groups are worked on, and how many mails are carried, composed or sent
 * at once, is bounded on every runtime: each holds a connection to the database now and then.
 */
final class Workers implements AutoCloseable {
  private static final int LANES = 32;
  private static final int CARRIERS = 32;
  private static final int COMPOSERS = 16;
  static final int SENDERS = 100;
  private static final int CLOSE_SECONDS = 10;
  private static final int IDLE_SECONDS = 60;

  private final ExecutorService lanes;
  private final ExecutorService carriers;
  private final ExecutorService composers;
  private final ExecutorService senders;
  private final ExecutorService sessions;
  private final ScheduledExecutorService scheduler;

  private Workers(Supplier<Optional<ExecutorService>> virtual, int maxSessions) {
    this.lanes = pool("lane", LANES);
    this.carriers = pool("carrier", CARRIERS);
    this.composers = pool("composer", COMPOSERS);
    this.senders = pool("sender", SENDERS);
    this.sessions = virtual.get().orElseGet(() -> pool("session", maxSessions));
    this.scheduler = Executors.newScheduledThreadPool(1, task -> daemon("timer", task));
  }

  /**
   * @param maxSessions how many connections from outside are served at once
   */
  static Workers open(int maxSessions) {
    return new Workers(Workers::virtual, maxSessions);
  }

  /** As {@link #open}, with the bounded pools of a runtime without virtual threads. */
  static Workers bounded(int maxSessions) {
    return new Workers(Optional::empty, maxSessions);
  }

  /** Runs the lanes of the XMTP client: they wait for the network, never for each other. */
  ExecutorService lanes() {
    return lanes;
  }

  /**
   * Carries mail into conversations. What runs here waits for what runs in {@link #lanes}, which is
   * why these are other threads: a pool whose every thread waits for a task of the same pool stands
   * still.
   */
  ExecutorService carriers() {
    return carriers;
  }

  /**
   * Composes mail. Files that peers name are fetched meanwhile, from servers that may be slow, so
   * these threads carry nothing else.
   */
  ExecutorService composers() {
    return composers;
  }

  /** Hands mail to far servers, each of which may keep its thread for minutes. */
  ExecutorService senders() {
    return senders;
  }

  /** Serves connections, one thread each. */
  ExecutorService sessions() {
    return sessions;
  }

  /** Runs short tasks at their time. */
  ScheduledExecutorService scheduler() {
    return scheduler;
  }

  /** Stops and waits a while for what runs: first for what waits for others, then for those. */
  @Override
  public void close() {
    scheduler.shutdownNow();
    try {
      for (var executor : List.of(sessions, carriers, composers, senders, lanes)) {
        executor.shutdown();
        if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
          executor.shutdownNow();
        }
      }
    } catch (InterruptedException hurried) {
      List.of(sessions, carriers, composers, senders, lanes).forEach(ExecutorService::shutdownNow);
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
    var pool =
        new ThreadPoolExecutor(
            size,
            size,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            runnable -> daemon(name + "-" + number.incrementAndGet(), runnable));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** A thread of its own, that keeps no process alive. */
  static Thread daemon(String name, Runnable runnable) {
    var thread = new Thread(runnable, name);
    thread.setDaemon(true);
    return thread;
  }
}

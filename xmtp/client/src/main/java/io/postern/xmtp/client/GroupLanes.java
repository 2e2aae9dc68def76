package io.postern.xmtp.client;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the tasks of one group in the order they came and those of different groups in parallel, so
 * that the state of a group needs no lock. A task may block on I/O but must not wait for another
 * lane. Used by several threads.
 */
final class GroupLanes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GroupLanes.class);

  private final Executor executor;
  private final Map<Object, Lane> lanes = new HashMap<>();
  private boolean closed;

  GroupLanes(Executor executor) {
    this.executor = executor;
  }

  /**
   * Queues a task.
   *
   * @param lane whose turn it is to be in; any value with equality
   * @return completes with the task's result, or with what it threw
   */
  <T> CompletableFuture<T> run(Object lane, Callable<T> task) {
    var result = new CompletableFuture<T>();
    enqueue(lane, new Awaited<>(task, result));
    return result;
  }

  /**
   * Queues a task unless the lane already has one of its kind that has not begun; nothing happens
   * if the lanes are closed.
   */
  void wake(Object key, Runnable task) {
    Optional<Lane> idle;
    synchronized (lanes) {
      var waiting = lanes.get(key);
      if (closed || waiting != null && waiting.woken) {
        return;
      }
      idle = add(key, new Wake(key, task));
      lanes.get(key).woken = true;
    }
    idle.ifPresent(this::begin);
  }

  private void enqueue(Object key, Runnable task) {
    Optional<Lane> idle;
    synchronized (lanes) {
      if (closed) {
        throw new RejectedExecutionException("the client is closed");
      }
      idle = add(key, task);
    }
    idle.ifPresent(this::begin);
  }

  /** Adds a task; answers the lane if it has to be begun. */
  private Optional<Lane> add(Object key, Runnable task) {
    var lane = lanes.computeIfAbsent(key, Lane::new);
    lane.tasks.add(task);
    boolean idle = !lane.running;
    lane.running = true;
    return idle ? Optional.of(lane) : Optional.empty();
  }

  /** Outside the monitor, since an executor may run it at once. */
  private void begin(Lane lane) {
    try {
      executor.execute(lane);
    } catch (RejectedExecutionException noThread) {
      synchronized (lanes) {
        lane.dropTasks();
        lane.stop();
      }
      throw noThread;
    }
  }

  /**
   * Takes no more tasks and returns when the running ones are over; queued ones are dropped. Must
   * not be called from a task.
   */
  @Override
  public void close() {
    synchronized (lanes) {
      closed = true;
      lanes.values().forEach(Lane::dropTasks);
      while (lanes.values().stream().anyMatch(lane -> lane.running)) {
        try {
          lanes.wait();
        } catch (InterruptedException hurried) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private record Awaited<T>(Callable<T> task, CompletableFuture<T> result) implements Runnable {
    @Override
    public void run() {
      try {
        result.complete(task.call());
      } catch (Throwable thrown) {
        result.completeExceptionally(thrown);
      }
    }
  }

  private final class Wake implements Runnable {
    private final Object key;
    private final Runnable task;

    private Wake(Object key, Runnable task) {
      this.key = key;
      this.task = task;
    }

    @Override
    public void run() {
      synchronized (lanes) {
        lanes.get(key).woken = false;
      }
      task.run();
    }
  }

  private final class Lane implements Runnable {
    private final Object key;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private boolean running;
    private boolean woken;

    private Lane(Object key) {
      this.key = key;
    }

    @Override
    public void run() {
      Runnable task;
      synchronized (lanes) {
        task = tasks.poll();
      }
      try {
        if (task != null) {
          task.run();
        }
      } catch (RuntimeException bug) {
        log.error("a task of lane {} failed", key, bug);
      } finally {
        goOn();
      }
    }

    private void goOn() {
      synchronized (lanes) {
        if (tasks.isEmpty()) {
          stop();
          return;
        }
      }
      try {
        executor.execute(this); // Not at once: other lanes wait for the thread.
      } catch (RejectedExecutionException shutDown) {
        synchronized (lanes) {
          log.warn("tasks dropped, no thread takes them lane={} count={}", key, tasks.size());
          dropTasks();
          stop();
        }
      }
    }

    /** The lane is forgotten until somebody needs it. */
    private void stop() {
      running = false;
      lanes.remove(key);
      lanes.notifyAll();
    }

    private void dropTasks() {
      for (var task : tasks) {
        if (task instanceof Awaited<?> awaited) {
          awaited.result.completeExceptionally(new CancellationException("the client is closed"));
        }
      }
      tasks.clear();
      woken = false;
    }
  }
}

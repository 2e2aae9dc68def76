package io.postern.xmtp.client;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Runs what is due when it is told to, in the caller's thread, by a clock that is set by hand. */
final class SteppedScheduler extends AbstractExecutorService implements ScheduledExecutorService {
  private final InstantSource clock;
  private final List<Task> tasks = new ArrayList<>();
  private boolean shut;

  SteppedScheduler(InstantSource clock) {
    this.clock = clock;
  }

  private final class Task extends FutureTask<Void> implements ScheduledFuture<Void> {
    private final long dueMillis;

    private Task(Runnable work, long dueMillis) {
      super(work, null);
      this.dueMillis = dueMillis;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueMillis - clock.millis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.MILLISECONDS), other.getDelay(TimeUnit.MILLISECONDS));
    }
  }

  /** Runs what is due now, the earliest first; what that schedules runs too if it is due. */
  void runDue() {
    while (true) {
      Task next;
      synchronized (tasks) {
        tasks.removeIf(FutureTask::isCancelled);
        next =
            tasks.stream()
                .filter(task -> task.dueMillis <= clock.millis())
                .min(Comparator.comparingLong(task -> task.dueMillis))
                .orElse(null);
        if (next == null) {
          return;
        }
        tasks.remove(next);
      }
      next.run();
    }
  }

  /** How many tasks wait. */
  int waiting() {
    synchronized (tasks) {
      tasks.removeIf(FutureTask::isCancelled);
      return tasks.size();
    }
  }

  /** Forgets all tasks, as a crash does. */
  void crash() {
    synchronized (tasks) {
      tasks.clear();
    }
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    var task = new Task(command, clock.millis() + unit.toMillis(delay));
    synchronized (tasks) {
      tasks.add(task);
    }
    return task;
  }

  @Override
  public void execute(Runnable command) {
    schedule(command, 0, TimeUnit.MILLISECONDS);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void shutdown() {
    shut = true;
  }

  @Override
  public List<Runnable> shutdownNow() {
    shut = true;
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return shut;
  }

  @Override
  public boolean isTerminated() {
    return shut;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return shut;
  }
}

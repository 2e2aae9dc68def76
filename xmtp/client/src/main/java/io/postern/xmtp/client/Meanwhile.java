package io.postern.xmtp.client;

import io.postern.xmtp.network.NodeException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;

/**
 * Work that another thread may do meanwhile. Whoever needs its result does the work himself if no
 * other has begun, so that threads of one pool may wait for each other and none stands still.
 */
final class Meanwhile<T> {
  private final FutureTask<T> task;

  private Meanwhile(Callable<T> work) {
    this.task = new FutureTask<>(work);
  }

  /** Offers the work to others. */
  static <T> Meanwhile<T> begin(Executor others, Callable<T> work) {
    var meanwhile = new Meanwhile<>(work);
    try {
      others.execute(meanwhile.task);
    } catch (RejectedExecutionException closing) {
      // So it is done by whoever needs it.
    }
    return meanwhile;
  }

  /**
   * Its result. An interruption does not end the wait, and is kept.
   *
   * @throws NodeException if the work ended so; what is unchecked comes as it is, too
   */
  T await() throws NodeException {
    task.run();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException later) {
          interrupted = true;
        }
      }
    } catch (ExecutionException failed) {
      throw cause(failed);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static NodeException cause(ExecutionException failed) {
    var cause = failed.getCause();
    if (cause instanceof NodeException network) {
      return network;
    }
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    throw new IllegalStateException("such work fails otherwise", cause);
  }

  /** Nobody needs it: it is not begun any more. */
  void drop() {
    task.cancel(false);
  }
}

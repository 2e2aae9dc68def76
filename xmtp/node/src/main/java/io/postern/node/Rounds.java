package io.postern.node;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Work that several threads ask for and one at a time does. What is asked for during a round gets
 * one more round after it, however often it was asked for. Used by several threads.
 */
final class Rounds {
  private final Executor executor;
  private final Runnable work;
  private final AtomicInteger asked = new AtomicInteger();

  /**
   * @param work what one round does; a round sees all that was written before it was asked for
   */
  Rounds(Executor executor, Runnable work) {
    this.executor = executor;
    this.work = work;
  }

  /** Asks for a round that begins after this; does not wait for it. */
  void ask() {
    if (asked.getAndIncrement() == 0) {
      executor.execute(this::run);
    }
  }

  private void run() {
    var answered = asked.get();
    do {
      work.run();
      answered = asked.addAndGet(-answered);
    } while (answered != 0);
  }
}

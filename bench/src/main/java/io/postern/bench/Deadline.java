package io.postern.bench;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for a condition, never longer than it may. */
final class Deadline {
  private static final long LOOK_EVERY_MILLIS = 10;

  private final String what;
  private final Duration limit;
  private final long endNanos;

  private Deadline(String what, Duration limit) {
    this.what = what;
    this.limit = limit;
    this.endNanos = System.nanoTime() + limit.toNanos();
  }

  /**
   * @param what is waited for, for the message
   */
  static Deadline in(Duration limit, String what) {
    return new Deadline(what, limit);
  }

  /**
   * @throws BenchException if the condition does not become true in time
   */
  void until(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      if (System.nanoTime() > endNanos) {
        throw new BenchException(what + " did not happen within " + limit.toSeconds() + " s");
      }
      Thread.sleep(LOOK_EVERY_MILLIS);
    }
  }
}

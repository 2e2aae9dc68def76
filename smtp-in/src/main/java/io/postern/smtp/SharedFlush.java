package io.postern.smtp;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes durable what several threads have written to one file, folder or table. Callers that come
 * while a flush runs share the next one, since one that began before their change might have missed
 * it.
 *
 * <p>A flush that fails has failed for all who waited for it: the system may forget what it could
 * not write, and the next flush, which knows nothing of it, may succeed.
 *
 * <p>For many threads.
 */
public final class SharedFlush {
  /** Returns when what was written before is on the disk. */
  @FunctionalInterface
  public interface Flush {
    void run() throws IOException;
  }

  private final Flush flush;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition over = lock.newCondition();
  private long started;
  private long ended;
  private long failed;
  private boolean running;

  /** Of whatever makes durable all that has been written before it runs. */
  public SharedFlush(Flush flush) {
    this.flush = flush;
  }

  /** Of the entries of a folder. */
  static SharedFlush ofFolder(Path folder) {
    return new SharedFlush(
        () -> {
          try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
          }
        });
  }

  /** Returns when every change made before the call is durable. */
  public void sync() throws IOException {
    lock.lock();
    try {
      long wanted = started + 1;
      while (ended < wanted) {
        if (running) {
          over.awaitUninterruptibly();
        } else {
          runOne();
        }
      }
      if (wanted <= failed) {
        throw new IOException("what was written did not become durable; the log says why");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock held; lets go of it while the disk works. */
  private void runOne() throws IOException {
    running = true;
    long run = ++started;
    lock.unlock();
    boolean done = false;
    try {
      flush.run();
      done = true;
    } finally {
      lock.lock();
      running = false;
      ended = run;
      if (!done) {
        failed = run;
      }
      over.signalAll();
    }
  }
}

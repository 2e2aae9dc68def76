package io.postern.smtp;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Puts the entries of a folder on the disk. Callers that come while a sync runs share the next one,
 * since one that began before their rename might have missed it.
 *
 * <p>For many threads.
 */
final class FolderSync {
  private final Path folder;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private long started;
  private long succeeded;
  private boolean running;

  FolderSync(Path folder) {
    this.folder = folder;
  }

  /** Returns when every change made to the folder before the call is durable. */
  void sync() throws IOException {
    lock.lock();
    try {
      long wanted = started + 1;
      while (succeeded < wanted) {
        if (running) {
          ended.awaitUninterruptibly();
        } else {
          runOne();
        }
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
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
      done = true;
    } finally {
      lock.lock();
      running = false;
      if (done) {
        succeeded = run;
      }
      ended.signalAll();
    }
  }
}

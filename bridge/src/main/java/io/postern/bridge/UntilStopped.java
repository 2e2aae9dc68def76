package io.postern.bridge;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Waits for SIGTERM or SIGINT, and keeps the process alive until what is to be closed is closed.
 */
final class UntilStopped implements AutoCloseable {
  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  UntilStopped() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
  }

  private void stop() {
    tell();
    try {
      closed.await();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }

  /** The same as SIGTERM, without an end of the process. */
  void tell() {
    told.countDown();
  }

  /** Waits so long at most, and answers whether the process has been told to stop. */
  boolean await(Duration longest) throws InterruptedException {
    return told.await(longest.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Returns when the process has been told to stop. */
  void await() throws InterruptedException {
    told.await();
  }

  /** The process may end. To be closed last. */
  @Override
  public void close() {
    closed.countDown();
  }
}

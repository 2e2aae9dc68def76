package io.postern.bridge;

import java.util.concurrent.CountDownLatch;

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
    told.countDown();
    try {
      closed.await();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
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

package io.postern.smtp;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedFlushTest {
  @TempDir Path folder;

  @Test
  void servesManyCallersAtOnce() throws Exception {
    var sync = SharedFlush.ofFolder(folder);
    var threads = Executors.newFixedThreadPool(16);
    try {
      Callable<Void> work =
          () -> {
            for (int i = 0; i < 50; i++) {
              sync.sync();
            }
            return null;
          };
      for (var done : threads.invokeAll(Collections.nCopies(16, work))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void thoseWhoComeWhileAFlushRunsShareTheNext() throws Exception {
    var begun = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    var runs = new AtomicInteger();
    var flush =
        new SharedFlush(
            () -> {
              runs.incrementAndGet();
              begun.countDown();
              pass(end);
            });
    var threads = new ArrayList<Thread>();
    threads.add(start(flush));
    begun.await();
    for (int i = 0; i < 10; i++) {
      threads.add(start(flush));
    }
    for (var thread : threads) {
      await().until(() -> thread.getState() == Thread.State.WAITING);
    }

    end.countDown();
    for (var thread : threads) {
      thread.join();
    }

    assertEquals(2, runs.get());
  }

  @Test
  void aFailedFlushIsNotMadeGoodByTheNext() {
    var runs = new AtomicInteger();
    var flush =
        new SharedFlush(
            () -> {
              if (runs.incrementAndGet() == 1) {
                throw new IOException("the disk is gone");
              }
            });

    assertThrows(IOException.class, flush::sync);
    assertDoesNotThrow(flush::sync);
    assertEquals(2, runs.get());
  }

  private static Thread start(SharedFlush flush) {
    var thread =
        new Thread(
            () -> {
              try {
                flush.sync();
              } catch (IOException failed) {
                throw new UncheckedIOException(failed);
              }
            });
    thread.start();
    return thread;
  }

  private static void pass(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void everyCallerLearnsOfAFailure() throws Exception {
    var sync = SharedFlush.ofFolder(folder.resolve("absent"));
    var threads = Executors.newFixedThreadPool(4);
    try {
      Callable<Void> work =
          () -> {
            assertThrows(IOException.class, sync::sync);
            return null;
          };
      for (var done : threads.invokeAll(Collections.nCopies(20, work))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}

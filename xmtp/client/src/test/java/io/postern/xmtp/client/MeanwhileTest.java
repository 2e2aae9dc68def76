package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.xmtp.network.NodeException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MeanwhileTest {
  private final Queue<Runnable> offered = new ArrayDeque<>();
  private final AtomicInteger done = new AtomicInteger();

  @Test
  void isDoneByWhoeverNeedsItIfNoOtherHasBegun() throws Exception {
    var work = Meanwhile.begin(offered::add, done::incrementAndGet);
    assertThat(done).hasValue(0);

    assertThat(work.await()).isEqualTo(1);
    offered.remove().run(); // A thread that comes too late.

    assertThat(work.await()).isEqualTo(1);
    assertThat(done).hasValue(1);
  }

  @Test
  void isDoneByAnotherThread() throws Exception {
    var threads = Executors.newSingleThreadExecutor();
    try {
      var begun = new CountDownLatch(1);
      var work =
          Meanwhile.begin(
              threads,
              () -> {
                begun.countDown();
                return Thread.currentThread();
              });
      begun.await();

      assertThat(work.await()).isNotSameAs(Thread.currentThread());
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void isDoneAlsoWhereNoThreadTakesIt() throws Exception {
    var work =
        Meanwhile.begin(
            task -> {
              throw new RejectedExecutionException("closing");
            },
            done::incrementAndGet);

    assertThat(work.await()).isEqualTo(1);
  }

  @Test
  void failsAsTheWorkDoes() {
    assertThatThrownBy(Meanwhile.begin(Runnable::run, () -> fail(lost()))::await)
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("lost");
    assertThatThrownBy(
            Meanwhile.begin(Runnable::run, () -> fail(new IllegalArgumentException()))::await)
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(Meanwhile.begin(Runnable::run, () -> fail(new IOException()))::await)
        .isInstanceOf(IllegalStateException.class)
        .hasCauseInstanceOf(IOException.class);
  }

  private static NodeException lost() {
    return new NodeException(NodeException.Kind.UNREACHABLE, "lost");
  }

  private static int fail(Exception how) throws Exception {
    throw how;
  }

  @Test
  void keepsAnInterruption() throws Exception {
    var work = Meanwhile.begin(offered::add, done::incrementAndGet);
    Thread.currentThread().interrupt();

    assertThat(work.await()).isEqualTo(1);

    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void isNotBegunOnceItIsDropped() {
    Meanwhile.begin(offered::add, done::incrementAndGet).drop();

    offered.remove().run();

    assertThat(done).hasValue(0);
  }
}

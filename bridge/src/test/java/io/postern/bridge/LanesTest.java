package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LanesTest {
  private final ExecutorService workers = Executors.newFixedThreadPool(4);
  private final Lanes lanes = new Lanes(workers);

  @AfterEach
  void close() {
    lanes.close();
    workers.shutdownNow();
  }

  @Test
  void keepsTheOrderOfEachKey() {
    List<String> done = Collections.synchronizedList(new ArrayList<>());

    for (int i = 0; i < 200; i++) {
      var item = i;
      lanes.add("a", () -> done.add("a" + item));
      lanes.add("b", () -> done.add("b" + item));
    }

    await().until(() -> done.size() == 400);
    for (var key : List.of("a", "b")) {
      assertThat(done.stream().filter(item -> item.startsWith(key)))
          .containsExactlyElementsOf(IntStream.range(0, 200).mapToObj(i -> key + i).toList());
    }
    await().until(() -> !lanes.has("a") && !lanes.has("b"));
  }

  @Test
  void runsDifferentKeysSideBySide() throws Exception {
    var bothRun = new CountDownLatch(2);
    Runnable meet =
        () -> {
          bothRun.countDown();
          awaitQuietly(bothRun);
        };

    lanes.add("a", meet);
    lanes.add("b", meet);

    assertThat(bothRun.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void tellsThatALaneIsFreeWhenItIs() throws Exception {
    var rounds = 100;
    var told = new ArrayBlockingQueue<Boolean>(rounds);
    var those = new AtomicReference<Lanes>();
    those.set(new Lanes(workers, () -> told.add(those.get().has("a"))));

    for (int i = 0; i < rounds; i++) {
      those.get().add("a", () -> {});

      assertThat(told.poll(10, TimeUnit.SECONDS)).as("it is busy still").isFalse();
    }
  }

  @Test
  void aLaneGoesOnAfterAnItemThatFails() throws Exception {
    var after = new CountDownLatch(1);

    lanes.add(
        "a",
        () -> {
          throw new IllegalStateException("a mistake");
        });
    lanes.add("a", after::countDown);

    assertThat(after.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void closingWaitsForWhatRunsAndDropsWhatWaits() throws Exception {
    var runs = new CountDownLatch(1);
    var mayEnd = new CountDownLatch(1);
    List<String> done = Collections.synchronizedList(new ArrayList<>());
    lanes.add(
        "a",
        () -> {
          runs.countDown();
          awaitQuietly(mayEnd);
          done.add("first");
        });
    lanes.add("a", () -> done.add("second"));
    runs.await();

    var closing = new Thread(lanes::close);
    closing.start();
    await()
        .until(
            () ->
                closing.getState() == Thread.State.WAITING
                    || closing.getState() == Thread.State.TIMED_WAITING);
    mayEnd.countDown();
    closing.join(10_000);
    assertThat(closing.isAlive()).isFalse();

    lanes.add("a", () -> done.add("third"));
    assertThat(done).containsExactly("first");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}

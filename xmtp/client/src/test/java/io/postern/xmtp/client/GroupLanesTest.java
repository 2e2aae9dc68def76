package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GroupLanesTest {
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private final GroupLanes lanes = new GroupLanes(waiting::add);
  private final List<String> done = new ArrayList<>();

  private void runAll() {
    while (!waiting.isEmpty()) {
      waiting.remove().run();
    }
  }

  @Test
  void runsTheTasksOfOneLaneInOrderAndOthersBetweenThem() {
    lanes.run("a", () -> done.add("a1"));
    lanes.run("a", () -> done.add("a2"));
    lanes.run("b", () -> done.add("b1"));

    runAll();

    assertThat(done).containsExactly("a1", "b1", "a2");
  }

  @Test
  void wakesALaneOnceUntilItBegins() {
    lanes.wake("a", () -> done.add("woken"));
    lanes.wake("a", () -> done.add("woken"));
    runAll();
    lanes.wake("a", () -> done.add("again"));
    runAll();

    assertThat(done).containsExactly("woken", "again");
  }

  @Test
  void isWokenAgainByItsOwnTask() {
    lanes.wake(
        "a",
        () -> {
          done.add("first");
          lanes.wake("a", () -> done.add("second"));
        });

    runAll();

    assertThat(done).containsExactly("first", "second");
  }

  @Test
  void runsInTheCallersThreadIfTheExecutorDoes() {
    var direct = new GroupLanes(Runnable::run);

    direct.wake("a", () -> direct.wake("a", () -> done.add("inner")));
    direct.run("a", () -> done.add("outer"));

    assertThat(done).containsExactly("inner", "outer");
    direct.close();
  }

  @Test
  void goesOnAfterATaskThatFails() throws Exception {
    var failed =
        lanes.run(
            "a",
            () -> {
              throw new IllegalStateException("broken");
            });
    lanes.wake(
        "a",
        () -> {
          throw new IllegalStateException("broken too");
        });
    var fine = lanes.run("a", () -> "fine");

    runAll();

    assertThatThrownBy(failed::get).isInstanceOf(ExecutionException.class);
    assertThat(fine.get()).isEqualTo("fine");
  }

  @Test
  void failsWhatWaitsWhenItIsClosedAndTakesNoMore() {
    var dropped = lanes.run("a", () -> done.add("never"));
    var closing = new Thread(lanes::close);
    closing.start();
    await().until(dropped::isDone);

    runAll();

    await().until(() -> !closing.isAlive());
    assertThatThrownBy(dropped::join).isInstanceOf(CancellationException.class);
    assertThat(done).isEmpty();
    assertThatThrownBy(() -> lanes.run("a", () -> 0))
        .isInstanceOf(RejectedExecutionException.class);
    lanes.wake("a", () -> done.add("never"));
    assertThat(waiting).isEmpty();
  }

  @Test
  void isNotStuckWhenNoThreadTakesItsTasks() {
    var full = new AtomicInteger(1);
    var picky =
        new GroupLanes(
            task -> {
              if (full.getAndDecrement() > 0) {
                throw new RejectedExecutionException("full");
              }
              task.run();
            });
    assertThatThrownBy(() -> picky.run("a", () -> 0))
        .isInstanceOf(RejectedExecutionException.class);

    assertThat(picky.run("a", () -> "later").join()).isEqualTo("later");

    picky.close();
  }

  @Test
  void neverRunsTwoTasksOfOneLaneAtOnce() throws Exception {
    var pool = Executors.newFixedThreadPool(4);
    var parallel = new GroupLanes(pool);
    var inside = new AtomicInteger();
    var most = new AtomicInteger();
    var all = new CountDownLatch(2000);
    for (int i = 0; i < 2000; i++) {
      parallel.run(
          i % 2,
          () -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            inside.decrementAndGet();
            all.countDown();
            return null;
          });
    }

    all.await();

    assertThat(most.get()).isLessThanOrEqualTo(2);
    parallel.close();
    pool.shutdown();
  }
}

package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  @Test
  void whoeverAsksBeforeARoundBeginsSharesIt() {
    var done = new AtomicInteger();
    var rounds = new Rounds(tasks::add, done::incrementAndGet);

    rounds.ask();
    rounds.ask();
    runAll();

    assertThat(done).hasValue(1);
  }

  @Test
  void whoAsksDuringARoundGetsOneMore() {
    var done = new AtomicInteger();
    var rounds = new Rounds[1];
    rounds[0] =
        new Rounds(
            tasks::add,
            () -> {
              if (done.getAndIncrement() == 0) {
                rounds[0].ask();
                rounds[0].ask();
              }
            });

    rounds[0].ask();
    runAll();
    rounds[0].ask();
    runAll();

    assertThat(done).hasValue(3);
  }

  @Test
  void noTwoRoundsRunAtOnceAndNoneIsMissed() throws Exception {
    var asked = new AtomicInteger();
    var seen = new AtomicInteger();
    var running = new AtomicInteger();
    var together = new AtomicInteger();
    var executor = Executors.newFixedThreadPool(4);
    var rounds =
        new Rounds(
            executor,
            () -> {
              together.accumulateAndGet(running.incrementAndGet(), Math::max);
              seen.set(asked.get());
              running.decrementAndGet();
            });
    var askers = Executors.newFixedThreadPool(4);

    for (int i = 0; i < 1_000; i++) {
      askers.execute(
          () -> {
            asked.incrementAndGet();
            rounds.ask();
          });
    }
    askers.shutdown();
    assertThat(askers.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    executor.shutdown();
    assertThat(executor.awaitTermination(1, TimeUnit.MINUTES)).isTrue();

    assertThat(together).hasValue(1);
    assertThat(seen).hasValue(1_000);
  }

  private void runAll() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }
}

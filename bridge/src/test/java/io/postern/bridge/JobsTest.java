package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class JobsTest {
  private static final Duration SOON = Duration.ofMillis(20);

  @Test
  void runsAgainAndAgainAlsoAfterAFailure() throws Exception {
    var runs = new AtomicInteger();
    try (var jobs = Jobs.open()) {
      jobs.every(
          SOON,
          "fails",
          () -> {
            if (runs.incrementAndGet() % 2 == 1) {
              throw new Exception("the network is away");
            }
          });
      jobs.start();

      await().until(() -> runs.get() >= 5);
    }
  }

  @Test
  void nothingRunsBeforeTheStart() throws Exception {
    var runs = new AtomicInteger();
    try (var jobs = Jobs.open()) {
      jobs.every(SOON, "early", runs::incrementAndGet);
    }

    assertThat(runs).hasValue(0);
  }

  @Test
  void oneJobNeverRunsTwiceAtOnce() throws Exception {
    var inside = new AtomicInteger();
    var most = new AtomicInteger();
    var runs = new CountDownLatch(5);
    try (var jobs = Jobs.open()) {
      jobs.every(
          Duration.ofMillis(1),
          "slow",
          () -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            TimeUnit.MILLISECONDS.sleep(5);
            inside.decrementAndGet();
            runs.countDown();
          });
      jobs.start();

      assertThat(runs.await(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(most).hasValue(1);
  }

  @Test
  void closingWaitsForTheRunningJob() throws Exception {
    var began = new CountDownLatch(1);
    var ended = new AtomicInteger();
    var jobs = Jobs.open();
    jobs.every(
        SOON,
        "slow",
        () -> {
          began.countDown();
          TimeUnit.MILLISECONDS.sleep(50);
          ended.incrementAndGet();
        });
    jobs.start();
    began.await();

    jobs.close();

    int atClose = ended.get();
    assertThat(atClose).isPositive();
    assertThat(ended).hasValue(atClose);
  }

  @Test
  void twoDaemonsInOneProcessHaveJobsOfTheirOwn() throws Exception {
    var runs = new AtomicInteger();
    var one = Jobs.open();
    try (var two = Jobs.open()) {
      one.every(SOON, "same name", () -> {});
      two.every(SOON, "same name", runs::incrementAndGet);
      one.close();
      two.start();

      await().until(() -> runs.get() > 0);
    }
  }
}

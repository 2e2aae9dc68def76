package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.Test;

class LoopTest {
  private static final Duration LONG = Duration.ofHours(1);

  private interface Turn {
    Duration take(int number) throws IOException;
  }

  private static Loop loop(Turn turn) {
    var turns = new AtomicInteger();
    return new Loop("test") {
      @Override
      Duration turn() throws IOException {
        return turn.take(turns.incrementAndGet());
      }
    };
  }

  @Test
  void aWakeDuringATurnIsNotLost() throws Exception {
    var inFirst = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var second = new CountDownLatch(1);
    try (var loop =
        loop(
            number -> {
              if (number == 1) {
                inFirst.countDown();
                uninterrupted(goOn);
              } else {
                second.countDown();
              }
              return LONG;
            })) {
      loop.start();
      inFirst.await();

      loop.wake();
      goOn.countDown();

      assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void goesOnAfterATurnThatFails() {
    var turns = new AtomicInteger();
    try (var loop =
        loop(
            number -> {
              turns.set(number);
              if (number == 1) {
                throw new StackOverflowError("hostile nesting");
              }
              if (number == 2) {
                throw new IOException("disk");
              }
              return LONG;
            })) {
      loop.start();

      await().atMost(Duration.ofSeconds(30)).until(() -> turns.get() == 3);
    }
  }

  /** As a carrier does that has lost its hold: each turn of each loop fails then. */
  @Test
  void aDatabaseThatDoesNotAnswerIsOneLineAndAMistakeATraceEachTime() {
    try (var said = LogLines.of(Loop.class);
        var loop =
            loop(
                number -> {
                  switch (number) {
                    case 1, 2, 5 ->
                        throw new IOException(
                            "no spool", new ConnectionException(new SQLException("closed")));
                    case 3 -> throw new IllegalStateException("a mistake");
                    default -> {
                      return number == 4 ? Duration.ZERO : LONG;
                    }
                  }
                })) {
      loop.start();
      await().atMost(Duration.ofSeconds(60)).until(() -> said.read().size() == 3);

      assertThat(said.read())
          .containsExactly(
              "WARN a turn of loop test failed: the database does not answer"
                  + " reason=java.sql.SQLException: closed",
              "ERROR a turn of loop test failed trace",
              "WARN a turn of loop test failed: the database does not answer"
                  + " reason=java.sql.SQLException: closed");
    }
  }

  @Test
  void closingWaitsForTheTurnAndNoneFollows() throws Exception {
    var runs = new CountDownLatch(1);
    var turns = new AtomicInteger();
    var loop =
        loop(
            number -> {
              runs.countDown();
              turns.set(number);
              return Duration.ZERO;
            });
    loop.start();
    runs.await();

    loop.close();
    int atClose = turns.get();
    loop.wake();

    assertThat(loop.isStopped()).isTrue();
    assertThat(turns.get()).isEqualTo(atClose);
  }

  @Test
  void aLoopThatWasNeverStartedCloses() {
    loop(number -> LONG).close();
  }

  @Test
  void waitsForWhatComesNextButNeverLessThanNothing() {
    var now = Instant.parse("2026-03-01T12:00:00Z");
    var longest = Duration.ofSeconds(30);

    assertThat(Loop.waitUntil(Optional.empty(), now, longest)).isEqualTo(longest);
    assertThat(Loop.waitUntil(Optional.of(now.plusSeconds(5)), now, longest))
        .isEqualTo(Duration.ofSeconds(5));
    assertThat(Loop.waitUntil(Optional.of(now.minusSeconds(5)), now, longest))
        .isEqualTo(Duration.ZERO);
    assertThat(Loop.waitUntil(Optional.of(now.plusSeconds(50)), now, longest)).isEqualTo(longest);
  }

  private static void uninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}

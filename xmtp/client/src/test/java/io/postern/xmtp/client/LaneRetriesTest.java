package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.xmtp.network.NodeException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.Test;

/** When work that fails is tried again. */
class LaneRetriesTest {
  private final SettableClock clock = new SettableClock();
  private final SteppedScheduler scheduler = new SteppedScheduler(clock);
  private final Alarms alarms = new Alarms();
  private final LaneRetries retries = new LaneRetries(scheduler, alarms, clock);
  private int tries;

  private void attempt(LaneRetries.Work work) {
    retries.attempt(
        "lane",
        () -> {
          tries++;
          work.run();
        },
        () -> attempt(work));
  }

  private void live(Duration time, Duration step) {
    for (var lived = Duration.ZERO; lived.compareTo(time) < 0; lived = lived.plus(step)) {
      clock.advance(step);
      scheduler.runDue();
    }
  }

  private static NodeException failure(NodeException.Kind kind) {
    return new NodeException(kind, kind.toString());
  }

  @Test
  void aTroubleOfTheNetworkIsTriedAsLongAsItLasts() {
    attempt(
        () -> {
          throw failure(NodeException.Kind.UNREACHABLE);
        });

    live(Duration.ofHours(2), Duration.ofSeconds(30));

    assertThat(tries).isGreaterThan(60);
    assertThat(scheduler.waiting()).isOne();
    assertThat(alarms.list()).isEmpty();
  }

  @Test
  void whatIsRefusedIsNotTriedForEver() {
    attempt(
        () -> {
          throw failure(NodeException.Kind.REFUSED);
        });

    live(Duration.ofDays(2), Duration.ofMinutes(10));

    assertThat(tries).isBetween(2, 10);
    assertThat(scheduler.waiting()).isZero();
  }

  @Test
  void waitsAsLongAsTheNetworkSays() {
    attempt(
        () -> {
          throw new NodeException(
              NodeException.Kind.RATE_LIMITED, "slowly", Optional.of(Duration.ofMinutes(7)), null);
        });

    clock.advance(Duration.ofMinutes(7).minusMillis(1));
    scheduler.runDue();
    assertThat(tries).isOne();
    clock.advance(Duration.ofMillis(1));
    scheduler.runDue();

    assertThat(tries).isEqualTo(2);
  }

  @Test
  void aMistakeOfOursIsTriedLessAndLessAndSaid() {
    boolean[] mended = {false};
    attempt(
        () -> {
          if (!mended[0]) {
            throw new IllegalStateException("a mistake");
          }
        });

    live(Duration.ofHours(24), Duration.ofMinutes(1));

    assertThat(tries).isLessThan(48);
    assertThat(alarms.list()).hasSize(1);
    mended[0] = true;
    live(Duration.ofHours(3), Duration.ofMinutes(10));
    assertThat(alarms.list()).isEmpty();
    assertThat(scheduler.waiting()).isZero();
  }

  @Test
  void aWayThatWorksAgainEndsNobodyElsesAlarm() {
    alarms.raise("lane", "what is no failure of work");
    boolean[] away = {true};
    attempt(
        () -> {
          if (away[0]) {
            throw failure(NodeException.Kind.UNREACHABLE);
          }
        });

    away[0] = false;
    live(Duration.ofMinutes(5), Duration.ofSeconds(30));

    assertThat(scheduler.waiting()).isZero();
    assertThat(alarms.list()).hasSize(1);
  }

  @Test
  void whatIsRefusedAfterAnOutageIsStillTriedSomeTimes() {
    attempt(
        () -> {
          throw failure(tries <= 20 ? NodeException.Kind.UNREACHABLE : NodeException.Kind.REFUSED);
        });

    live(Duration.ofHours(6), Duration.ofMinutes(1));

    assertThat(tries).isBetween(24, 30);
  }

  @Test
  void theDatabaseIsTriedAgainSoon() {
    attempt(
        () -> {
          throw new ConnectionException(new SQLException("away"));
        });

    live(Duration.ofHours(2), Duration.ofSeconds(30));

    assertThat(tries).isGreaterThan(60);
  }

  @Test
  void anOutageOfTheNetworkMakesAnAccidentOfTheDatabaseNoAlarm() {
    attempt(
        () -> {
          if (tries == 20) {
            throw new ConnectionException(new SQLException("away"));
          }
          throw failure(NodeException.Kind.UNREACHABLE);
        });

    live(Duration.ofHours(1), Duration.ofSeconds(30));

    assertThat(tries).isGreaterThan(20);
    assertThat(alarms.list()).isEmpty();
  }

  @Test
  void theDatabaseIsSaidThoughTheNetworkFailsInBetween() {
    attempt(
        () -> {
          if (tries % 2 == 0) {
            throw new ConnectionException(new SQLException("away"));
          }
          throw failure(NodeException.Kind.UNREACHABLE);
        });

    live(Duration.ofHours(1), Duration.ofSeconds(30));

    assertThat(alarms.list()).hasSize(1);
  }

  @Test
  void whatFailsInTwoWaysInTurnIsTriedLessAndLessToo() {
    attempt(
        () -> {
          if (tries % 2 == 0) {
            throw failure(NodeException.Kind.UNREACHABLE);
          }
          throw new IllegalStateException("a mistake");
        });

    live(Duration.ofHours(24), Duration.ofMinutes(1));

    assertThat(tries).isLessThan(100);
    assertThat(alarms.list()).hasSize(1);
  }
}

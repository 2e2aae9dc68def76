package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.bridge.Routes.Leave;
import io.postern.mail.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoutesTest {
  private static final Instant NOON = Instant.parse("2026-11-29T12:00:00Z");
  private static final Delivery TAKEN = new Delivery.Delivered("250 ok");
  private static final Delivery BUSY = new Delivery.Deferred("4.2.0", "greylisted");
  private static final Delivery AWAY = new Delivery.Deferred("4.4.1", "cannot reach mx").ofRoute();

  private final Routes routes = new Routes();
  private Instant now = NOON;

  private Leave enter(String route) {
    return routes.enter(route, now);
  }

  private void end(String route, Delivery outcome) {
    routes.end(route, Optional.of(outcome), now);
  }

  private void fill(String route) {
    for (int i = 0; i < Routes.MAX_AT_ONCE; i++) {
      assertThat(enter(route)).isInstanceOf(Leave.Go.class);
    }
  }

  @Test
  void someMailsGoOneWayAtOnceAndOthersElsewhere() {
    fill("slow.example");

    assertThat(enter("slow.example")).isInstanceOf(Leave.Full.class);
    assertThat(enter("fast.example")).isInstanceOf(Leave.Go.class);
    end("slow.example", TAKEN);
    assertThat(enter("slow.example")).isInstanceOf(Leave.Go.class);
  }

  @Test
  void aWayOnWhichNobodyWasReachedIsClosedForAll() {
    enter("example.org");
    end("example.org", AWAY);

    assertThat(enter("example.org"))
        .isEqualTo(new Leave.Closed(NOON.plusSeconds(10), (Delivery.Deferred) AWAY));
    assertThat(routes.nextOpening(now)).contains(NOON.plusSeconds(10));
    assertThat(enter("example.net")).isInstanceOf(Leave.Go.class);
  }

  @Test
  void whatConcernsOneMailClosesNothing() {
    enter("example.org");
    end("example.org", BUSY);

    assertThat(enter("example.org")).isInstanceOf(Leave.Go.class);
  }

  @Test
  void aClosedWayIsTriedWithOneMail() {
    enter("example.org");
    end("example.org", AWAY);
    now = now.plusSeconds(10);

    assertThat(enter("example.org")).isInstanceOf(Leave.Go.class);
    assertThat(enter("example.org")).isInstanceOf(Leave.Full.class);
    end("example.org", BUSY);

    fill("example.org");
  }

  @Test
  void isClosedForEverLongerButAQuarterOfAnHourAtMost() {
    var longest = Duration.ZERO;
    for (int i = 0; i < 20; i++) {
      assertThat(enter("example.org")).isInstanceOf(Leave.Go.class);
      end("example.org", AWAY);
      var pause = Duration.between(now, ((Leave.Closed) enter("example.org")).until());
      assertThat(pause).isGreaterThanOrEqualTo(longest);
      longest = pause;
      now = now.plus(pause);
    }

    assertThat(longest).isEqualTo(Duration.ofMinutes(15));
  }

  @Test
  void mailsThatWereUnderWayTogetherCountAsOne() {
    fill("example.org");
    for (int i = 0; i < Routes.MAX_AT_ONCE; i++) {
      end("example.org", AWAY);
    }

    assertThat(((Leave.Closed) enter("example.org")).until()).isEqualTo(NOON.plusSeconds(10));
  }

  @Test
  void aMailThatWasNotSentSaysNothing() {
    enter("example.org");
    end("example.org", AWAY);
    now = now.plusSeconds(10);
    enter("example.org");
    routes.end("example.org", Optional.empty(), now);

    enter("example.org");
    end("example.org", AWAY);

    assertThat(((Leave.Closed) enter("example.org")).until()).isEqualTo(now.plusSeconds(30));
  }

  @Test
  void aDomainWithManyBelowItDoesNotTakeAllPlaces() {
    int gone = 0;
    for (int i = 0; i < 100; i++) {
      gone += enter("mx" + i + ".slow.example") instanceof Leave.Go ? 1 : 0;
    }

    assertThat(gone).isEqualTo(Routes.MAX_OF_SHARE).isLessThan(Workers.SENDERS / 2);
    assertThat(enter("slow.example")).isInstanceOf(Leave.Full.class);
    assertThat(enter("fast.example")).isInstanceOf(Leave.Go.class);
    assertThat(enter("localhost")).isInstanceOf(Leave.Go.class);
    end("mx0.slow.example", TAKEN);
    assertThat(enter("mx99.slow.example")).isInstanceOf(Leave.Go.class);
    assertThat(enter("mx98.slow.example")).isInstanceOf(Leave.Full.class);
  }

  @Test
  void forgetsWaysThatNoMailTakesAnyMore() {
    enter("example.org");
    end("example.org", AWAY);
    now = now.plus(Duration.ofHours(2));
    enter("example.net");
    end("example.net", TAKEN);

    enter("example.org");
    end("example.org", AWAY);

    assertThat(((Leave.Closed) enter("example.org")).until()).isEqualTo(now.plusSeconds(10));
  }
}

package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class SequencesTest {
  private static final Instant NOON = Instant.parse("2026-11-25T12:00:00.123456789Z");
  private static final long NOON_NS = 1_795_608_000_123_456_000L;

  @Test
  void idsStartAtOne() {
    var sequences = new Sequences(Clock.fixed(NOON, ZoneOffset.UTC));

    assertThat(List.of(sequences.next("a"), sequences.next("a"), sequences.next("b")))
        .containsExactly(1L, 2L, 1L);
  }

  @Test
  void idsGoOnBehindTheRowsOfTheLastRun() {
    var sequences = new Sequences(Clock.fixed(NOON, ZoneOffset.UTC));
    sequences.resume("a", 41, 5);

    assertThat(sequences.next("a")).isEqualTo(42);
  }

  @Test
  void timesAreWholeMicrosecondsAndRiseWhileTheClockStands() {
    var sequences = new Sequences(Clock.fixed(NOON, ZoneOffset.UTC));

    assertThat(List.of(sequences.nextTimeNs(), sequences.nextTimeNs(), sequences.nextTimeNs()))
        .containsExactly(NOON_NS, NOON_NS + 1_000, NOON_NS + 2_000);
  }

  @Test
  void timesRiseWhenTheClockGoesBack() {
    var sequences =
        new Sequences(new Times(NOON, NOON.minus(Duration.ofHours(1)), NOON.plusSeconds(1)));

    assertThat(List.of(sequences.nextTimeNs(), sequences.nextTimeNs(), sequences.nextTimeNs()))
        .containsExactly(NOON_NS, NOON_NS + 1_000, NOON_NS + 1_000_000_000);
  }

  @Test
  void timesRiseAboveThoseOfTheLastRun() {
    var sequences = new Sequences(Clock.fixed(NOON, ZoneOffset.UTC));
    sequences.resume("a", 1, NOON_NS + 5_000_000);

    assertThat(sequences.nextTimeNs()).isEqualTo(NOON_NS + 5_001_000);
  }

  /** Tells one time after the other. */
  private static final class Times extends Clock {
    private final Queue<Instant> instants;

    Times(Instant... instants) {
      this.instants = new ArrayDeque<>(List.of(instants));
    }

    @Override
    public Instant instant() {
      return instants.remove();
    }

    @Override
    public ZoneOffset getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}

package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArrivalBurstTest {
  private static final Instant NOW = Instant.parse("2026-11-25T00:00:00Z");

  private final ArrivalBurst burst = new ArrivalBurst();

  @Test
  void aFewMailsAreNone() {
    arrive(9, NOW, Duration.ofMillis(1));

    assertThat(burst.isOn(NOW.plusMillis(9))).isFalse();
  }

  @Test
  void manyAreOneUntilNoMoreCome() {
    arrive(10, NOW, Duration.ofMillis(50));

    assertThat(burst.isOn(NOW.plusMillis(450))).isTrue();
    assertThat(burst.isOn(NOW.plusMillis(550))).isTrue();
    assertThat(burst.isOn(NOW.plusMillis(551))).isFalse();
  }

  @Test
  void thoseThatComeSlowlyAreNone() {
    arrive(100, NOW, Duration.ofMillis(101));

    assertThat(burst.isOn(NOW.plusMillis(99 * 101))).isFalse();
  }

  @Test
  void whatDoesNotEndIsNoBurst() {
    arrive(600, NOW, Duration.ofMillis(10));

    assertThat(burst.isOn(NOW.plusMillis(5_990))).isFalse();
  }

  @Test
  void afterAPauseThereMayBeAnother() {
    arrive(600, NOW, Duration.ofMillis(10));
    var later = NOW.plusSeconds(10);

    arrive(20, later, Duration.ofMillis(1));

    assertThat(burst.isOn(later.plusMillis(20))).isTrue();
  }

  private void arrive(int count, Instant first, Duration apart) {
    for (int i = 0; i < count; i++) {
      burst.arrived(first.plus(apart.multipliedBy(i)));
    }
  }
}

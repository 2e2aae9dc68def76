package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutageTest {
  private final TestClock clock = new TestClock();
  private final Outage outage = new Outage("something");

  private Optional<Duration> remaining() {
    return outage.remaining(clock.instant());
  }

  private void gone() {
    outage.gone(clock.instant(), Optional.empty(), "no answer");
  }

  @Test
  void pausesLongerEachTimeButAMinuteAtMost() {
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      gone();
      pauses.add(remaining().orElseThrow().toSeconds());
      clock.goOn(remaining().orElseThrow());
      assertThat(remaining()).isEmpty();
    }

    assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
  }

  @Test
  void manyWhoNoticeTheSameOutageCountOnce() {
    for (int i = 0; i < 50; i++) {
      gone();
    }

    assertThat(remaining()).contains(Duration.ofSeconds(1));
  }

  @Test
  void waitsAsLongAsItWasAskedTo() {
    outage.gone(clock.instant(), Optional.of(Duration.ofMinutes(5)), "too many requests");

    assertThat(remaining()).contains(Duration.ofMinutes(5));
  }

  @Test
  void isOverWhenSomebodyGetsAnAnswer() {
    gone();
    clock.goOn(Duration.ofSeconds(1));
    gone();

    outage.back();

    assertThat(remaining()).isEmpty();
    gone();
    assertThat(remaining()).contains(Duration.ofSeconds(1));
  }
}

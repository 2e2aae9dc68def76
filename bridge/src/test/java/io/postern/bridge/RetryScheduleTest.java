package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryScheduleTest {
  private static final Instant BEGUN = Instant.parse("2026-03-01T12:00:00Z");

  @ParameterizedTest(name = "after try {0}: {1}")
  @CsvSource({
    "0, PT10S",
    "1, PT10S",
    "2, PT30S",
    "3, PT2M",
    "4, PT5M",
    "5, PT15M",
    "6, PT30M",
    "7, PT1H",
    "8, PT2H",
    "9, PT4H",
    "10, PT4H",
    "1000000, PT4H"
  })
  void comesSoonAtFirstAndThenEverMoreRarely(int attempts, Duration pause) {
    assertThat(RetrySchedule.next(BEGUN, BEGUN, attempts, Optional.empty()))
        .contains(BEGUN.plus(pause));
  }

  @Test
  void waitsAsLongAsTheFarSideAskedButNeverShorterThanPlanned() {
    assertThat(RetrySchedule.next(BEGUN, BEGUN, 1, Optional.of(Duration.ofMinutes(10))))
        .contains(BEGUN.plus(Duration.ofMinutes(10)));
    assertThat(RetrySchedule.next(BEGUN, BEGUN, 3, Optional.of(Duration.ofSeconds(1))))
        .contains(BEGUN.plus(Duration.ofMinutes(2)));
  }

  @Test
  void endsWhenTheNextTryWouldComeAfterFortyEightHours() {
    var last = BEGUN.plus(Duration.ofHours(44));

    assertThat(RetrySchedule.next(BEGUN, last, 12, Optional.empty()))
        .contains(BEGUN.plus(Duration.ofHours(48)));
    assertThat(RetrySchedule.next(BEGUN, last.plusSeconds(1), 12, Optional.empty())).isEmpty();
  }

  @Test
  void triesAboutTwentyTimesInAll() {
    List<Instant> tries = new ArrayList<>();
    var now = Optional.of(BEGUN);
    while (now.isPresent()) {
      tries.add(now.get());
      now = RetrySchedule.next(BEGUN, now.get(), tries.size(), Optional.empty());
    }

    assertThat(tries).hasSizeBetween(15, 25).isSorted().doesNotHaveDuplicates();
    assertThat(RetrySchedule.isOver(BEGUN, tries.get(tries.size() - 1))).isFalse();
  }
}

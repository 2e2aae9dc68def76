package io.postern.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DigestScheduleTest {
  private static DigestSchedule schedule(String every, String at, String zone) {
    return new DigestSchedule(Duration.parse(every), LocalTime.parse(at), ZoneId.of(zone));
  }

  @ParameterizedTest
  @CsvSource({
    "PT24H, 07:00, UTC, 2026-02-03T06:59:59Z, 2026-02-03T07:00:00Z",
    "PT24H, 07:00, UTC, 2026-02-03T07:00:00Z, 2026-02-04T07:00:00Z",
    "PT24H, 07:00, Europe/Berlin, 2026-02-03T06:30:00Z, 2026-02-04T06:00:00Z",
    "PT24H, 23:30, America/New_York, 2026-02-03T10:00:00Z, 2026-02-04T04:30:00Z",
    "PT6H, 07:00, UTC, 2026-02-03T00:30:00Z, 2026-02-03T01:00:00Z",
    "PT6H, 07:00, UTC, 2026-02-03T19:00:01Z, 2026-02-04T01:00:00Z",
    "PT15M, 00:05, UTC, 2026-02-03T10:00:00Z, 2026-02-03T10:05:00Z",
  })
  void itIsTheNextOfTheHoursOfTheDay(
      String every, String at, String zone, Instant after, Instant next) {
    assertThat(schedule(every, at, zone).next(after)).isEqualTo(next);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-28T12:00:00Z, 2026-03-29T01:30:00Z", // 02:30 does not come: 03:30 of summer time.
    "2026-03-29T01:30:00Z, 2026-03-30T00:30:00Z",
    "2026-10-24T12:00:00Z, 2026-10-25T00:30:00Z", // 02:30 comes twice: the first counts.
    "2026-10-25T00:30:00Z, 2026-10-26T01:30:00Z",
  })
  void eachDayHasOneWhateverSummerTimeDoes(Instant after, Instant next) {
    assertThat(schedule("PT24H", "02:30", "Europe/Berlin").next(after)).isEqualTo(next);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT15M", "PT1H", "PT24H"})
  void itComesAlwaysAfterAndWithinTheIntervalAndAnHour(String every) {
    var schedule = schedule(every, "02:30", "Europe/Berlin");
    var longest = schedule.every().plus(Duration.ofHours(1));
    var at = Instant.parse("2026-03-27T00:00:00Z");

    for (int i = 0; i < 500; i++) {
      var next = schedule.next(at);
      assertThat(next).isAfter(at).isBeforeOrEqualTo(at.plus(longest));
      at = at.plus(Duration.ofMinutes(7));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT14M", "PT0S", "PT-1H", "PT5H", "PT25H", "PT48H", "PT17M", "PT22M30S"})
  void refusesWhatIsNoPartOfADay(String every) {
    assertThatThrownBy(() -> schedule(every, "07:00", "UTC"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("part of a day");
  }

  @Test
  void isSaidInWordsForPeople() {
    assertThat(schedule("PT6H", "07:00", "Europe/Berlin"))
        .hasToString("every 6h at 07:00 Europe/Berlin");
    assertThat(new DigestSchedule(Duration.ofMinutes(30), LocalTime.NOON, ZoneOffset.UTC))
        .hasToString("every 30m at 12:00 Z");
  }
}

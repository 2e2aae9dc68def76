package io.postern.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 5545 §3.6.5. */
class CalendarZonesTest {
  private static final String OUTLOOK =
      """
      BEGIN:VTIMEZONE
      TZID:%s
      BEGIN:STANDARD
      DTSTART:16010101T030000
      TZOFFSETFROM:+0200
      TZOFFSETTO:+0100
      RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
      END:STANDARD
      BEGIN:DAYLIGHT
      DTSTART:16010101T020000
      TZOFFSETFROM:+0100
      TZOFFSETTO:+0200
      RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
      END:DAYLIGHT
      END:VTIMEZONE
      """;

  private static CalendarZones zones(String calendar) {
    return CalendarZones.of(CalendarLine.of(calendar));
  }

  private static LocalDateTime at(String time) {
    return LocalDateTime.parse(time);
  }

  private static String utc(CalendarZones zones, String zone, String time) {
    return zones.instant(zone, at(time)).map(String::valueOf).orElse("unknown");
  }

  @Test
  void knowsEachNameOfWindows() {
    assertThat(WindowsZones.all()).hasSizeGreaterThan(140);
    assertThat(WindowsZones.all().values())
        .allSatisfy(name -> assertThatCode(() -> ZoneId.of(name)).doesNotThrowAnyException());
    assertThat(WindowsZones.find("W. Europe Standard Time")).contains("Europe/Berlin");
    assertThat(WindowsZones.find("Europe/Berlin")).isEmpty();
  }

  @Test
  void aNameOfWindowsIsCalledAsMostKnowIt() {
    var none = zones("BEGIN:VEVENT\nEND:VEVENT");

    assertThat(none.label("Pacific Standard Time", at("2026-07-01T10:00:00")))
        .isEqualTo("America/Los_Angeles");
    assertThat(utc(none, "Pacific Standard Time", "2026-07-01T10:00:00"))
        .isEqualTo("2026-07-01T17:00:00Z");
    assertThat(none.label("Our zone", at("2026-07-01T10:00:00"))).isEqualTo("Our zone");
    assertThat(utc(none, "Our zone", "2026-07-01T10:00:00")).isEqualTo("unknown");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-02-04T11:00:00,2026-02-04T10:00:00Z",
    "2026-03-29T01:59:59,2026-03-29T00:59:59Z",
    "2026-03-29T03:00:00,2026-03-29T01:00:00Z",
    "2026-07-01T11:00:00,2026-07-01T09:00:00Z",
    // Of the hour that comes twice the first is meant.
    "2026-10-25T02:30:00,2026-10-25T00:30:00Z",
    "2026-10-25T03:00:00,2026-10-25T02:00:00Z",
    "2026-12-31T23:00:00,2026-12-31T22:00:00Z",
    "1600-01-01T00:00:00,1599-12-31T23:00:00Z"
  })
  void readsWhatOutlookWrites(String time, String instant) {
    assertThat(utc(zones(OUTLOOK.formatted("Own")), "Own", time)).isEqualTo(instant);
  }

  @Test
  void whatTheCalendarSaysHoldsWhateverItsNameSays() {
    var zones = zones(OUTLOOK.formatted("America/New_York"));

    assertThat(utc(zones, "America/New_York", "2026-07-01T11:00:00"))
        .isEqualTo("2026-07-01T09:00:00Z");
    assertThat(zones.label("America/New_York", at("2026-07-01T11:00:00"))).isEqualTo("UTC+02:00");
    assertThat(zones(OUTLOOK.formatted("Own")).label("Own", at("2026-02-04T11:00:00")))
        .isEqualTo("UTC+01:00");
    assertThat(
            zones(OUTLOOK.formatted("W. Europe Standard Time"))
                .label("W. Europe Standard Time", at("2026-02-04T11:00:00")))
        .isEqualTo("Europe/Berlin");
  }

  @Test
  void readsRulesThatHaveEndedAndDatesOfTheirOwn() {
    var zones =
        zones(
            """
            BEGIN:VTIMEZONE
            TZID:Own
            BEGIN:DAYLIGHT
            DTSTART:19870405T020000
            RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z
            TZOFFSETFROM:-0500
            TZOFFSETTO:-0400
            END:DAYLIGHT
            BEGIN:DAYLIGHT
            DTSTART:20070311T020000
            RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU
            TZOFFSETFROM:-0500
            TZOFFSETTO:-0400
            END:DAYLIGHT
            BEGIN:STANDARD
            DTSTART:20061029T020000
            RDATE:20071104T020000,20081102T020000
            TZOFFSETFROM:-0400
            TZOFFSETTO:-0500
            END:STANDARD
            END:VTIMEZONE
            """);

    assertThat(utc(zones, "Own", "2006-05-01T00:00:00")).isEqualTo("2006-05-01T04:00:00Z");
    assertThat(utc(zones, "Own", "2007-03-11T01:59:59")).isEqualTo("2007-03-11T06:59:59Z");
    assertThat(utc(zones, "Own", "2007-03-11T03:00:00")).isEqualTo("2007-03-11T07:00:00Z");
    assertThat(utc(zones, "Own", "2008-12-01T00:00:00")).isEqualTo("2008-12-01T05:00:00Z");
    // Sunday, 14 March.
    assertThat(utc(zones, "Own", "2010-03-14T04:00:00")).isEqualTo("2010-03-14T08:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RRULE:FREQ=HOURLY",
        "RRULE:FREQ=YEARLY;BYMONTH=13;BYDAY=1SU",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SU,MO",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=-1",
        "RRULE:FREQ=YEARLY;INTERVAL=2",
        "RRULE:FREQ=YEARLY;COUNT=2",
        "RRULE:nonsense",
        "RRULE:FREQ=YEARLY;UNTIL=soon",
        "RDATE:soon",
        "TZOFFSETFROM:+9999"
      })
  void aZoneThatIsNotUnderstoodIsKnownByItsName(String line) {
    var calendar =
        OUTLOOK
            .formatted("Europe/Berlin")
            .replace("TZOFFSETFROM:+0200", line + "\nTZOFFSETFROM:+0500")
            .replaceFirst("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\n", "");

    assertThat(zones(calendar).rules()).isEmpty();
    assertThat(utc(zones(calendar), "Europe/Berlin", "2026-02-04T11:00:00"))
        .isEqualTo("2026-02-04T10:00:00Z");
  }

  @Test
  void aCalendarFullOfZonesIsReadToItsEnd() {
    var zones = zones(OUTLOOK.formatted("Own").repeat(400) + OUTLOOK.formatted("Last"));
    var many = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      many.append(OUTLOOK.formatted("Z" + i));
    }

    assertThat(zones.rules()).hasSize(2);
    assertThat(zones(many.toString()).rules()).hasSize(50);
  }

  @Test
  void takesAnyOctets() {
    var random = new SplittableRandom(7);
    var whole = OUTLOOK.formatted("Own").getBytes(StandardCharsets.UTF_8);

    for (int round = 0; round < 3000; round++) {
      var octets = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int i = 0; i < octets.length / 50; i++) {
        octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
      }
      var zones = zones(new String(octets, StandardCharsets.UTF_8));
      assertThatCode(() -> zones.label("Own", at("2026-02-04T11:00:00")))
          .doesNotThrowAnyException();
    }
  }
}

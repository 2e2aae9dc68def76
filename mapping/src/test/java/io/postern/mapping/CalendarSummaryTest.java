package io.postern.mapping;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 5545; spec/content-types.md §10.13. */
class CalendarSummaryTest {
  private static String summary(String method, String event) {
    var calendar =
        "BEGIN:VCALENDAR\nMETHOD:"
            + method
            + "\nBEGIN:VEVENT\n"
            + event
            + "\nEND:VEVENT\nEND:VCALENDAR\n";
    return CalendarSummary.of(calendar.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8))
        .orElse("none");
  }

  @Test
  void tellsWhatWhenAndWhere() {
    assertEquals(
        "📅 Lunch, and tea\nWhen: 2026-02-04 11:00–12:00 Europe/Berlin\nRepeats: every week\n"
            + "Where: Station\nOrganizer: Bob; the elder <bob@mail.example>",
        summary(
            "REQUEST",
            "UID:1\nDTSTART;TZID=Europe/Berlin:20260204T110000\n"
                + "DTEND;TZID=Europe/Berlin:20260204T120000\nRRULE:FREQ=WEEKLY\n"
                + "SUMMARY:Lunch\\, and\\n t\n ea\nLOCATION:Station\n"
                + "ORGANIZER;CN=\"Bob; the elder\":mailto:bob@mail.example"));
  }

  @ParameterizedTest
  @CsvSource({
    "20260204,20260205,2026-02-04",
    "20260204,20260207,2026-02-04 – 2026-02-06",
    "20260204T230000Z,20260205T010000Z,2026-02-04 23:00 – 2026-02-05 01:00 UTC",
    "20260204T230000,20260204T233000,2026-02-04 23:00–23:30",
    "soon,later,soon",
    "20261399T990000Z,,20261399T990000Z"
  })
  void tellsTimesAsTheOrganizerGaveThem(String start, String end, String shown) {
    var ends = end == null ? "" : "\nDTEND:" + end;

    assertEquals("📅 X\nWhen: " + shown, summary("REQUEST", "SUMMARY:X\nDTSTART:" + start + ends));
  }

  @Test
  void callsAZoneOfOutlookAsMostKnowIt() {
    assertEquals(
        "📅 X\nWhen: 2026-02-04 11:00–12:00 Europe/Berlin",
        summary(
            "REQUEST",
            "SUMMARY:X\nDTSTART;TZID=W. Europe Standard Time:20260204T110000\n"
                + "DTEND;TZID=W. Europe Standard Time:20260204T120000"));
  }

  @ParameterizedTest
  @CsvSource({
    "CANCEL,SUMMARY:X,📅 Cancelled: X",
    "REQUEST,'SUMMARY:X\nSEQUENCE:2',📅 Updated: X",
    "REPLY,'SUMMARY:X\n"
        + "ATTENDEE;CN=Carol;PARTSTAT=ACCEPTED:mailto:c@x.example',📅 Carol accepted: X",
    "REPLY,'SUMMARY:X\nATTENDEE;PARTSTAT=DECLINED:mailto:c@x.example',📅 c@x.example declined: X"
  })
  void tellsWhatBecameOfIt(String method, String event, String shown) {
    assertEquals(shown, summary(method, event));
  }

  @Test
  void anAlarmIsNotTheEvent() {
    assertEquals("📅 X", summary("REQUEST", "BEGIN:VALARM\nSUMMARY:ring\nEND:VALARM\nSUMMARY:X"));
  }

  @Test
  void aStrangersWordsStayOnTheirLine() {
    assertEquals("📅 X When: now", summary("REQUEST", "SUMMARY:X\\nWhen: \u202enow"));
  }

  @Test
  void whatSaysNothingIsNoSummary() {
    assertEquals("none", summary("REQUEST", "UID:1"));
    assertEquals(Optional.empty(), CalendarSummary.of(new byte[CalendarEvent.MAX_OCTETS + 1]));
  }

  @Test
  void takesAnyOctets() {
    var random = new SplittableRandom(7);
    var event =
        "BEGIN:VEVENT\r\nSUMMARY;A=\"b:c\":X\r\nDTSTART;TZID=Z:20260204T110000\r\nEND:VEVENT\r\n"
            .getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 3000; round++) {
      var octets = Arrays.copyOf(event, random.nextInt(event.length + 1));
      for (int i = 0; i < octets.length / 20; i++) {
        octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
      }
      assertDoesNotThrow(() -> CalendarSummary.of(octets));
    }
  }
}

package io.postern.mapping;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An invitation in words. RFC 5545, RFC 5546; spec/content-types.md §10.13. Only the first event is
 * read: the file itself goes along.
 */
final class CalendarSummary {
  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss", Locale.ROOT);

  private static final DateTimeFormatter DATE = DateTimeFormatter.BASIC_ISO_DATE;
  private static final DateTimeFormatter DAY = DateTimeFormatter.ISO_LOCAL_DATE;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);

  private final CalendarEvent event;

  private CalendarSummary(CalendarEvent event) {
    this.event = event;
  }

  /** Empty if it is too large, holds no event, or an event that says nothing. */
  static Optional<String> of(byte[] octets) {
    return CalendarEvent.read(octets).flatMap(event -> new CalendarSummary(event).words());
  }

  private Optional<String> words() {
    var title = event.text("SUMMARY");
    var when = when();
    if (title.isEmpty() && when.isEmpty()) {
      return Optional.empty();
    }
    if (title.isEmpty()) {
      title = "(no title)";
    }
    if (event.method().equals("REPLY")) {
      return Optional.of("📅 " + answer() + ": " + title);
    }
    var lines = new ArrayList<String>();
    lines.add("📅 " + kind() + title);
    add(lines, "When: ", when);
    add(lines, "Repeats: ", repeats());
    add(lines, "Where: ", event.text("LOCATION"));
    add(lines, "Organizer: ", event.property("ORGANIZER").map(CalendarSummary::person).orElse(""));
    return Optional.of(String.join("\n", lines));
  }

  private static void add(List<String> lines, String label, String value) {
    if (!value.isEmpty()) {
      lines.add(label + value);
    }
  }

  private String kind() {
    if (event.method().equals("CANCEL") || event.text("STATUS").equalsIgnoreCase("CANCELLED")) {
      return "Cancelled: ";
    }
    return event.method().equals("REQUEST") && event.text("SEQUENCE").matches("0*[1-9][0-9]*")
        ? "Updated: "
        : "";
  }

  private String answer() {
    if (event.attendees().isEmpty()) {
      return "Somebody answered";
    }
    var attendee = event.attendees().get(0);
    var name = attendee.parameter("CN");
    var who = name.isEmpty() ? attendee.address() : name;
    return switch (attendee.parameter("PARTSTAT").toUpperCase(Locale.ROOT)) {
      case "ACCEPTED" -> who + " accepted";
      case "TENTATIVE" -> who + " may come";
      case "DECLINED" -> who + " declined";
      case "DELEGATED" -> who + " sends somebody else";
      default -> who + " answered";
    };
  }

  private static String person(CalendarEvent.Property property) {
    var name = property.parameter("CN");
    return name.isEmpty() ? property.address() : name + " <" + property.address() + ">";
  }

  /** RFC 5545 §3.3.10: the frequency alone in words, anything finer only as a fact. */
  private String repeats() {
    var rule = event.text("RRULE").toUpperCase(Locale.ROOT);
    if (rule.isEmpty()) {
      return "";
    }
    return switch (rule) {
      case "FREQ=DAILY" -> "every day";
      case "FREQ=WEEKLY" -> "every week";
      case "FREQ=MONTHLY" -> "every month";
      case "FREQ=YEARLY" -> "every year";
      default -> "yes, see the invitation";
    };
  }

  /** Dates and times as the organizer gave them, never converted; with what most call the zone. */
  private String when() {
    return event.property("DTSTART").map(this::when).orElse("");
  }

  private String when(CalendarEvent.Property start) {
    var end = event.property("DTEND");
    try {
      return start.value().indexOf('T') < 0 ? days(start, end) : times(start, end);
    } catch (DateTimeException malformed) {
      // Not a date of RFC 5545: shown as it is.
      return start.text();
    }
  }

  private static String days(CalendarEvent.Property start, Optional<CalendarEvent.Property> end) {
    var first = LocalDate.parse(start.value(), DATE);
    // DTEND of a date is the day after, RFC 5545 §3.6.1.
    var last = end.map(property -> LocalDate.parse(property.value(), DATE).minusDays(1));
    return last.filter(first::isBefore)
        .map(day -> DAY.format(first) + " – " + DAY.format(day))
        .orElseGet(() -> DAY.format(first));
  }

  private String times(CalendarEvent.Property start, Optional<CalendarEvent.Property> end) {
    var from = time(start);
    var to = end.map(CalendarSummary::time);
    var range = DAY.format(from) + " " + TIME.format(from);
    if (to.isPresent()) {
      boolean sameDay = to.get().toLocalDate().equals(from.toLocalDate());
      range +=
          sameDay
              ? "–" + TIME.format(to.get())
              : " – " + DAY.format(to.get()) + " " + TIME.format(to.get());
    }
    if (start.value().endsWith("Z")) {
      return range + " UTC";
    }
    var zone = start.parameter("TZID");
    return zone.isEmpty() ? range : range + " " + event.zones().label(zone, from);
  }

  private static LocalDateTime time(CalendarEvent.Property property) {
    var value = property.value();
    return LocalDateTime.parse(
        value.endsWith("Z") ? value.substring(0, value.length() - 1) : value, DATE_TIME);
  }
}

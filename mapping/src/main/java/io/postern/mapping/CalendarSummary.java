package io.postern.mapping;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An invitation in words. RFC 5545, RFC 5546; spec/content-types.md §10.13. Only the first event is
 * read: the file itself goes along.
 */
final class CalendarSummary {
  /** A larger calendar is a file without a summary. */
  static final int MAX_OCTETS = 256 << 10;

  private static final int MAX_FIELD = 200;
  private static final Pattern FOLD = Pattern.compile("\\r?\\n[ \\t]");
  private static final Pattern LINE_END = Pattern.compile("\\r?\\n");
  private static final Pattern PARAMETER =
      Pattern.compile(";([A-Za-z0-9-]+)=(\"[^\"]*\"|[^;:\"]*)");

  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss", Locale.ROOT);

  private static final DateTimeFormatter DATE = DateTimeFormatter.BASIC_ISO_DATE;
  private static final DateTimeFormatter DAY = DateTimeFormatter.ISO_LOCAL_DATE;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);

  /** A property: its parameters by upper-case name, and its value as it stands. */
  private record Property(Map<String, String> parameters, String value) {
    /** RFC 5545 §3.3.11, {@code TEXT}, as one line. */
    String text() {
      var text = value.replaceAll("\\\\[nN]", " ").replaceAll("\\\\(.)", "$1");
      return OneLine.of(text, MAX_FIELD);
    }

    String parameter(String name) {
      return OneLine.of(parameters.getOrDefault(name, ""), MAX_FIELD);
    }
  }

  private final Map<String, Property> event = new HashMap<>();
  private String method = "";

  private CalendarSummary() {}

  /** Empty if it is too large, holds no event, or an event that says nothing. */
  static Optional<String> of(byte[] octets) {
    if (octets.length > MAX_OCTETS) {
      return Optional.empty();
    }
    var summary = new CalendarSummary();
    summary.read(new String(octets, StandardCharsets.UTF_8));
    return summary.words();
  }

  private void read(String calendar) {
    int depth = 0;
    boolean inside = false;
    for (var line : LINE_END.split(FOLD.matcher(calendar).replaceAll(""))) {
      var upper = line.strip().toUpperCase(Locale.ROOT);
      if (upper.equals("BEGIN:VEVENT")) {
        if (!event.isEmpty()) {
          return;
        }
        inside = true;
      } else if (inside && upper.equals("END:VEVENT")) {
        return;
      } else if (inside && upper.startsWith("BEGIN:")) {
        // An alarm has a summary of its own.
        depth++;
      } else if (inside && upper.startsWith("END:")) {
        depth--;
      } else if (inside && depth == 0) {
        property(line);
      } else if (upper.startsWith("METHOD:")) {
        method = upper.substring("METHOD:".length());
      }
    }
  }

  /** RFC 5545 §3.1, {@code contentline}. What is malformed is passed over. */
  private void property(String line) {
    int end = 0;
    while (end < line.length()
        && (Character.isLetterOrDigit(line.charAt(end)) || line.charAt(end) == '-')) {
      end++;
    }
    var parameters = new HashMap<String, String>();
    var matcher = PARAMETER.matcher(line);
    int at = end;
    while (matcher.find(at) && matcher.start() == at) {
      var value = matcher.group(2);
      boolean quoted = value.startsWith("\"");
      parameters.putIfAbsent(
          matcher.group(1).toUpperCase(Locale.ROOT),
          quoted ? value.substring(1, value.length() - 1) : value);
      at = matcher.end();
    }
    if (end > 0 && at < line.length() && line.charAt(at) == ':') {
      var name = line.substring(0, end).toUpperCase(Locale.ROOT);
      event.putIfAbsent(name, new Property(parameters, line.substring(at + 1).strip()));
    }
  }

  private Optional<String> words() {
    var title = text("SUMMARY");
    var when = when();
    if (title.isEmpty() && when.isEmpty()) {
      return Optional.empty();
    }
    if (title.isEmpty()) {
      title = "(no title)";
    }
    if (method.equals("REPLY")) {
      return Optional.of("📅 " + answer() + ": " + title);
    }
    var lines = new ArrayList<String>();
    lines.add("📅 " + kind() + title);
    add(lines, "When: ", when);
    add(lines, "Repeats: ", repeats());
    add(lines, "Where: ", text("LOCATION"));
    add(lines, "Organizer: ", person(event.get("ORGANIZER")));
    return Optional.of(String.join("\n", lines));
  }

  private static void add(List<String> lines, String label, String value) {
    if (!value.isEmpty()) {
      lines.add(label + value);
    }
  }

  private String text(String name) {
    return Optional.ofNullable(event.get(name)).map(Property::text).orElse("");
  }

  private String kind() {
    if (method.equals("CANCEL") || text("STATUS").equalsIgnoreCase("CANCELLED")) {
      return "Cancelled: ";
    }
    return method.equals("REQUEST") && text("SEQUENCE").matches("0*[1-9][0-9]*") ? "Updated: " : "";
  }

  private String answer() {
    var attendee = event.get("ATTENDEE");
    var who = attendee == null ? "" : attendee.parameter("CN");
    if (who.isEmpty()) {
      who = attendee == null ? "Somebody" : address(attendee);
    }
    var status = attendee == null ? "" : attendee.parameter("PARTSTAT");
    return switch (status.toUpperCase(Locale.ROOT)) {
      case "ACCEPTED" -> who + " accepted";
      case "TENTATIVE" -> who + " may come";
      case "DECLINED" -> who + " declined";
      case "DELEGATED" -> who + " sends somebody else";
      default -> who + " answered";
    };
  }

  private static String person(Property property) {
    if (property == null) {
      return "";
    }
    var name = property.parameter("CN");
    return name.isEmpty() ? address(property) : name + " <" + address(property) + ">";
  }

  private static String address(Property property) {
    var address = property.text();
    return address.toLowerCase(Locale.ROOT).startsWith("mailto:")
        ? address.substring("mailto:".length())
        : address;
  }

  /** RFC 5545 §3.3.10: the frequency alone in words, anything finer only as a fact. */
  private String repeats() {
    var rule = text("RRULE").toUpperCase(Locale.ROOT);
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

  /** Dates and times as the organizer gave them, with their zone's name; never converted. */
  private String when() {
    var start = event.get("DTSTART");
    if (start == null) {
      return "";
    }
    var end = Optional.ofNullable(event.get("DTEND"));
    try {
      return start.value().indexOf('T') < 0 ? days(start, end) : times(start, end);
    } catch (DateTimeException malformed) {
      // Not a date of RFC 5545: shown as it is.
      return start.text();
    }
  }

  private static String days(Property start, Optional<Property> end) {
    var first = LocalDate.parse(start.value(), DATE);
    // DTEND of a date is the day after, RFC 5545 §3.6.1.
    var last = end.map(property -> LocalDate.parse(property.value(), DATE).minusDays(1));
    return last.filter(first::isBefore)
        .map(day -> DAY.format(first) + " – " + DAY.format(day))
        .orElseGet(() -> DAY.format(first));
  }

  private static String times(Property start, Optional<Property> end) {
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
    var zone = start.value().endsWith("Z") ? "UTC" : start.parameter("TZID");
    return zone.isEmpty() ? range : range + " " + zone;
  }

  private static LocalDateTime time(Property property) {
    var value = property.value();
    return LocalDateTime.parse(
        value.endsWith("Z") ? value.substring(0, value.length() - 1) : value, DATE_TIME);
  }
}

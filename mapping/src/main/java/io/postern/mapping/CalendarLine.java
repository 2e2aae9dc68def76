package io.postern.mapping;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One unfolded line of a calendar. RFC 5545 §3.1, {@code contentline}.
 *
 * @param name upper-case
 */
record CalendarLine(String name, CalendarEvent.Property property) {
  private static final Pattern FOLD = Pattern.compile("\\r?\\n[ \\t]");
  private static final Pattern LINE_END = Pattern.compile("\\r?\\n");
  private static final Pattern PARAMETER =
      Pattern.compile(";([A-Za-z0-9-]+)=(\"[^\"]*\"|[^;:\"]*)");

  /** The lines of a calendar. What is malformed is passed over. */
  static List<CalendarLine> of(String calendar) {
    return Arrays.stream(LINE_END.split(FOLD.matcher(calendar).replaceAll("")))
        .flatMap(line -> parse(line).stream())
        .toList();
  }

  private static Optional<CalendarLine> parse(String line) {
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
    if (end == 0 || at >= line.length() || line.charAt(at) != ':') {
      return Optional.empty();
    }
    var name = line.substring(0, end).toUpperCase(Locale.ROOT);
    var value = line.substring(at + 1).strip();
    return Optional.of(new CalendarLine(name, new CalendarEvent.Property(parameters, value)));
  }

  String value() {
    return property.value();
  }

  /** Whether it begins a component: RFC 5545 §3.6. */
  boolean begins(String component) {
    return name.equals("BEGIN") && value().equalsIgnoreCase(component);
  }

  boolean ends(String component) {
    return name.equals("END") && value().equalsIgnoreCase(component);
  }
}

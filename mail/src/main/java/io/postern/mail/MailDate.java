package io.postern.mail;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The date and time of a Date field. RFC 5322 §3.3, with the obsolete forms of §4.3. */
final class MailDate {
  private static final DateTimeFormatter FORM =
      DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm:ss '+0000'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  private static final Pattern DATE =
      Pattern.compile(
          "(?:[A-Za-z]{2,9}\\.?,?\\s*)?(\\d{1,2})[\\s-]+([A-Za-z]{3})[A-Za-z]{0,6}[\\s-]+(\\d{2,4})"
              + "\\s+(\\d{1,2})\\s*[:.]\\s*(\\d{2})(?:\\s*[:.]\\s*(\\d{2}))?\\s*"
              + "([+-]\\d{4}|[A-Za-z]{1,5})?.*");

  private MailDate() {}

  /** Always in {@code +0000}. */
  static String write(Instant instant) {
    return FORM.format(instant);
  }

  /** Empty if the text is no date. */
  static Optional<Instant> parse(String text) {
    var date = DATE.matcher(text.replaceAll("\\([^()]*\\)", " ").strip());
    if (!date.matches()) {
      return Optional.empty();
    }
    int month = MONTHS.indexOf(date.group(2).toLowerCase(Locale.ROOT)) + 1;
    int second = date.group(6) == null ? 0 : Math.min(Integer.parseInt(date.group(6)), 59);
    try {
      return Optional.of(
          LocalDateTime.of(
                  year(date.group(3)),
                  month,
                  Integer.parseInt(date.group(1)),
                  Integer.parseInt(date.group(4)),
                  Integer.parseInt(date.group(5)),
                  second)
              .toInstant(zone(date.group(7))));
    } catch (DateTimeException impossible) {
      return Optional.empty();
    }
  }

  /** RFC 5322 §4.3, {@code obs-year}. */
  private static int year(String digits) {
    int year = Integer.parseInt(digits);
    if (digits.length() == 2) {
      return year < 50 ? 2000 + year : 1900 + year;
    }
    return digits.length() == 3 ? 1900 + year : year;
  }

  /** RFC 5322 §4.3, {@code obs-zone}: what is not known counts as UTC. */
  private static ZoneOffset zone(String zone) {
    if (zone == null) {
      return ZoneOffset.UTC;
    }
    if (zone.charAt(0) == '+' || zone.charAt(0) == '-') {
      int sign = zone.charAt(0) == '-' ? -1 : 1;
      return ZoneOffset.ofHoursMinutes(
          sign * Integer.parseInt(zone.substring(1, 3)),
          sign * Integer.parseInt(zone.substring(3)));
    }
    return switch (zone.toUpperCase(Locale.ROOT)) {
      case "EDT" -> ZoneOffset.ofHours(-4);
      case "EST", "CDT" -> ZoneOffset.ofHours(-5);
      case "CST", "MDT" -> ZoneOffset.ofHours(-6);
      case "MST", "PDT" -> ZoneOffset.ofHours(-7);
      case "PST" -> ZoneOffset.ofHours(-8);
      default -> ZoneOffset.UTC;
    };
  }
}

package io.postern.mapping;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * When a zone goes over to standard or to daylight time, and what holds from then on. RFC 5545
 * §3.6.5, {@code STANDARD} and {@code DAYLIGHT}.
 *
 * @param start the first time, by the clocks of before
 * @param from what held before
 * @param to what holds from then on
 * @param yearly when in each year it comes again; empty if it does not
 * @param dates further times of it
 */
record ZoneRule(
    LocalDateTime start,
    ZoneOffset from,
    ZoneOffset to,
    Optional<Yearly> yearly,
    List<LocalDateTime> dates) {
  private static final int MAX_DATES = 200;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss", Locale.ROOT);
  private static final Pattern OFFSET = Pattern.compile("[+-]\\d{4}(?:\\d{2})?");
  private static final Pattern WEEKDAY = Pattern.compile("(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)");
  private static final List<String> WEEKDAYS = List.of("MO", "TU", "WE", "TH", "FR", "SA", "SU");

  /** What a rule may consist of to be understood here: what calendars write about zones. */
  private static final Set<String> KNOWN =
      Set.of("FREQ", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "WKST", "INTERVAL");

  /**
   * One day of each year: {@code BYMONTH=3;BYDAY=-1SU}.
   *
   * @param ordinal which of those weekdays of the month, from its end if negative
   * @param monthDays in place of an ordinal: the days of the month on one of which it falls
   * @param until when it may come last
   */
  record Yearly(
      int month,
      int ordinal,
      Optional<DayOfWeek> weekday,
      List<Integer> monthDays,
      Optional<Instant> until) {
    /**
     * @throws DateTimeException if there is no such month or day
     */
    Yearly {
      if (month < 1 || month > 12 || !monthDays.stream().allMatch(day -> day >= 1 && day <= 31)) {
        throw new DateTimeException("no such day of a year");
      }
    }

    Optional<LocalDate> in(int year) {
      var days = YearMonth.of(year, month);
      var fitting = new ArrayList<LocalDate>();
      for (int day = 1; day <= days.lengthOfMonth(); day++) {
        var date = days.atDay(day);
        if (weekday.map(date.getDayOfWeek()::equals).orElse(true)
            && (monthDays.isEmpty() || monthDays.contains(day))) {
          fitting.add(date);
        }
      }
      int index = ordinal > 0 ? ordinal - 1 : fitting.size() + ordinal;
      return index < 0 || index >= fitting.size()
          ? Optional.empty()
          : Optional.of(fitting.get(index));
    }
  }

  /** Empty if it is not whole, or comes again in a way that is not understood here. */
  static Optional<ZoneRule> of(List<CalendarLine> lines) {
    var values = new HashMap<String, String>();
    var dates = new ArrayList<LocalDateTime>();
    try {
      for (var line : lines) {
        values.putIfAbsent(line.name(), line.value());
        if (line.name().equals("RDATE")) {
          for (var date : line.value().split(",")) {
            if (dates.size() < MAX_DATES) {
              dates.add(LocalDateTime.parse(date.strip(), TIME));
            }
          }
        }
      }
      var start = LocalDateTime.parse(values.getOrDefault("DTSTART", ""), TIME);
      var rule = values.get("RRULE");
      var yearly = rule == null ? Optional.<Yearly>empty() : yearly(rule, start);
      var from = offset(values.getOrDefault("TZOFFSETFROM", ""));
      var to = offset(values.getOrDefault("TZOFFSETTO", ""));
      return rule != null && yearly.isEmpty() || from.isEmpty() || to.isEmpty()
          ? Optional.empty()
          : Optional.of(new ZoneRule(start, from.get(), to.get(), yearly, List.copyOf(dates)));
    } catch (DateTimeException malformed) {
      return Optional.empty();
    }
  }

  private static Optional<ZoneOffset> offset(String written) {
    return OFFSET.matcher(written).matches()
        ? Optional.of(ZoneOffset.of(written))
        : Optional.empty();
  }

  /** RFC 5545 §3.3.10, as far as zones need it. */
  private static Optional<Yearly> yearly(String rule, LocalDateTime start) {
    var parts = new HashMap<String, String>();
    for (var part : rule.toUpperCase(Locale.ROOT).split(";")) {
      int sign = part.indexOf('=');
      if (sign < 0 || !KNOWN.contains(part.substring(0, sign))) {
        return Optional.empty();
      }
      parts.put(part.substring(0, sign), part.substring(sign + 1).strip());
    }
    var day = WEEKDAY.matcher(parts.getOrDefault("BYDAY", ""));
    boolean hasDay = day.matches();
    if (!"YEARLY".equals(parts.get("FREQ"))
        || !parts.getOrDefault("INTERVAL", "1").equals("1")
        || parts.containsKey("BYDAY") != hasDay) {
      return Optional.empty();
    }
    try {
      var monthDays = monthDays(parts, hasDay, start);
      return Optional.of(
          new Yearly(
              Integer.parseInt(parts.getOrDefault("BYMONTH", "" + start.getMonthValue())),
              hasDay && day.group(1) != null ? Integer.parseInt(day.group(1)) : 1,
              hasDay
                  ? Optional.of(DayOfWeek.of(1 + WEEKDAYS.indexOf(day.group(2))))
                  : Optional.empty(),
              monthDays,
              Optional.ofNullable(parts.get("UNTIL")).map(ZoneRule::until)));
    } catch (NumberFormatException malformed) {
      return Optional.empty();
    }
  }

  /** A time in UTC, or a whole day. */
  private static Instant until(String written) {
    var time = written.length() == 8 ? written + "T235959" : written.replaceFirst("Z$", "");
    return LocalDateTime.parse(time, TIME).toInstant(ZoneOffset.UTC);
  }

  private static List<Integer> monthDays(
      Map<String, String> parts, boolean hasDay, LocalDateTime start) {
    var days = new TreeSet<Integer>();
    if (parts.containsKey("BYMONTHDAY")) {
      for (var day : parts.get("BYMONTHDAY").split(",", 32)) {
        days.add(Integer.parseInt(day.strip()));
      }
    } else if (!hasDay) {
      days.add(start.getDayOfMonth());
    }
    return List.copyOf(days);
  }

  /** When it came last, by the clocks of before; empty if it had not come yet. */
  Optional<LocalDateTime> lastBefore(LocalDateTime time) {
    var times = new TreeSet<>(dates);
    times.add(start);
    yearly.ifPresent(
        rule -> {
          int last = rule.until().map(end -> end.atOffset(from).getYear()).orElse(time.getYear());
          int year = Math.min(time.getYear(), last);
          for (int y = year; y >= year - 1; y--) {
            rule.in(y)
                .map(day -> day.atTime(start.toLocalTime()))
                .filter(again -> !again.isBefore(start))
                .filter(again -> rule.until().map(again.toInstant(from)::compareTo).orElse(0) <= 0)
                .ifPresent(times::add);
          }
        });
    return Optional.ofNullable(times.floor(time));
  }
}

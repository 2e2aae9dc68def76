package io.postern.mapping;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The zones that a calendar describes itself, RFC 5545 §3.6.5, and those that are known by their
 * names: IANA's and Windows'. What the calendar says holds.
 *
 * @param rules by the {@code TZID} of their zone
 */
record CalendarZones(Map<String, List<ZoneRule>> rules) {
  /** Zones of a calendar, and rules of a zone; more are not looked at. */
  private static final int MAX_ZONES = 50;

  private static final int MAX_RULES = 200;

  CalendarZones {
    rules = Map.copyOf(rules);
  }

  static CalendarZones of(List<CalendarLine> calendar) {
    var zones = new HashMap<String, List<ZoneRule>>();
    for (int i = 0; i < calendar.size(); i++) {
      if (calendar.get(i).begins("VTIMEZONE")) {
        int begin = i + 1;
        while (i < calendar.size() && !calendar.get(i).ends("VTIMEZONE")) {
          i++;
        }
        add(zones, calendar.subList(begin, i));
      }
    }
    return new CalendarZones(zones);
  }

  private static void add(Map<String, List<ZoneRule>> zones, List<CalendarLine> zone) {
    var id = zone.stream().filter(line -> line.name().equals("TZID")).findFirst();
    if (id.isEmpty() || zones.size() >= MAX_ZONES) {
      return;
    }
    var rules = new ArrayList<ZoneRule>();
    int begin = 0;
    for (int i = 0; i < zone.size(); i++) {
      var line = zone.get(i);
      if (line.name().equals("BEGIN")) {
        begin = i + 1;
      } else if (line.ends("STANDARD") || line.ends("DAYLIGHT")) {
        var rule = ZoneRule.of(zone.subList(begin, i));
        if (rule.isEmpty() || rules.size() >= MAX_RULES) {
          // Half a zone would tell a wrong time; its name may tell the right one.
          return;
        }
        rules.add(rule.get());
      }
    }
    if (!rules.isEmpty()) {
      zones.putIfAbsent(id.get().value(), List.copyOf(rules));
    }
  }

  /** The instant of a time by the clocks of a zone; empty if the zone is not known. */
  Optional<Instant> instant(String zone, LocalDateTime time) {
    return described(zone, time)
        .map(time::toInstant)
        .or(() -> named(zone).map(known -> time.atZone(known).toInstant()));
  }

  /**
   * What a zone is called for people: by the name that most know, or by its difference from UTC
   * where the calendar describes it otherwise.
   */
  String label(String zone, LocalDateTime time) {
    var described = described(zone, time);
    var named = named(zone);
    boolean agree =
        described.isEmpty()
            || named
                .filter(known -> known.getRules().getValidOffsets(time).contains(described.get()))
                .isPresent();
    if (agree) {
      return named.map(ZoneId::getId).orElse(zone);
    }
    return described.get().equals(ZoneOffset.UTC) ? "UTC" : "UTC" + described.get().getId();
  }

  private static Optional<ZoneId> named(String zone) {
    try {
      return Optional.of(ZoneId.of(WindowsZones.find(zone).orElse(zone)));
    } catch (DateTimeException unknown) {
      return Optional.empty();
    }
  }

  /** What holds by the calendar's own description: the rule that began last. */
  private Optional<ZoneOffset> described(String zone, LocalDateTime time) {
    var own = rules.getOrDefault(zone, List.of());
    record Begun(LocalDateTime at, ZoneOffset offset) {}
    return own.stream()
        .flatMap(rule -> rule.lastBefore(time).map(at -> new Begun(at, rule.to())).stream())
        .max(Comparator.comparing(Begun::at))
        .map(Begun::offset)
        .or(() -> own.stream().min(Comparator.comparing(ZoneRule::start)).map(ZoneRule::from));
  }
}

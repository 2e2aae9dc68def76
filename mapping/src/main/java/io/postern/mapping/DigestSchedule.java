package io.postern.mapping;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Objects;

/**
 * When a person who wants one mail per interval gets it: each day at the same hours of their zone.
 * An hour that a day leaves out, as summer time begins, is the one after it.
 *
 * @param every from {@link #SHORTEST} to a day, of which it is a whole part, in minutes
 * @param at one of the hours
 */
public record DigestSchedule(Duration every, LocalTime at, ZoneId zone) {
  /** Shorter ones are what {@link Quiet} is for. */
  public static final Duration SHORTEST = Duration.ofMinutes(15);

  private static final Duration DAY = Duration.ofDays(1);

  /**
   * @throws IllegalArgumentException if the interval is no part of a day, or too short
   */
  public DigestSchedule {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(zone, "zone");
    if (every.compareTo(SHORTEST) < 0
        || every.compareTo(DAY) > 0
        || !every.equals(Duration.ofMinutes(every.toMinutes()))
        || DAY.toMinutes() % every.toMinutes() != 0) {
      throw new IllegalArgumentException(
          "every is " + every + "; write a part of a day, for example 24h, 12h, 6h or 1h");
    }
  }

  /** The first of the hours that comes after this. */
  public Instant next(Instant after) {
    var today = after.atZone(zone).toLocalDate();
    var first = LocalDateTime.of(today.minusDays(2), at);
    var last = LocalDateTime.of(today.plusDays(2), at);
    // By the clock on the wall the hours come in order; by the sun one may come twice in autumn.
    for (var hour = first; hour.isBefore(last); hour = hour.plus(every)) {
      var instant = hour.atZone(zone).toInstant();
      if (instant.isAfter(after)) {
        return instant;
      }
    }
    return last.atZone(zone).toInstant();
  }

  /** For people: {@code every 24h at 07:00 UTC}. */
  @Override
  public String toString() {
    boolean whole = every.toMinutes() % 60 == 0;
    var interval = whole ? every.toHours() + "h" : every.toMinutes() + "m";
    return "every " + interval + " at " + at + " " + zone;
  }
}

package io.postern.config;

import io.postern.mapping.DigestSchedule;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.regex.Pattern;

/** Reads {@code digest}: when one person's messages are mailed together. */
final class DigestSection {
  private static final Duration DEFAULT_EVERY = Duration.ofDays(1);
  private static final LocalTime DEFAULT_AT = LocalTime.of(7, 0);
  private static final Pattern HOUR = Pattern.compile("([01]\\d|2[0-3]):[0-5]\\d");

  private final Section section;

  DigestSection(Section section) {
    this.section = section;
  }

  /** After a mistake the default stands in. */
  DigestSchedule read() {
    var every = section.value("every", DigestSection::every).orElse(DEFAULT_EVERY);
    var at = section.value("at", DigestSection::hour).orElse(DEFAULT_AT);
    var zone = section.value("zone", DigestSection::zone).orElse(ZoneOffset.UTC);
    section.refuseOthers();
    return new DigestSchedule(every, at, zone);
  }

  private static Duration every(String text) throws ValueException {
    try {
      return new DigestSchedule(Values.duration(text), DEFAULT_AT, ZoneOffset.UTC).every();
    } catch (IllegalArgumentException noPart) {
      throw new ValueException("write a part of a day, from 15m to 24h, for example 24h or 6h");
    }
  }

  private static LocalTime hour(String text) throws ValueException {
    if (!HOUR.matcher(text).matches()) {
      throw new ValueException("write a time from \"00:00\" to \"23:59\", in quotes");
    }
    return LocalTime.parse(text);
  }

  private static ZoneId zone(String text) throws ValueException {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException unknown) {
      throw new ValueException("write the name of a time zone, for example Europe/Berlin or UTC");
    }
  }
}

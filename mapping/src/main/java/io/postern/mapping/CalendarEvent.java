package io.postern.mapping;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The first event of a calendar, as it stands. RFC 5545 §3.6.1. All of it is a stranger's text.
 *
 * @param method of the calendar, upper-case (RFC 5546 §1.4); empty if there is none
 * @param properties by upper-case name; of several with one name the first
 * @param attendees all of them
 * @param zones by which its times are to be understood
 */
record CalendarEvent(
    String method,
    Map<String, Property> properties,
    List<Property> attendees,
    CalendarZones zones) {
  /** A larger calendar is a file and nothing else. */
  static final int MAX_OCTETS = 256 << 10;

  /** More guests than this are not looked through. */
  static final int MAX_ATTENDEES = 1000;

  private static final int MAX_FIELD = 200;
  private static final String MAILTO = "mailto:";
  private static final String ATTENDEE = "ATTENDEE";

  /** A property: its parameters by upper-case name, and its value as it stands. */
  record Property(Map<String, String> parameters, String value) {
    Property {
      parameters = Map.copyOf(parameters);
    }

    /** RFC 5545 §3.3.11, {@code TEXT}, as one line. */
    String text() {
      var text = value.replaceAll("\\\\[nN]", " ").replaceAll("\\\\(.)", "$1");
      return OneLine.of(text, MAX_FIELD);
    }

    String parameter(String name) {
      return OneLine.of(parameters.getOrDefault(name, ""), MAX_FIELD);
    }

    /** RFC 5545 §3.3.3, a calendar address, for people to read. */
    String address() {
      var address = text();
      return isMail(address) ? address.substring(MAILTO.length()) : address;
    }

    /** RFC 6068: the mailbox, if it is one. */
    Optional<Mailbox> mailbox() {
      if (!isMail(value)) {
        return Optional.empty();
      }
      try {
        return Optional.of(Mailbox.parse(value.substring(MAILTO.length()).strip()));
      } catch (MailException other) {
        return Optional.empty();
      }
    }

    private static boolean isMail(String address) {
      return address.regionMatches(true, 0, MAILTO, 0, MAILTO.length());
    }
  }

  CalendarEvent {
    properties = Map.copyOf(properties);
    attendees = List.copyOf(attendees);
  }

  /** Empty if it is too large or holds no event. */
  static Optional<CalendarEvent> read(byte[] octets) {
    return octets.length > MAX_OCTETS
        ? Optional.empty()
        : new Reading().event(CalendarLine.of(new String(octets, StandardCharsets.UTF_8)));
  }

  /** The property as one line of text, or the empty text. */
  String text(String name) {
    return property(name).map(Property::text).orElse("");
  }

  Optional<Property> property(String name) {
    return Optional.ofNullable(properties.get(name));
  }

  /** The lines of a calendar, one after the other. */
  private static final class Reading {
    private final Map<String, Property> properties = new HashMap<>();
    private final List<Property> attendees = new ArrayList<>();
    private String method = "";

    Optional<CalendarEvent> event(List<CalendarLine> calendar) {
      int depth = 0;
      boolean inside = false;
      for (var line : calendar) {
        if (!inside && line.begins("VEVENT")) {
          inside = true;
        } else if (inside && depth == 0 && line.ends("VEVENT")) {
          break;
        } else if (inside && line.name().equals("BEGIN")) {
          // An alarm has a summary of its own.
          depth++;
        } else if (inside && line.name().equals("END")) {
          depth--;
        } else if (inside && depth == 0) {
          property(line);
        } else if (line.name().equals("METHOD")) {
          method = line.value().toUpperCase(Locale.ROOT);
        }
      }
      return inside
          ? Optional.of(
              new CalendarEvent(method, properties, attendees, CalendarZones.of(calendar)))
          : Optional.empty();
    }

    private void property(CalendarLine line) {
      properties.putIfAbsent(line.name(), line.property());
      if (line.name().equals(ATTENDEE) && attendees.size() < MAX_ATTENDEES) {
        attendees.add(line.property());
      }
    }
  }
}

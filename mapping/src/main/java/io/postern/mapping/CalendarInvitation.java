package io.postern.mapping;

import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An invitation that came by mail and that can be answered. RFC 5546 §3.2.2, §3.2.3; RFC 6047.
 *
 * <p>It exists only where the organizer is the author of that mail: an answer goes to nobody whom
 * only the calendar names.
 *
 * @param uid as it stands, RFC 5545 §3.8.4.7; no control is in it
 * @param recurrenceId the line of RFC 5545 §3.8.4.4 without its name, for one of many
 * @param organizer the author of the mail
 * @param attendee who was invited: the address at the bridge
 * @param summary one line; may be empty
 */
public record CalendarInvitation(
    String uid,
    int sequence,
    Optional<String> recurrenceId,
    Mailbox organizer,
    Mailbox attendee,
    String summary) {
  private static final int MAX_UID = 1000;
  private static final int MAX_SUMMARY = 200;

  /** RFC 5545 §3.1: octets of a line. */
  private static final int FOLD_AT = 75;

  private static final Pattern SEQUENCE = Pattern.compile("[0-9]{1,9}");
  private static final Pattern TIME = Pattern.compile("[0-9]{8}(?:T[0-9]{6}Z?)?");
  private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9/_+-]{1,64}");

  /** Local parts that stand in a URI as they are, RFC 6068 §2. */
  private static final Pattern PLAIN_LOCAL_PART =
      Pattern.compile("[\\p{L}\\p{N}.!$'*+/=^_`{|}~-]+");

  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss", Locale.ROOT);

  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /**
   * @throws IllegalArgumentException if the uid could end its line
   */
  public CalendarInvitation {
    if (!isOneLine(uid)) {
      throw new IllegalArgumentException("the uid of an invitation is one line");
    }
    Objects.requireNonNull(recurrenceId, "recurrenceId");
    Objects.requireNonNull(organizer, "organizer");
    Objects.requireNonNull(attendee, "attendee");
    summary = OneLine.of(summary, MAX_SUMMARY);
  }

  /**
   * Empty if the calendar invites nobody, cannot be answered, or names another organizer than the
   * author of its mail.
   *
   * @param author of the mail
   * @param isPeer whether an address is one of the peer's
   * @param otherwise the peer's address if no guest of the calendar is the peer
   */
  public static Optional<CalendarInvitation> read(
      byte[] calendar, Mailbox author, Predicate<Mailbox> isPeer, Mailbox otherwise) {
    var event = CalendarEvent.read(calendar).filter(read -> read.method().equals("REQUEST"));
    var uid = event.flatMap(CalendarInvitation::uid);
    var organizer =
        event
            .flatMap(read -> read.property("ORGANIZER"))
            .flatMap(CalendarEvent.Property::mailbox)
            .filter(mailbox -> mailbox.canonical().equals(author.canonical()))
            .filter(CalendarInvitation::isWritable);
    if (uid.isEmpty() || organizer.isEmpty()) {
      return Optional.empty();
    }
    var recurrence = event.get().property("RECURRENCE-ID");
    var recurrenceId = recurrence.flatMap(one -> recurrenceId(one, event.get().zones()));
    if (recurrence.isPresent() && recurrenceId.isEmpty()) {
      // To answer all of them would not be what was asked.
      return Optional.empty();
    }
    var attendee =
        event.get().attendees().stream()
            .flatMap(guest -> guest.mailbox().stream())
            .filter(isPeer)
            .findFirst()
            .orElse(otherwise);
    return Optional.of(attendee)
        .filter(CalendarInvitation::isWritable)
        .map(
            guest ->
                new CalendarInvitation(
                    uid.get(),
                    sequence(event.get()),
                    recurrenceId,
                    organizer.get(),
                    guest,
                    event.get().text("SUMMARY")));
  }

  /** The calendar that a message is, also as a reply; empty for any other. */
  public static Optional<byte[]> calendarIn(Content content) {
    return PeerLines.inside(content) instanceof Attachment file
            && isCalendar(file.mimeType())
            && file.octets().length() <= CalendarEvent.MAX_OCTETS
        ? Optional.of(file.octets().toByteArray())
        : Optional.empty();
  }

  /** The calendars of a mail. */
  static Stream<byte[]> calendarsIn(Mail mail) {
    return mail.attachments().stream()
        .filter(file -> isCalendar(file.mediaType()) && file.size() <= CalendarEvent.MAX_OCTETS)
        .map(io.postern.mail.Attachment::octets);
  }

  private static boolean isCalendar(String mediaType) {
    var base = mediaType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return base.equals("text/calendar") || base.equals("application/ics");
  }

  /** By which an invitation, its changes and its end know each other. Empty if it has none. */
  public static Optional<String> uid(byte[] calendar) {
    return CalendarEvent.read(calendar).flatMap(CalendarInvitation::uid);
  }

  /** The invitations that a mail brings, changes or ends. */
  public static Set<String> uids(Mail mail) {
    return calendarsIn(mail)
        .flatMap(calendar -> uid(calendar).stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Optional<String> uid(CalendarEvent event) {
    return event
        .property("UID")
        .map(CalendarEvent.Property::value)
        .filter(CalendarInvitation::isOneLine);
  }

  private static boolean isOneLine(String uid) {
    return !uid.isBlank()
        && uid.length() <= MAX_UID
        && uid.chars().noneMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029);
  }

  private static boolean isWritable(Mailbox mailbox) {
    return PLAIN_LOCAL_PART.matcher(mailbox.localPart()).matches();
  }

  private static int sequence(CalendarEvent event) {
    var sequence = event.text("SEQUENCE");
    return SEQUENCE.matcher(sequence).matches() ? Integer.parseInt(sequence) : 0;
  }

  /** A time in a zone that is known here is written in UTC: then no zone need be described. */
  private static Optional<String> recurrenceId(
      CalendarEvent.Property property, CalendarZones zones) {
    var time = property.value();
    var zone = property.parameter("TZID");
    if (!TIME.matcher(time).matches()) {
      return Optional.empty();
    }
    if (time.indexOf('T') < 0) {
      return Optional.of(";VALUE=DATE:" + time);
    }
    if (time.endsWith("Z") || zone.isEmpty()) {
      return Optional.of(":" + time);
    }
    try {
      return zones
          .instant(zone, LocalDateTime.parse(time, LOCAL))
          .map(instant -> ":" + UTC.format(instant))
          .or(
              () ->
                  Optional.of(zone)
                      .filter(name -> ZONE.matcher(name).matches())
                      .map(name -> ";TZID=" + name + ":" + time));
    } catch (DateTimeException noSuchTime) {
      return Optional.empty();
    }
  }

  /**
   * The calendar that carries an answer: RFC 5546 §3.2.3.
   *
   * @param at when it was given
   * @return lines that end in LF, each of 75 octets at most
   */
  String answer(Participation answer, Instant at) {
    var out = new StringBuilder();
    line(out, "BEGIN:VCALENDAR");
    line(out, "PRODID:-//Postern//Postern//EN");
    line(out, "VERSION:2.0");
    line(out, "METHOD:REPLY");
    line(out, "BEGIN:VEVENT");
    line(out, "UID:" + uid);
    line(out, "DTSTAMP:" + UTC.format(at));
    line(out, "SEQUENCE:" + sequence);
    recurrenceId.ifPresent(time -> line(out, "RECURRENCE-ID" + time));
    line(out, "ORGANIZER:mailto:" + organizer);
    line(out, "ATTENDEE;PARTSTAT=" + answer + ":mailto:" + attendee);
    line(out, "SUMMARY:" + escaped(summary));
    line(out, "END:VEVENT");
    line(out, "END:VCALENDAR");
    return out.toString();
  }

  /** RFC 5545 §3.3.11. */
  private static String escaped(String text) {
    return text.replaceAll("[\\\\;,]", "\\\\$0");
  }

  private static void line(StringBuilder out, String line) {
    int octets = 0;
    for (int i = 0; i < line.length(); ) {
      int c = line.codePointAt(i);
      i += Character.charCount(c);
      int length = Character.toString(c).getBytes(StandardCharsets.UTF_8).length;
      if (octets + length > FOLD_AT) {
        out.append("\n ");
        octets = 1;
      }
      out.appendCodePoint(c);
      octets += length;
    }
    out.append('\n');
  }
}

package io.postern.bridge.web;

import io.postern.mail.Body;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mapping.Journey;
import io.postern.mapping.Reject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A daemon of which everything is known, for the page to show. */
record KnownStatus(
    Health health,
    List<Inbox> inboxes,
    List<Journey> all,
    List<Reject> refused,
    KnownSuppressions suppressions,
    DeadLetters deadLetters)
    implements StatusSource {
  /** The journey whose mail is kept. */
  static final String KEPT = "01J0SPOOL";

  static final String INBOX_ID = "ab".repeat(32);
  static final String ADDRESS = "0x1a642f0e3c3af545e7acbd38b07251b3990914f1";
  static final Instant BEGUN = Instant.parse("2026-11-25T10:00:00Z");

  static KnownStatus well() {
    return new KnownStatus(
        health(true, List.of()),
        List.of(new Inbox(mailbox("bob@mail.example"), INBOX_ID, ADDRESS)),
        List.of(
            journey("01J0SPOOL", "alice@bridge.example", "taken from mx.mail.example"),
            journey("installation/message", "bob@mail.example", "one line")),
        List.of(reject("bob@mail.example", "Not today")),
        KnownSuppressions.of(KnownSuppressions.bounced(mailbox("bob@mail.example"), "5.1.1")),
        KnownDeadLetters.of());
  }

  static KnownStatus withHealth(Health health) {
    return new KnownStatus(
        health, List.of(), List.of(), List.of(), KnownSuppressions.of(), KnownDeadLetters.of());
  }

  static KnownStatus withJourneys(Journey... journeys) {
    return new KnownStatus(
        health(true, List.of()),
        List.of(),
        List.of(journeys),
        List.of(),
        KnownSuppressions.of(),
        KnownDeadLetters.of());
  }

  static KnownStatus withRejects(Reject... rejects) {
    return new KnownStatus(
        health(true, List.of()),
        List.of(),
        List.of(),
        List.of(rejects),
        KnownSuppressions.of(),
        KnownDeadLetters.of());
  }

  static KnownStatus withSuppressions(KnownSuppressions suppressions) {
    return new KnownStatus(
        health(true, List.of()),
        List.of(),
        List.of(),
        List.of(),
        suppressions,
        KnownDeadLetters.of());
  }

  static KnownStatus withDeadLetters(KnownDeadLetters letters) {
    return new KnownStatus(
        health(true, List.of()), List.of(), List.of(), List.of(), KnownSuppressions.of(), letters);
  }

  /** Of a mail that its author sent to several. */
  static Reject reject(String author, String words) {
    return new Reject(
        BEGUN,
        "192.0.2.1",
        "mx.mail.example",
        "bounces@mail.example",
        List.of("alice@bridge.example", "carol@bridge.example"),
        5,
        author,
        "<1@mail.example>",
        "",
        1234,
        550,
        "5.7.1",
        words);
  }

  static Health health(boolean connected, List<String> troubles) {
    return health(connected, troubles, List.of());
  }

  static Health health(boolean connected, List<String> troubles, List<String> alarms) {
    return new Health(
        "Postern",
        "0.1.0",
        Duration.ofMinutes(125),
        List.of("bridge.example", "second.example"),
        "local",
        connected,
        3,
        4,
        5,
        0,
        troubles,
        alarms);
  }

  static Journey journey(String id, String recipient, String words) {
    return new Journey(
        id,
        Journey.Kind.MAIL,
        BEGUN,
        BEGUN.plusSeconds(2),
        Map.of(mailbox(recipient), Journey.Outcome.DELIVERED),
        List.of(
            new Journey.Step(BEGUN, Journey.Place.SPOOL, words),
            new Journey.Step(BEGUN.plusSeconds(2), Journey.Place.NODE, "published")));
  }

  static Mailbox mailbox(String text) {
    try {
      return Mailbox.parse(text);
    } catch (MailException malformed) {
      throw new IllegalArgumentException(text, malformed);
    }
  }

  @Override
  public List<Journey> lastJourneys(int count) {
    return all.subList(0, Math.min(count, all.size()));
  }

  @Override
  public List<Journey> journeys(String name) {
    return all.stream().filter(journey -> journey.id().equalsIgnoreCase(name)).toList();
  }

  @Override
  public List<Reject> rejects(String name, int count) {
    return refused.stream()
        .filter(reject -> name.isEmpty() || reject.author().contains(name))
        .limit(count)
        .toList();
  }

  @Override
  public boolean hasWholeMail(String journey) {
    return journey.equals(KEPT);
  }

  @Override
  public Optional<Body> wholeMail(String journey) {
    var octets = "Subject: whole\r\n\r\n<script>".getBytes(StandardCharsets.UTF_8);
    Body onDisk =
        new Body() {
          @Override
          public int size() {
            return octets.length;
          }

          @Override
          public InputStream open() {
            return new ByteArrayInputStream(octets);
          }

          @Override
          public byte[] beginning(int most) {
            throw new AssertionError("it is to be sent as a stream");
          }
        };
    return Optional.of(onDisk).filter(mail -> hasWholeMail(journey));
  }

  /** It makes none. */
  @Override
  public Backups backups() {
    return new Backups() {
      @Override
      public String begin(java.nio.file.Path file) {
        return "making " + file;
      }

      @Override
      public String progress() {
        return "none was made";
      }
    };
  }
}

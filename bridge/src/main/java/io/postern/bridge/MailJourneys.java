package io.postern.bridge;

import io.postern.mail.Mailbox;
import io.postern.mapping.Journey.Kind;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.smtp.SpooledMail;
import io.postern.xmtp.store.SavedLater;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is noted of the mails of the spool while they are carried, and told their senders. Used by
 * several threads.
 */
final class MailJourneys {
  private static final Logger log = LoggerFactory.getLogger(MailJourneys.class);

  /** After this a mail's sender is told that it waits. {@code spec/content-types.md} §10.11. */
  private static final Duration LATE = Duration.ofHours(4);

  private final Jdbi jdbi;
  private final JourneyStore journeys;
  private final SenderReports senderReports;
  private final InstantSource clock;

  MailJourneys(Jdbi jdbi, SenderReports senderReports, InstantSource clock) {
    this.jdbi = jdbi;
    this.journeys = new JourneyStore(jdbi);
    this.senderReports = senderReports;
    this.clock = clock;
  }

  /** Begins its journey, unless that has begun. */
  void begin(SpooledMail spooled, Arrival arrival) {
    begin(spooled, arrival.mail().id().map(id -> List.of(id.toString())).orElse(List.of()));
  }

  /**
   * @param names by which people know it, beside its spool id
   */
  void begin(SpooledMail spooled, List<String> names) {
    var id = spooled.id().toString();
    var from = spooled.envelope().reversePath().map(Mailbox::toString).orElse("<>");
    var words = "accepted from " + from + ", " + spooled.size() + " octets";
    var domain = spooled.received().verdict().authenticatedDomain();
    words += domain.isEmpty() ? "" : ", " + domain + " vouches for its author";
    var arrived = new Step(spooled.received().at(), Place.SPOOL, words);
    SavedLater.useTransaction(
        jdbi,
        handle ->
            journeys.begin(
                handle, id, Kind.MAIL, names, spooled.envelope().forwardPaths(), arrived));
  }

  /** The recipients for whom nothing is decided yet. */
  List<Mailbox> open(SpooledMail spooled) {
    return in(spooled, Outcome.PENDING);
  }

  private List<Mailbox> in(SpooledMail spooled, Outcome outcome) {
    return journeys.recipients(spooled.id().toString(), outcome);
  }

  /** Notes that one recipient has it. */
  void delivered(SpooledMail spooled, Mailbox recipient, Instant begun) {
    if (open(spooled).contains(recipient)) { // Else it was withheld, and says why.
      journeys.end(
          spooled.id().toString(),
          recipient,
          Outcome.DELIVERED,
          new Step(clock.instant(), Place.NODE, "published"));
    }
    log.info(
        "carried spool={} mailbox={} took={}ms",
        spooled.id(),
        recipient,
        Duration.between(begun, clock.instant()).toMillis());
  }

  /** What did not reach one recipient, and will not. */
  record Failure(Mailbox recipient, Outcome outcome, String status, String words) {}

  /** All of them for the same reason. */
  void conclude(
      SpooledMail spooled, List<Mailbox> recipients, Outcome outcome, String status, String words)
      throws IOException {
    conclude(
        spooled,
        recipients.stream()
            .map(recipient -> new Failure(recipient, outcome, status, words))
            .toList());
  }

  /**
   * Tells the sender and notes it, in this order: after a crash between the two the same report,
   * with the same Message-ID, is written once more.
   */
  void conclude(SpooledMail spooled, List<Failure> failures) throws IOException {
    if (failures.isEmpty()) {
      return;
    }
    var told =
        senderReports.tell(
            spooled,
            failures.stream()
                .map(f -> SenderReports.failed(f.recipient(), f.status(), f.words()))
                .toList());
    var id = spooled.id().toString();
    var now = clock.instant();
    jdbi.useTransaction(
        handle -> {
          for (var failure : failures) {
            var words = failure.status() + " " + failure.words() + "; " + told;
            var step = new Step(now, Place.MAIL_TO_XMTP, words);
            journeys.end(handle, id, failure.recipient(), failure.outcome(), step);
          }
        });
    for (var failure : failures) {
      log.info(
          "{} spool={} mailbox={} status={}",
          failure.outcome(),
          id,
          failure.recipient(),
          failure.status());
    }
  }

  /** Whether it waits for so long that its sender is to be told, if there is one. */
  boolean isLate(SpooledMail spooled) {
    return spooled.envelope().reversePath().isPresent()
        && !clock.instant().isBefore(spooled.waitsSince().plus(LATE));
  }

  /**
   * Tells the sender of a mail that waits for long, once for each recipient. Told before it is
   * noted, like a failure. RFC 3464 §2.3.3, {@code spec/content-types.md} §10.11.
   */
  void tellOfDelay(SpooledMail spooled, String status, String words) throws IOException {
    var id = spooled.id().toString();
    var late = isLate(spooled) ? journeys.untoldOfDelay(id) : List.<Mailbox>of();
    if (late.isEmpty()) {
      return;
    }
    var told =
        senderReports.tell(
            spooled, late.stream().map(to -> SenderReports.delayed(to, status, words)).toList());
    var now = clock.instant();
    var step =
        new Step(
            now, Place.MAIL_TO_XMTP, "not delivered for " + LATE.toHours() + " hours; " + told);
    jdbi.useTransaction(
        handle -> {
          late.forEach(to -> journeys.tellOfDelay(handle, id, to, now));
          journeys.step(handle, id, step);
        });
  }

  /** Whether its journey has begun. */
  boolean isBegun(SpooledMail spooled) {
    return journeys.byId(spooled.id().toString()).isPresent();
  }

  /** Notes what holds it up. */
  void step(SpooledMail spooled, String words) {
    journeys.step(spooled.id().toString(), new Step(clock.instant(), Place.MAIL_TO_XMTP, words));
  }

  /** Nobody gets it: it cannot be read any more. */
  void damaged(SpooledMail spooled, String reason) {
    var words = "its file is damaged and was set aside: " + reason;
    for (var recipient : open(spooled)) {
      journeys.end(
          spooled.id().toString(),
          recipient,
          Outcome.DEAD,
          new Step(clock.instant(), Place.SPOOL, words));
    }
  }

  /** Whether it was given up for somebody. */
  boolean hasDead(SpooledMail spooled) {
    return !in(spooled, Outcome.DEAD).isEmpty();
  }
}

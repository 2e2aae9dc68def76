package io.postern.bridge;

import io.postern.config.Config;
import io.postern.mail.Delivery;
import io.postern.mail.DeliveryReport;
import io.postern.mail.Envelope;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mapping.Journey.Kind;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.ThreadIds;
import io.postern.out.MailSender;
import io.postern.smtp.Spool;
import io.postern.smtp.SpooledMail;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is due from the spool and applies what became of it: done, later, or the dead-letter
 * box and a report to its sender. Several mails are carried at once; one author's in their order.
 */
final class SpoolLoop extends Loop {
  private static final Logger log = LoggerFactory.getLogger(SpoolLoop.class);

  /** RFC 3463 §3.5: no answer from host. What has this status waits for the network as a whole. */
  static final String NETWORK_AWAY = "4.4.1";

  private static final int AT_ONCE = 256;
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Spool spool;
  private final MailToXmtp carrier;
  private final Reports reports;
  private final JourneyStore journeys;
  private final MailSender sender;
  private final ThreadIds threadIds;
  private final String hostname;
  private final ExecutorService workers;
  private final InstantSource clock;
  private final Outage networkAway = new Outage();
  private final Set<String> inWork = ConcurrentHashMap.newKeySet();

  SpoolLoop(
      Spool spool,
      MailToXmtp carrier,
      Reports reports,
      JourneyStore journeys,
      MailSender sender,
      ThreadIds threadIds,
      Config config,
      ExecutorService workers,
      InstantSource clock) {
    super("spool");
    this.spool = spool;
    this.carrier = carrier;
    this.reports = reports;
    this.journeys = journeys;
    this.sender = sender;
    this.threadIds = threadIds;
    this.hostname = config.domains().get(0);
    this.workers = workers;
    this.clock = clock;
    spool.onArrival(this::wake);
  }

  @Override
  Duration turn() throws IOException {
    var away = networkAway.remaining(clock.instant());
    if (away.isPresent()) {
      return away.get();
    }
    var byAuthor = new LinkedHashMap<String, List<SpooledMail>>();
    for (var spooled : spool.due(clock.instant(), AT_ONCE)) {
      var author = spooled.envelope().reversePath().map(Mailbox::toString).orElse("<>");
      byAuthor.computeIfAbsent(author, a -> new ArrayList<>()).add(spooled);
    }
    byAuthor.forEach(
        (author, mails) -> {
          if (inWork.add(author)) {
            workers.execute(() -> carry(author, mails));
          }
        });
    return spool
        .nextDue()
        .map(due -> Duration.between(clock.instant(), due))
        .filter(wait -> !wait.isNegative() && !wait.isZero())
        .filter(wait -> wait.compareTo(IDLE) < 0)
        .orElse(IDLE);
  }

  /** One author's mails in the order they came; when the network goes away, the rest waits. */
  private void carry(String author, List<SpooledMail> mails) {
    try {
      for (var spooled : mails) {
        if (networkAway.remaining(clock.instant()).isPresent()) {
          return;
        }
        carry(spooled);
      }
    } finally {
      inWork.remove(author);
      wake();
    }
  }

  private void carry(SpooledMail spooled) {
    try {
      if (spool.find(spooled.id()).isPresent()) {
        settle(spooled);
      }
    } catch (IOException | RuntimeException failed) {
      log.error("spool={} could not be carried", spooled.id(), failed);
      later(spooled, failed);
    }
  }

  private void later(SpooledMail spooled, Exception failed) {
    try {
      spool.defer(
          spooled.id(),
          clock.instant().plus(Duration.ofMinutes(5)),
          String.valueOf(failed.getMessage()));
    } catch (IOException disk) {
      log.error("spool={} could not be deferred", spooled.id(), disk);
    }
  }

  private void settle(SpooledMail spooled) throws IOException {
    var id = spooled.id().toString();
    var begun = clock.instant();
    begin(spooled);
    if (spooled.envelope().reversePath().isEmpty()) {
      reports.take(spooled);
      spool.done(spooled.id());
      return;
    }
    var deferred = new ArrayList<Delivery.Deferred>();
    for (var recipient : spooled.envelope().forwardPaths()) {
      if (isOpen(id, recipient)) {
        var delivery = carrier.deliver(spooled, recipient);
        if (delivery instanceof Delivery.Delivered) {
          networkAway.back();
          delivered(spooled, recipient, begun);
        } else if (delivery instanceof Delivery.Refused refused) {
          refused(spooled, recipient, refused);
        } else {
          deferred.add((Delivery.Deferred) delivery);
        }
      }
    }
    if (deferred.isEmpty()) {
      spool.done(spooled.id());
    } else {
      defer(spooled, deferred.get(0));
    }
  }

  private void begin(SpooledMail spooled) throws IOException {
    var id = spooled.id().toString();
    var recipients = spooled.envelope().forwardPaths();
    var arrived =
        new Step(
            spooled.received().at(),
            Place.SPOOL,
            "accepted from "
                + spooled.envelope().reversePath().map(Mailbox::toString).orElse("<>")
                + ", "
                + spooled.size()
                + " octets");
    if (journeys.begin(id, Kind.MAIL, recipients, arrived)) {
      try {
        MailReader.read(spooled.arrivedOctets())
            .id()
            .ifPresent(mailId -> journeys.name(id, mailId.toString()));
      } catch (MailException unreadable) {
        log.info("spool={} has no readable Message-ID", spooled.id());
      }
    }
  }

  private boolean isOpen(String id, Mailbox recipient) {
    return journeys
        .byId(id)
        .map(journey -> journey.outcomes().get(recipient.canonical()) == Outcome.PENDING)
        .orElse(true);
  }

  private void delivered(SpooledMail spooled, Mailbox recipient, Instant begun) {
    var id = spooled.id().toString();
    if (isOpen(id, recipient)) {
      journeys.end(
          id, recipient, Outcome.DELIVERED, new Step(clock.instant(), Place.NODE, "published"));
    }
    log.info(
        "carried spool={} mailbox={} took={}ms",
        id,
        recipient,
        Duration.between(begun, clock.instant()).toMillis());
  }

  private void refused(SpooledMail spooled, Mailbox recipient, Delivery.Refused refused)
      throws IOException {
    var words = refused.status() + " " + refused.advice();
    log.info("refused spool={} mailbox={} status={}", spooled.id(), recipient, refused.status());
    tellSender(spooled, recipient, refused.status(), refused.advice());
    journeys.end(
        spooled.id().toString(),
        recipient,
        Outcome.REFUSED,
        new Step(clock.instant(), Place.MAIL_TO_XMTP, words));
  }

  private void defer(SpooledMail spooled, Delivery.Deferred deferred) throws IOException {
    var now = clock.instant();
    var next =
        RetrySchedule.next(
            spooled.received().at(), now, spooled.attempts() + 1, deferred.retryAfter());
    var words = deferred.status() + " " + deferred.reason();
    if (next.isPresent() && deferred.status().equals(NETWORK_AWAY)) {
      // Not this mail's fault: everything waits, so that nothing overtakes anything.
      networkAway.gone(now, deferred.retryAfter(), deferred.reason());
      return;
    }
    if (next.isPresent()) {
      if (spooled.attempts() == 0) {
        log.warn("deferred spool={} reason={}", spooled.id(), words);
      }
      journeys.step(
          spooled.id().toString(),
          new Step(now, Place.MAIL_TO_XMTP, "deferred until " + next.get() + ": " + words));
      spool.defer(spooled.id(), next.get(), words);
      return;
    }
    log.warn("given up spool={} reason={}", spooled.id(), words);
    for (var recipient : spooled.envelope().forwardPaths()) {
      if (isOpen(spooled.id().toString(), recipient)) {
        tellSender(spooled, recipient, "5.4.7", "Not delivered within 48 hours: " + words);
        journeys.end(
            spooled.id().toString(),
            recipient,
            Outcome.DEAD,
            new Step(now, Place.MAIL_TO_XMTP, "given up after 48 hours: " + words));
      }
    }
    spool.dead(spooled.id(), "5.4.7", words);
  }

  /** One report, to a sender that is no machine. RFC 3464. */
  private void tellSender(SpooledMail spooled, Mailbox recipient, String status, String words)
      throws IOException {
    Optional<Mailbox> to = spooled.envelope().reversePath();
    if (to.isEmpty() || isAutomatic(spooled)) {
      return;
    }
    var report = DeliveryReport.failed(hostname, "", recipient, status, words);
    var postmaster = new NamedMailbox("Postern", new Mailbox("postmaster", hostname));
    var octets =
        report.write(
            postmaster,
            to.get(),
            clock.instant(),
            threadIds.notice(
                UUID.nameUUIDFromBytes(
                    (spooled.id() + "/" + recipient).getBytes(StandardCharsets.UTF_8))),
            spooled.arrivedOctets());
    var outcome = sender.send(Envelope.fromNobody(List.of(to.get())), octets);
    if (!(outcome instanceof Delivery.Delivered)) {
      log.warn("report not sent spool={} outcome={}", spooled.id(), outcome);
    }
  }

  private static boolean isAutomatic(SpooledMail spooled) throws IOException {
    try {
      return MailReader.read(spooled.arrivedOctets()).automatic();
    } catch (MailException unreadable) {
      return true; // Nobody is told of a mail that cannot be read; it never got this far.
    }
  }
}

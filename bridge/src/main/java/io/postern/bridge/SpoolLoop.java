package io.postern.bridge;

import io.postern.mail.Delivery;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mapping.Journey.Outcome;
import io.postern.smtp.DamagedFileException;
import io.postern.smtp.Spool;
import io.postern.smtp.SpoolId;
import io.postern.smtp.SpooledMail;
import io.postern.xmtp.client.NotLeasedException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is due from the spool and applies what became of it: done, later, or the dead-letter
 * box and a report to its sender. Several mails are carried at once; one author's in their order.
 *
 * <p>While the network is away nothing is tried, so that nothing overtakes anything (ADR 0004).
 * What fails for a reason of its own waits alone.
 */
final class SpoolLoop extends Loop {
  private static final Logger log = LoggerFactory.getLogger(SpoolLoop.class);

  /** RFC 3463 §3.5: no answer from host. What has this status waits for the network as a whole. */
  static final String NETWORK_AWAY = "4.4.1";

  /** RFC 3463 §3.4: a trouble of our own. */
  private static final String OWN_TROUBLE = "4.3.0";

  /** RFC 3463 §3.5: delivery time expired. */
  private static final String EXPIRED = "5.4.7";

  private static final int AT_ONCE = 256;

  /** Each takes of the processor and of the disk what accepting needs. */
  private static final int BESIDE_A_BURST = 1;

  private static final int MAX_IN_WORK = 10_000;
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Spool spool;
  private final Arrivals arrivals;
  private final BiFunction<Arrival, Mailbox, Delivery> carrier;
  private final Reports reports;
  private final MailJourneys journeys;
  private final InstantSource clock;
  private final Lanes lanes;
  private final ArrivalBurst burst = new ArrivalBurst();
  private final Outage networkAway = new Outage("the XMTP network");
  private final Outage ownTrouble = new Outage("the spool or the database");

  /** Mails in a lane. Only turns touch it, so that a mail is never seen as due twice. */
  private final Set<SpoolId> inWork = new HashSet<>();

  private final Queue<SpoolId> released = new ConcurrentLinkedQueue<>();

  /**
   * @param arrivals reads what is carried
   * @param carrier delivers a mail to one of its recipients
   * @param workers threads that may wait for the XMTP client
   */
  SpoolLoop(
      Spool spool,
      Arrivals arrivals,
      BiFunction<Arrival, Mailbox, Delivery> carrier,
      Reports reports,
      MailJourneys journeys,
      Executor workers,
      InstantSource clock) {
    super("spool");
    this.spool = spool;
    this.arrivals = arrivals;
    this.carrier = carrier;
    this.reports = reports;
    this.journeys = journeys;
    this.clock = clock;
    this.lanes = new Lanes(workers);
    spool.onArrival(this::arrived);
  }

  private void arrived() {
    burst.arrived(clock.instant());
    wake();
  }

  @Override
  Duration turn() throws IOException {
    SpoolId over;
    while ((over = released.poll()) != null) {
      inWork.remove(over);
    }
    var now = clock.instant();
    var away = networkAway.remaining(now).or(() -> ownTrouble.remaining(now));
    if (away.isPresent()) {
      return away.get();
    }
    if (inWork.size() >= MAX_IN_WORK) {
      return IDLE; // Each mail that is through wakes the loop.
    }
    if (burst.isOn(now)) {
      hand(spool.due(now, BESIDE_A_BURST - inWork.size(), inWork));
      return burst.pause();
    }
    var due = spool.due(now, AT_ONCE, inWork);
    hand(due);
    if (due.size() == AT_ONCE) {
      return Duration.ZERO;
    }
    // What is due already is in work, and wakes the loop when it is through.
    return waitUntil(spool.nextDue().filter(next -> next.isAfter(now)), now, IDLE);
  }

  private void hand(List<SpooledMail> due) {
    for (var spooled : due) {
      inWork.add(spooled.id());
      lanes.add(lane(spooled), () -> carry(spooled));
    }
  }

  /** Whose mails keep their order; what nobody has sent, by whom it is for. */
  private static String lane(SpooledMail spooled) {
    var envelope = spooled.envelope();
    var nobodys = "<> " + envelope.forwardPaths().get(0).canonical();
    return envelope.reversePath().map(path -> path.canonical().toString()).orElse(nobodys);
  }

  /** Ends no mail half-way: returns when the mails that are being carried are through. */
  @Override
  public void close() {
    super.close();
    lanes.close();
  }

  private void carry(SpooledMail spooled) {
    try {
      if (!isStopped()) { // Else the next start begins with this mail.
        carryOrKeep(spooled);
      }
    } finally {
      released.add(spooled.id());
      wake();
    }
  }

  private void carryOrKeep(SpooledMail spooled) {
    try {
      // Behind a mail that found the network away, its author's later ones wait, too.
      if (networkAway.remaining(clock.instant()).isEmpty()) {
        settle(spooled);
        ownTrouble.back();
      } else if (journeys.isLate(spooled)) {
        untried(spooled);
      }
    } catch (DamagedFileException damaged) {
      setAside(spooled, damaged);
    } catch (NotLeasedException elsewhere) {
      handOver(spooled, elsewhere);
    } catch (IOException | RuntimeException | StackOverflowError failed) {
      trouble(spooled, failed);
    }
  }

  private void settle(SpooledMail spooled) throws IOException {
    try (var arrival = arrivals.read(spooled)) {
      if (isStopped()) {
        return; // It has waited for its memory until now.
      }
      journeys.begin(spooled, arrival);
      if (reports.isFor(spooled.envelope())) {
        take(spooled, arrival);
      } else {
        settle(spooled, arrival);
      }
    } catch (MailException unreadable) {
      // The same reader has taken it at the end of DATA: only another version of it gets here.
      journeys.begin(spooled, List.of());
      journeys.conclude(
          spooled,
          journeys.open(spooled),
          Outcome.REFUSED,
          unreadable.status(),
          unreadable.advice());
      finish(spooled);
    }
  }

  private void take(SpooledMail spooled, Arrival report) throws IOException {
    var later = reports.take(spooled, report.mail());
    if (later.isEmpty()) {
      spool.done(spooled.id());
      return;
    }
    var words = "waits until " + later.get().until() + ": " + later.get().why();
    journeys.step(spooled, words);
    spool.defer(spooled.id(), later.get().until(), later.get().why());
  }

  private void settle(SpooledMail spooled, Arrival arrival) throws IOException {
    var begun = clock.instant();
    var refusals = new ArrayList<MailJourneys.Failure>();
    var deferrals = new ArrayList<Delivery.Deferred>();
    for (var recipient : journeys.open(spooled)) {
      var delivery = carrier.apply(arrival, recipient);
      if (delivery instanceof Delivery.Delivered) {
        networkAway.back();
        journeys.delivered(spooled, recipient, begun);
      } else if (delivery instanceof Delivery.Refused refused) {
        refusals.add(
            new MailJourneys.Failure(
                recipient, Outcome.REFUSED, refused.status(), refused.advice()));
      } else {
        var deferred = (Delivery.Deferred) delivery;
        deferrals.add(deferred);
        if (deferred.status().equals(NETWORK_AWAY)) {
          break; // It is away for the other recipients, too.
        }
      }
    }
    journeys.conclude(spooled, refusals);
    if (deferrals.isEmpty()) {
      finish(spooled);
    } else if (!isStopped()) {
      // When the daemon stops nothing has failed: the next start begins with this mail.
      defer(spooled, deferrals.get(deferrals.size() - 1));
    }
  }

  private void defer(SpooledMail spooled, Delivery.Deferred deferred) throws IOException {
    var now = clock.instant();
    var next =
        RetrySchedule.next(
            spooled.waitsSince(), now, spooled.attempts() + 1, deferred.retryAfter());
    var words = deferred.status() + " " + deferred.reason();
    if (next.isEmpty()) {
      log.warn("given up spool={} reason={}", spooled.id(), words);
      journeys.conclude(
          spooled,
          journeys.open(spooled),
          Outcome.DEAD,
          EXPIRED,
          "Not delivered within " + RetrySchedule.GIVE_UP_AFTER.toHours() + " hours: " + words);
      finish(spooled, words);
    } else if (deferred.status().equals(NETWORK_AWAY)) {
      // Not this mail's fault: everything waits, so that nothing overtakes anything.
      networkAway.gone(now, deferred.retryAfter(), deferred.reason());
      journeys.tellOfDelay(spooled, deferred.status(), deferred.reason());
    } else {
      journeys.step(spooled, "deferred until " + next.get() + ": " + words);
      journeys.tellOfDelay(spooled, deferred.status(), deferred.reason());
      spool.defer(spooled.id(), next.get(), words);
      if (spooled.attempts() == 0) {
        log.warn("deferred spool={} reason={}", spooled.id(), words);
      }
    }
  }

  /** A mail that is late, and cannot even be tried. */
  private void untried(SpooledMail spooled) throws IOException {
    try {
      if (!journeys.isBegun(spooled)) {
        try (var arrival = arrivals.read(spooled)) {
          journeys.begin(spooled, arrival);
        }
      }
      journeys.tellOfDelay(spooled, NETWORK_AWAY, "the XMTP network does not answer");
    } catch (MailException unreadable) {
      // It is refused, and that told, when its turn comes.
      log.info("unreadable spool={} waits, too", spooled.id());
    }
  }

  /** Nobody is open any more. What was given up for somebody stays for a person to look at. */
  private void finish(SpooledMail spooled) throws IOException {
    finish(spooled, "given up; its journey says why");
  }

  private void finish(SpooledMail spooled, String reason) throws IOException {
    if (!journeys.hasDead(spooled)) {
      spool.done(spooled.id());
    } else {
      spool.dead(spooled.id(), EXPIRED, reason);
    }
  }

  private void setAside(SpooledMail spooled, DamagedFileException damaged) {
    log.error("damaged spool={} is set aside reason={}", spooled.id(), damaged.getMessage());
    try {
      journeys.begin(spooled, List.of());
      journeys.damaged(spooled, damaged.getMessage());
      spool.setAside(spooled.id(), damaged.getMessage());
    } catch (IOException | RuntimeException failed) {
      trouble(spooled, failed);
    }
  }

  /** Found out when its author's inbox, or its report's, was looked for: nothing was done yet. */
  private void handOver(SpooledMail spooled, NotLeasedException elsewhere) {
    try {
      spool.handOver(spooled.id(), elsewhere.walletIndex());
      log.debug("spool={} handed over: {}", spooled.id(), elsewhere.getMessage());
    } catch (IOException | RuntimeException failed) {
      trouble(spooled, failed);
    }
  }

  /**
   * A mistake of ours, a disk that is full, or a database that does not answer: tried again like
   * all else, and given up like it.
   */
  private void trouble(SpooledMail spooled, Throwable failed) {
    if (isStopped()) {
      log.info("spool={} was interrupted by the stop of the daemon", spooled.id());
      return;
    }
    var away = StoreAway.reason(failed);
    if (spooled.attempts() == 0 && away.isEmpty()) {
      log.error("spool={} could not be carried", spooled.id(), failed);
    }
    try {
      defer(spooled, new Delivery.Deferred(OWN_TROUBLE, "an internal trouble of this server"));
      if (spooled.attempts() == 0 && away.isPresent()) {
        log.warn("spool={} could not be carried reason={}", spooled.id(), away.get());
      }
    } catch (IOException | RuntimeException again) {
      var stillAway = StoreAway.reason(again);
      if (stillAway.isEmpty()) {
        log.error("spool={} could not be deferred; its turn comes again", spooled.id(), again);
      }
      // All mails fail alike then, and one line tells of it.
      var why = stillAway.orElse(String.valueOf(again.getMessage()));
      ownTrouble.gone(clock.instant(), Optional.empty(), why);
    }
  }
}

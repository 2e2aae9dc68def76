package io.postern.bridge;

import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import io.postern.mapping.Bundle;
import io.postern.mapping.BundleStore;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.OutboxState;
import io.postern.mapping.SuppressionList;
import io.postern.mapping.ThreadLinks;
import io.postern.out.MailSender;
import io.postern.xmtp.store.Lease;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands closed mails to the sender and applies what became of each try. A final failure is told to
 * the peer. Several mails travel at once, to one recipient one at a time, the eldest first.
 *
 * <p>A mail that is deferred holds up what comes after it to the same recipient, so that a server
 * that is away for a while changes no order; but a quarter of an hour at most at a time, since what
 * is wrong may be this one mail (ADR 0005). Where nobody was reached the whole way is closed: see
 * {@link Routes}.
 */
final class OutboxLoop extends Loop {
  private static final Logger log = LoggerFactory.getLogger(OutboxLoop.class);

  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration LONGEST_HOLD = Duration.ofMinutes(15);

  /** After this a peer is told that a message still waits. {@code spec/content-types.md} §10.11. */
  static final Duration LATE = Duration.ofHours(24);

  private final Jdbi jdbi;
  private final BundleStore bundles;
  private final ThreadLinks links;
  private final Function<Mailbox, MailSender> senders;
  private final Function<Mailbox, Object> ways;
  private final Routes routes = new Routes();
  private final Notices notices;
  private final Admission admission;
  private final SuppressionList suppressions;
  private final JourneyStore journeys;
  private final Lanes lanes;
  private final Checkpoint.Watch watch;
  private final BooleanSupplier hasRoom;
  private final InstantSource clock;

  /**
   * What became of mails where it could not be noted, a full disk say: noted when that is possible
   * again, and until then not sent once more.
   */
  private final Map<Long, Delivery> unnoted = new ConcurrentHashMap<>();

  /** Mails whose journey tells already that they wait for a closed way. */
  private final Set<Long> toldOfWay = ConcurrentHashMap.newKeySet();

  /** Recipients whose mail waits for a deferred one, and until when. */
  private final Map<Mailbox, Instant> held = new ConcurrentHashMap<>();

  /**
   * @param lease has the inboxes of those whose mails leave from here
   * @param senders how mail to somebody leaves
   * @param ways which of them have their way in common
   * @param workers threads that may wait for far servers
   * @param hasRoom whether the disk has room to note what becomes of a mail
   */
  OutboxLoop(
      Jdbi jdbi,
      Lease lease,
      Function<Mailbox, MailSender> senders,
      Function<Mailbox, Object> ways,
      Notices notices,
      Admission admission,
      Executor workers,
      Checkpoint.Watch watch,
      BooleanSupplier hasRoom,
      InstantSource clock) {
    super("outbox");
    this.jdbi = jdbi;
    this.bundles = new BundleStore(jdbi, lease);
    this.links = new ThreadLinks(jdbi);
    this.senders = senders;
    this.ways = ways;
    this.notices = notices;
    this.admission = admission;
    this.suppressions = new SuppressionList(jdbi);
    this.journeys = new JourneyStore(jdbi);
    this.lanes = new Lanes(workers, this::wake);
    this.watch = watch;
    this.hasRoom = hasRoom;
    this.clock = clock;
  }

  @Override
  Duration turn() {
    if (!hasRoom.getAsBoolean()) {
      // What is sent and cannot be noted would be sent once more after a restart.
      return IDLE;
    }
    var now = clock.instant();
    held.values().removeIf(until -> !until.isAfter(now));
    bundles
        .due(now)
        .forEach(
            (recipient, id) -> {
              if (!held.containsKey(recipient) && !lanes.has(recipient)) {
                begin(recipient, id, now);
              }
            });
    var next = bundles.nextTry().filter(at -> at.isAfter(now));
    var release = held.values().stream().min(Comparator.naturalOrder());
    return waitUntil(earlier(earlier(next, release), routes.nextOpening(now)), now, IDLE);
  }

  private void begin(Mailbox recipient, long id, Instant now) {
    var route = ways.apply(recipient);
    var leave = routes.enter(route, now);
    if (leave instanceof Routes.Leave.Go) {
      lanes.add(recipient, () -> carry(id, recipient, route));
    } else if (leave instanceof Routes.Leave.Closed closed) {
      held.put(recipient, closed.until());
      lanes.add(recipient, () -> waitFor(id, closed));
    }
  }

  private static Optional<Instant> earlier(Optional<Instant> one, Optional<Instant> other) {
    return one.isPresent() && other.isPresent()
        ? one.filter(at -> at.isBefore(other.get())).or(() -> other)
        : one.or(() -> other);
  }

  /** Ends no try half-way: returns when the mails that travel have arrived. */
  @Override
  public void close() {
    super.close();
    lanes.close();
  }

  private void carry(long id, Mailbox recipient, Object route) {
    Optional<Delivery> outcome = Optional.empty();
    try {
      // Read again: it may have been settled between the turn that found it and this lane.
      // What was sent needs no room but for its note; a queue may be long when room ends.
      var bundle =
          bundles
              .byId(id)
              .filter(this::isDue)
              .filter(due -> unnoted.containsKey(id) || hasRoom.getAsBoolean());
      if (bundle.isPresent() && (unnoted.containsKey(id) || !withheld(bundle.get()))) {
        var begun = clock.instant();
        outcome = Optional.of(outcome(bundle.get()));
        settle(bundle.get(), outcome.get(), begun);
      }
    } catch (RuntimeException | StackOverflowError failed) {
      // Nothing could be noted: a pause, else the same would fail again at once.
      tell("bundle=" + id + " could not be settled", failed);
      held.put(recipient, clock.instant().plus(Duration.ofMinutes(1)));
    } finally {
      toldOfWay.remove(id);
      routes.end(route, outcome, clock.instant());
    }
  }

  /** Tells of a mail that nobody was reached on its way, and gives it up when its time is over. */
  private void waitFor(long id, Routes.Leave.Closed closed) {
    var found = bundles.byId(id).filter(this::isDue);
    if (found.isEmpty()) {
      return;
    }
    var bundle = found.get();
    if (RetrySchedule.isOver(bundle.closedAt(), clock.instant())) {
      if (!withheld(bundle)) {
        deferred(bundle, closed.why());
      }
      toldOfWay.remove(id);
      return;
    }
    var now = clock.instant();
    var words = closed.why().status() + " " + closed.why().reason();
    boolean isNew = toldOfWay.add(id);
    var parts = bundles.parts(bundle);
    var delays = noticesOfDelay(parts, words, now);
    var told =
        jdbi.inTransaction(
            handle -> {
              if (isNew) {
                note(handle, parts, "waits, since nobody was reached for others: " + words);
              }
              return storeDelays(handle, delays, now);
            });
    told.forEach(Notices.Notice::publish);
  }

  /** What the peers are told, once, of a mail that waits for long. */
  private Map<Bundle, Notices.Notice> noticesOfDelay(
      List<Bundle> parts, String words, Instant now) {
    var delays = new LinkedHashMap<Bundle, Notices.Notice>();
    for (var part : parts) {
      if (!now.isBefore(part.closedAt().plus(LATE))) {
        notices.delayed(part, words).ifPresent(notice -> delays.put(part, notice));
      }
    }
    return delays;
  }

  /** Those that are stored, and are to be published. */
  private List<Notices.Notice> storeDelays(
      Handle handle, Map<Bundle, Notices.Notice> delays, Instant now) {
    return delays.entrySet().stream()
        .filter(
            delay ->
                MessageJourneys.tellOfDelay(handle, journeys, delay.getKey(), now)
                    && delay.getValue().store(handle))
        .map(Map.Entry::getValue)
        .toList();
  }

  private void note(Handle handle, List<Bundle> parts, String words) {
    for (var part : parts) {
      for (var message : part.messageIds()) {
        journeys.step(handle, MessageJourneys.id(part.installation(), message), step(words));
      }
    }
  }

  private boolean isDue(Bundle bundle) {
    return bundle.state() == OutboxState.BUNDLED && !bundle.nextTry().isAfter(clock.instant());
  }

  private Delivery outcome(Bundle bundle) {
    var before = unnoted.get(bundle.id());
    var delivery = before == null ? send(bundle) : before;
    unnoted.put(bundle.id(), delivery);
    return delivery;
  }

  private void settle(Bundle bundle, Delivery delivery, Instant begun) {
    if (delivery instanceof Delivery.Delivered delivered) {
      watch.reached(Checkpoint.MAIL_SENT);
      delivered(bundle, delivered, begun);
    } else if (delivery instanceof Delivery.Refused refused) {
      refused(bundle, refused);
    } else {
      deferred(bundle, (Delivery.Deferred) delivery);
    }
    unnoted.remove(bundle.id());
  }

  /** Whoever says stop, or is gone, gets not even what was on its way. */
  private boolean withheld(Bundle bundle) {
    var parts = bundles.parts(bundle);
    if (parts.size() > 1) {
      return reopened(bundle, parts);
    }
    var unwanted = unwanted(bundle);
    if (unwanted.isEmpty()) {
      return false;
    }
    var reason = unwanted.get().reason();
    var notice = unwanted.get().matter().flatMap(matter -> notices.withheld(bundle, matter));
    boolean told =
        jdbi.inTransaction(
            handle -> {
              if (!bundles.withheld(handle, bundle.id(), reason, clock.instant())) {
                return false;
              }
              boolean stored = notice.isPresent() && notice.get().store(handle);
              var words = reason + (stored ? Notices.told(true) : "");
              end(handle, bundle, Outcome.WITHHELD, words);
              return stored;
            });
    log.info("mail withheld mail={} mailbox={}", bundle.mailId(), bundle.recipient());
    if (told) {
      notice.get().publish();
    }
    return true;
  }

  private Optional<Admission.Withheld> unwanted(Bundle bundle) {
    return jdbi.withHandle(
        handle ->
            admission.unwanted(handle, bundle.installation(), bundle.recipient(), bundle.sender()));
  }

  /** The octets of a digest are of all its peers: without one of them it is composed anew. */
  private boolean reopened(Bundle digest, List<Bundle> parts) {
    if (parts.stream().allMatch(part -> unwanted(part).isEmpty())) {
      return false;
    }
    var now = clock.instant();
    var words = "the person wants no more of a peer in the digest: it is composed anew";
    jdbi.useTransaction(
        handle -> {
          if (bundles.reopened(handle, digest.id(), now)) {
            parts.forEach(
                part -> links.unlink(handle, part.mailId(), part.conversation(), part.recipient()));
            note(handle, parts, words);
          }
        });
    log.info("digest opened again mail={} mailbox={}", digest.mailId(), digest.recipient());
    return true;
  }

  private Delivery send(Bundle bundle) {
    try {
      return senders.apply(bundle.recipient()).send(bundle.envelope(), bundle.octets());
    } catch (RuntimeException | StackOverflowError bug) {
      log.error("{} could not be sent", bundle, bug);
      return new Delivery.Deferred("4.3.0", "an internal trouble of this server");
    }
  }

  private void delivered(Bundle bundle, Delivery.Delivered delivered, Instant begun) {
    var now = clock.instant();
    var parts = bundles.parts(bundle);
    jdbi.useTransaction(
        handle -> {
          if (bundles.delivered(handle, bundle.id(), delivered.reference(), now)) {
            parts.forEach(
                part ->
                    end(handle, part, Outcome.DELIVERED, "delivered: " + delivered.reference()));
          }
        });
    watch.reached(Checkpoint.MAIL_NOTED);
    log.info(
        "mailed mail={} mailbox={} took={}ms",
        bundle.mailId(),
        bundle.recipient(),
        Duration.between(begun, now).toMillis());
  }

  private void refused(Bundle bundle, Delivery.Refused refused) {
    var status = refused.status();
    var advice = refused.advice();
    var words = status + " " + advice;
    log.warn("mail refused mail={} status={}", bundle.mailId(), status);
    fail(
        bundle,
        handle -> {
          var now = clock.instant();
          boolean moved = bundles.refused(handle, bundle.id(), status, advice, now);
          if (moved && refused.isOfRecipient()) {
            suppressions.failed(handle, bundle.recipient(), status, advice, now);
          }
          return moved;
        },
        Outcome.REFUSED,
        words,
        words);
  }

  private void deferred(Bundle bundle, Delivery.Deferred deferred) {
    var now = clock.instant();
    var words = deferred.status() + " " + deferred.reason();
    var next =
        RetrySchedule.next(bundle.closedAt(), now, bundle.attempts() + 1, deferred.retryAfter());
    if (next.isEmpty()) {
      log.warn("mail given up mail={} reason={}", bundle.mailId(), words);
      var hours = RetrySchedule.GIVE_UP_AFTER.toHours();
      fail(
          bundle,
          handle -> bundles.dead(handle, bundle.id(), "5.4.7", words, now),
          Outcome.DEAD,
          "not delivered within " + hours + " hours: " + words,
          "given up after " + hours + " hours: " + words);
      return;
    }
    if (bundle.attempts() == 0) {
      log.warn("mail deferred mail={} reason={}", bundle.mailId(), words);
    }
    var parts = bundles.parts(bundle);
    var delays = noticesOfDelay(parts, words, now);
    List<Notices.Notice> told =
        jdbi.inTransaction(
            handle -> {
              if (!bundles.deferred(
                  handle, bundle.id(), deferred.status(), deferred.reason(), next.get(), now)) {
                return List.of();
              }
              note(handle, parts, "deferred until " + next.get() + ": " + words);
              return storeDelays(handle, delays, now);
            });
    told.forEach(Notices.Notice::publish);
    var longest = now.plus(LONGEST_HOLD);
    held.put(bundle.recipient(), next.get().isBefore(longest) ? next.get() : longest);
  }

  /** The failure, the notices to the peers and the journeys' ends stand or fall together. */
  private void fail(
      Bundle bundle, Function<Handle, Boolean> move, Outcome outcome, String toPeer, String words) {
    var failures = new LinkedHashMap<Bundle, Optional<Notices.Notice>>();
    bundles.parts(bundle).forEach(part -> failures.put(part, notices.failed(part, toPeer)));
    var told = new ArrayList<Notices.Notice>();
    jdbi.useTransaction(
        handle -> {
          told.clear(); // What collides runs again.
          if (!move.apply(handle)) {
            return;
          }
          failures.forEach(
              (part, notice) -> {
                boolean stored = notice.isPresent() && notice.get().store(handle);
                end(handle, part, outcome, words + Notices.told(stored));
                notice.filter(unused -> stored).ifPresent(told::add);
              });
        });
    told.forEach(Notices.Notice::publish);
  }

  private void end(Handle handle, Bundle bundle, Outcome outcome, String words) {
    for (var message : bundle.messageIds()) {
      journeys.end(
          handle,
          MessageJourneys.id(bundle.installation(), message),
          bundle.recipient(),
          outcome,
          step(words));
    }
  }

  private Step step(String words) {
    return new Step(clock.instant(), Place.MAIL_SENDER, words);
  }
}

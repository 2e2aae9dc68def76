package io.postern.bridge;

import io.postern.mail.Delivery;
import io.postern.mapping.Bundle;
import io.postern.mapping.BundleStore;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands closed mails to the sender and applies what became of each try. A final failure is told to
 * the peer. Several mails travel at once, to one recipient one at a time.
 */
final class OutboxLoop extends Loop {
  private static final Logger log = LoggerFactory.getLogger(OutboxLoop.class);

  private static final int AT_ONCE = 100;
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final BundleStore bundles;
  private final Senders senders;
  private final Notices notices;
  private final JourneyStore journeys;
  private final ExecutorService workers;
  private final Checkpoint.Watch watch;
  private final InstantSource clock;
  private final Set<String> inWork = ConcurrentHashMap.newKeySet();

  OutboxLoop(
      BundleStore bundles,
      Senders senders,
      Notices notices,
      JourneyStore journeys,
      ExecutorService workers,
      Checkpoint.Watch watch,
      InstantSource clock) {
    super("outbox");
    this.bundles = bundles;
    this.senders = senders;
    this.notices = notices;
    this.journeys = journeys;
    this.workers = workers;
    this.watch = watch;
    this.clock = clock;
  }

  @Override
  Duration turn() {
    for (var bundle : bundles.due(clock.instant(), AT_ONCE)) {
      var recipient = bundle.recipient().toString();
      if (inWork.add(recipient)) {
        workers.execute(
            () -> {
              try {
                send(bundle);
              } catch (RuntimeException failed) {
                log.error("{} could not be sent", bundle, failed);
                var later = clock.instant().plus(Duration.ofMinutes(5));
                bundles.deferred(bundle.id(), "4.3.0", "internal", later, clock.instant());
              } finally {
                inWork.remove(recipient);
                wake();
              }
            });
      }
    }
    return bundles
        .nextTry()
        .map(next -> Duration.between(clock.instant(), next))
        .filter(wait -> !wait.isNegative() && !wait.isZero())
        .filter(wait -> wait.compareTo(IDLE) < 0)
        .orElse(IDLE);
  }

  private void send(Bundle bundle) {
    var begun = clock.instant();
    var delivery = senders.of(bundle.recipient()).send(bundle.envelope(), bundle.octets());
    var now = clock.instant();
    if (delivery instanceof Delivery.Delivered delivered) {
      watch.reached(Checkpoint.MAIL_SENT);
      if (bundles.delivered(bundle.id(), delivered.reference(), now)) {
        end(bundle, Outcome.DELIVERED, "delivered: " + delivered.reference());
      }
      watch.reached(Checkpoint.MAIL_NOTED);
      log.info(
          "mailed mail={} mailbox={} took={}ms",
          bundle.mailId(),
          bundle.recipient(),
          Duration.between(begun, now).toMillis());
    } else if (delivery instanceof Delivery.Refused refused) {
      refused(bundle, refused.status(), refused.advice());
    } else {
      deferred(bundle, (Delivery.Deferred) delivery);
    }
  }

  private void refused(Bundle bundle, String status, String advice) {
    if (bundles.refused(bundle.id(), status, advice, clock.instant())) {
      log.warn("mail refused mail={} status={}", bundle.mailId(), status);
      notices.failed(bundle, status + " " + advice);
      end(bundle, Outcome.REFUSED, status + " " + advice + "; the peer was told");
    }
  }

  private void deferred(Bundle bundle, Delivery.Deferred deferred) {
    var now = clock.instant();
    var words = deferred.status() + " " + deferred.reason();
    var next =
        RetrySchedule.next(bundle.closedAt(), now, bundle.attempts() + 1, deferred.retryAfter());
    if (next.isPresent()) {
      if (bundle.attempts() == 0) {
        log.warn("mail deferred mail={} reason={}", bundle.mailId(), words);
      }
      bundles.deferred(bundle.id(), deferred.status(), deferred.reason(), next.get(), now);
      step(bundle, "deferred until " + next.get() + ": " + words);
      return;
    }
    if (bundles.dead(bundle.id(), "5.4.7", words, now)) {
      log.warn("mail given up mail={} reason={}", bundle.mailId(), words);
      notices.failed(bundle, "not delivered within 48 hours: " + words);
      end(bundle, Outcome.DEAD, "given up after 48 hours: " + words);
    }
  }

  private void end(Bundle bundle, Outcome outcome, String words) {
    for (var message : bundle.messageIds()) {
      journeys.end(
          MessageJourneys.id(bundle.installation(), message),
          bundle.recipient(),
          outcome,
          new Step(clock.instant(), Place.MAIL_SENDER, words));
    }
  }

  private void step(Bundle bundle, String words) {
    for (var message : bundle.messageIds()) {
      journeys.step(
          MessageJourneys.id(bundle.installation(), message),
          new Step(clock.instant(), Place.MAIL_SENDER, words));
    }
  }
}

package io.postern.bridge;

import io.postern.bridge.web.DeadLetter;
import io.postern.bridge.web.DeadLetters;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mapping.BundleStore;
import io.postern.mapping.DeadBundle;
import io.postern.mapping.Journey;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.smtp.DeadMail;
import io.postern.smtp.Spool;
import io.postern.smtp.SpoolId;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Dead letters where they lie: mails to people in the database, named by a number; mails from
 * people in the spool, named by their spool ids. Used by several threads.
 */
final class StoredDeadLetters implements DeadLetters {
  /** Of the mails to people so many are looked at, the newest. */
  private static final int MOST = 100_000;

  private static final String AGAIN = "tried again by the operator";
  private static final String DROPPED = "forgotten by the operator";

  private final Jdbi jdbi;
  private final BundleStore bundles;
  private final JourneyStore journeys;
  private final Spool spool;
  private final Runnable waiting;
  private final InstantSource clock;

  /** The spool wants one at a time to settle any one mail. */
  private final ReentrantLock settling = new ReentrantLock();

  /**
   * @param waiting called when a mail to a person is to be tried again
   */
  StoredDeadLetters(Jdbi jdbi, Spool spool, Runnable waiting, InstantSource clock) {
    this.jdbi = jdbi;
    this.bundles = new BundleStore(jdbi);
    this.journeys = new JourneyStore(jdbi);
    this.spool = spool;
    this.waiting = waiting;
    this.clock = clock;
  }

  @Override
  public List<DeadLetter> find(String to, int count) throws IOException {
    var isMeant = recipient(to);
    return Stream.concat(
            bundles.dead(MOST).stream()
                .filter(bundle -> isMeant.test(bundle.recipient()))
                .map(StoredDeadLetters::letter),
            spool.dead().stream()
                .filter(mail -> mail.mail().envelope().forwardPaths().stream().anyMatch(isMeant))
                .map(StoredDeadLetters::letter))
        .sorted(Comparator.comparing(DeadLetter::at).reversed())
        .limit(count)
        .toList();
  }

  private static Predicate<Mailbox> recipient(String typed) {
    if (typed.isEmpty()) {
      return recipient -> true;
    }
    try {
      // Of a domain alone the mailbox is made up, to have it read like any other.
      var mailbox = Mailbox.parse(typed.contains("@") ? typed : "any@" + typed);
      var domain = Mailbox.asciiDomain(mailbox.domain());
      return typed.contains("@")
          ? mailbox::sameAs
          : recipient -> Mailbox.asciiDomain(recipient.domain()).equals(domain);
    } catch (MailException neither) {
      return recipient -> false;
    }
  }

  private static DeadLetter letter(DeadBundle bundle) {
    return new DeadLetter(
        Long.toString(bundle.id()),
        bundle.at(),
        bundle.closedAt(),
        "inbox " + bundle.sender(),
        List.of(bundle.recipient().toString()),
        bundle.octets(),
        bundle.attempts(),
        bundle.status() + " " + bundle.reason(),
        bundle.mailId().toString());
  }

  private static DeadLetter letter(DeadMail dead) {
    var mail = dead.mail();
    return new DeadLetter(
        mail.id().toString(),
        dead.at(),
        mail.waitsSince(),
        mail.envelope().reversePath().map(Mailbox::toString).orElse("<>"),
        mail.envelope().forwardPaths().stream().map(Mailbox::toString).toList(),
        mail.size(),
        mail.attempts(),
        dead.status() + " " + dead.reason(),
        mail.id().toString());
  }

  @Override
  public Optional<DeadLetter> byId(String id) throws IOException {
    var spooled = SpoolId.parse(id);
    return spooled.isPresent()
        ? spool.findDead(spooled.get()).map(StoredDeadLetters::letter)
        : number(id).flatMap(bundles::findDead).map(StoredDeadLetters::letter);
  }

  /** The number of a mail to a person. */
  private static Optional<Long> number(String id) {
    try {
      return Optional.of(Long.parseLong(id.strip()));
    } catch (NumberFormatException other) {
      return Optional.empty();
    }
  }

  @Override
  public boolean retry(String id) throws IOException {
    settling.lock();
    try {
      var spooled = SpoolId.parse(id);
      return spooled.isPresent()
          ? retry(spooled.get())
          : number(id).filter(this::retry).isPresent();
    } finally {
      settling.unlock();
    }
  }

  @Override
  public int retryAll(String to) throws IOException {
    int retried = 0;
    for (var letter : find(to, RETRIED_AT_ONCE)) {
      retried += retry(letter.id()) ? 1 : 0;
    }
    return retried;
  }

  /** The journey first: who finds the mail in the spool asks it who still waits for it. */
  private boolean retry(SpoolId id) throws IOException {
    if (spool.findDead(id).isEmpty()) {
      return false;
    }
    var step = new Step(clock.instant(), Place.SPOOL, AGAIN);
    var journey = journeys.byId(id.toString());
    jdbi.useTransaction(
        handle ->
            journey.stream()
                .flatMap(StoredDeadLetters::dead)
                .forEach(to -> journeys.end(handle, id.toString(), to, Outcome.PENDING, step)));
    return spool.revive(id);
  }

  private static Stream<Mailbox> dead(Journey journey) {
    return journey.outcomes().entrySet().stream()
        .filter(entry -> entry.getValue() == Outcome.DEAD)
        .map(entry -> entry.getKey());
  }

  private boolean retry(long id) {
    var now = clock.instant();
    var dead = bundles.findDead(id);
    boolean retried =
        dead.isPresent()
            && jdbi.inTransaction(
                handle -> {
                  if (!bundles.retry(handle, id, now)) {
                    return false;
                  }
                  var step = new Step(now, Place.MAIL_SENDER, AGAIN);
                  for (var journey : journeys(handle, dead.get())) {
                    journeys.end(handle, journey, dead.get().recipient(), Outcome.PENDING, step);
                  }
                  return true;
                });
    if (retried) {
      waiting.run();
    }
    return retried;
  }

  private static List<String> journeys(Handle handle, DeadBundle dead) {
    return BundleStore.messages(handle, dead.id()).stream()
        .map(message -> MessageJourneys.id(dead.installation(), message))
        .toList();
  }

  @Override
  public boolean drop(String id) throws IOException {
    settling.lock();
    try {
      var spooled = SpoolId.parse(id);
      return spooled.isPresent() ? drop(spooled.get()) : number(id).filter(this::drop).isPresent();
    } finally {
      settling.unlock();
    }
  }

  private boolean drop(SpoolId id) throws IOException {
    boolean dropped = spool.forget(id);
    if (dropped) {
      journeys.step(id.toString(), new Step(clock.instant(), Place.SPOOL, DROPPED));
    }
    return dropped;
  }

  private boolean drop(long id) {
    var dead = bundles.findDead(id);
    return dead.isPresent()
        && jdbi.inTransaction(
            handle -> {
              var named = journeys(handle, dead.get());
              if (!bundles.drop(handle, id)) {
                return false;
              }
              var step = new Step(clock.instant(), Place.MAIL_SENDER, DROPPED);
              named.forEach(journey -> journeys.step(handle, journey, step));
              return true;
            });
  }

  /** Forgets what was given up before that. */
  void expire(Instant before) throws IOException {
    bundles.expireDead(before);
    settling.lock();
    try {
      for (var dead : spool.dead()) {
        if (dead.at().isBefore(before)) {
          spool.forget(dead.mail().id());
        }
      }
    } finally {
      settling.unlock();
    }
  }
}

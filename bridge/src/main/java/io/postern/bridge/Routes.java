package io.postern.bridge;

import io.postern.mail.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The ways by which mail travels: the mail servers of each domain, a smarthost, a mailbox. Some
 * mails at once go each way. A way on which nobody was reached is closed for all mail for a while,
 * then tried with one mail, and closed for longer if that meets nobody either. RFC 5321 §4.5.4.1.
 * Used by several threads; known in memory only.
 */
final class Routes {
  /** As many mails travel one way at once. */
  static final int MAX_AT_ONCE = 5;

  /**
   * As many travel the ways of one domain and all below it, which may have one slow server: a third
   * of the threads that send.
   */
  static final int MAX_OF_SHARE = Workers.SENDERS / 3;

  /** Never longer than a mail holds up others (ADR 0005). */
  private static final List<Duration> PAUSES =
      List.of(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5),
          Duration.ofMinutes(15));

  /** So long a way's failures are remembered after its last mail. */
  private static final Duration FORGET_AFTER = Duration.ofHours(1);

  private final Map<Object, Way> ways = new HashMap<>();

  /** How many travel the ways of each share. */
  private final Map<Object, Integer> shares = new HashMap<>();

  /** What may be done with a mail now. */
  sealed interface Leave {
    /** It goes; the way is given back by {@link Routes#end}. */
    record Go() implements Leave {}

    /** Others are under way, here or beside; one of them makes place when it has arrived. */
    record Full() implements Leave {}

    /** Nobody was reached. */
    record Closed(Instant until, Delivery.Deferred why) implements Leave {}
  }

  private static final class Way {
    private int running;
    private int failures;
    private Instant until = Instant.MIN;
    private Delivery.Deferred why;
  }

  /**
   * What ways have in common that one owner may have made: of a domain its last two labels. That
   * some domains of many owners have these in common, below co.uk say, only slows them a little.
   */
  private static Object share(Object route) {
    if (!(route instanceof String domain)) {
      return route;
    }
    int last = domain.lastIndexOf('.');
    return domain.substring(domain.lastIndexOf('.', last - 1) + 1);
  }

  /** Asks for a place on a way. */
  synchronized Leave enter(Object route, Instant now) {
    var way = ways.computeIfAbsent(route, key -> new Way());
    if (way.failures > 0 && now.isBefore(way.until)) {
      return new Leave.Closed(way.until, way.why);
    }
    if (way.running >= (way.failures > 0 ? 1 : MAX_AT_ONCE)
        || shares.getOrDefault(share(route), 0) >= MAX_OF_SHARE) {
      return new Leave.Full();
    }
    way.running++;
    shares.merge(share(route), 1, Integer::sum);
    return new Leave.Go();
  }

  /**
   * Gives a place back.
   *
   * @param outcome of the mail; empty if it was not sent
   */
  synchronized void end(Object route, Optional<Delivery> outcome, Instant now) {
    var way = ways.get(route);
    way.running--;
    shares.merge(share(route), -1, (before, less) -> before + less == 0 ? null : before + less);
    if (outcome.isPresent()) {
      if (outcome.get() instanceof Delivery.Deferred deferred && deferred.isOfRoute()) {
        close(way, deferred, now);
      } else {
        way.failures = 0;
      }
    }
    ways.values()
        .removeIf(
            w -> w.running == 0 && (w.failures == 0 || w.until.plus(FORGET_AFTER).isBefore(now)));
  }

  /** Mails that were under way together have failed together, and count as one. */
  private static void close(Way way, Delivery.Deferred why, Instant now) {
    if (way.failures > 0 && now.isBefore(way.until)) {
      return;
    }
    way.failures++;
    way.until = now.plus(PAUSES.get(Math.min(way.failures, PAUSES.size()) - 1));
    way.why = why;
  }

  /** When the next way opens. */
  synchronized Optional<Instant> nextOpening(Instant now) {
    return ways.values().stream()
        .map(way -> way.until)
        .filter(now::isBefore)
        .min(Comparator.naturalOrder());
  }
}

package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.mapping.QuotaStore.Use;
import io.postern.xmtp.identity.InboxId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Counts the mail that peers make leave: mails and octets, by the hour and by the day, of one peer
 * and to one person. The mail that reaches a limit still goes, so that none is too large for ever.
 * May be used by several threads.
 */
public final class LeavingQuota {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final QuotaStore store;
  private final LeavingSettings settings;

  public LeavingQuota(Jdbi jdbi, LeavingSettings settings) {
    this.store = new QuotaStore(jdbi);
    this.settings = settings;
  }

  /**
   * A time that must be waited for.
   *
   * @param why for the journey: what is used up
   */
  public record Hold(Instant until, String why) {}

  /** Until when the next mail waits; empty if it may leave. */
  public Optional<Hold> hold(Handle handle, InboxId peer, Mailbox person, Instant now) {
    // The day first: who waits for it need not look again each hour.
    for (var period : List.of(DAY, HOUR)) {
      var usedUp = store.usedUp(handle, uses(period, peer, person, 0, now), now);
      if (usedUp.isPresent()) {
        var use = usedUp.get();
        var words = "there were " + use.limit() + " " + use.subject();
        return Optional.of(new Hold(begin(now, period).plus(period), words));
      }
    }
    return Optional.empty();
  }

  /** Counts a mail, in the transaction that stores it. */
  public void count(Handle handle, InboxId peer, Mailbox person, long octets, Instant now) {
    for (var period : List.of(DAY, HOUR)) {
      store.use(handle, uses(period, peer, person, octets, now), now);
    }
  }

  private List<Use> uses(Duration period, InboxId peer, Mailbox person, long octets, Instant now) {
    boolean hourly = period.equals(HOUR);
    long mails = hourly ? settings.mailsPerHour() : settings.mailsPerDay();
    long size = hourly ? settings.octetsPerHour() : settings.octetsPerDay();
    var of = " in the " + (hourly ? "hour" : "day") + " from " + begin(now, period);
    var uses = new ArrayList<Use>();
    uses.add(new Use("mails of " + peer + of, 1, mails));
    uses.add(new Use("octets of " + peer + of, octets, size));
    var to = " to " + person.canonical() + of;
    uses.add(new Use("mails" + to, 1, mails * LeavingSettings.TO_ONE_PERSON));
    uses.add(new Use("octets" + to, octets, size * LeavingSettings.TO_ONE_PERSON));
    return uses;
  }

  private static Instant begin(Instant now, Duration period) {
    return now.truncatedTo(period.equals(HOUR) ? ChronoUnit.HOURS : ChronoUnit.DAYS);
  }
}

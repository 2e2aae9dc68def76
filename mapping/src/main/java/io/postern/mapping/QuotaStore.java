package io.postern.mapping;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Counts what is limited by the day of UTC, or within it, over restarts. May be used by several
 * threads, and by several processes on one database.
 */
public final class QuotaStore {
  /**
   * So long an item is known to have been counted: longer than a client brings a mail again (RFC
   * 5321 §4.5.4.1: some days), and than the inbox of a new person may be waited for.
   */
  private static final Duration REMEMBER_ITEMS = Duration.ofDays(8);

  private final Jdbi jdbi;

  public QuotaStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * So much is allowed to a subject on a day.
   *
   * @param subject what is limited, whatever its length
   */
  public record Quota(String subject, int limit) {}

  /**
   * Something that is counted once, however often it comes.
   *
   * @param name whatever its length
   * @param quotas against which it counts
   */
  public record Item(String name, List<Quota> quotas) {
    public Item {
      quotas = List.copyOf(quotas);
    }
  }

  /**
   * An amount of something that is limited.
   *
   * @param subject what is limited, and in which part of the day; whatever its length
   */
  public record Use(String subject, long amount, long limit) {}

  /** The first of these of which as much was used as may be. */
  public Optional<Use> usedUp(Handle handle, List<Use> uses, Instant now) {
    return uses.stream().filter(use -> used(handle, use, now) >= use.limit()).findFirst();
  }

  private static long used(Handle handle, Use use, Instant now) {
    return handle
        .createQuery("select used from quota_use where subject_key = :subject and used_on = :day")
        .bind("subject", Columns.digest(use.subject()))
        .bind("day", Columns.day(now))
        .mapTo(Long.class)
        .findOne()
        .orElse(0L);
  }

  /**
   * Adds amounts, also beyond their limits, in a transaction of the caller, which runs again if
   * another one is first with a new subject.
   */
  public void use(Handle handle, List<Use> uses, Instant now) {
    for (var use : uses) {
      var subject = Columns.digest(use.subject());
      int counted =
          handle
              .createUpdate(
                  "update quota_use set used = used + :amount"
                      + " where subject_key = :subject and used_on = :day")
              .bind("amount", use.amount())
              .bind("subject", subject)
              .bind("day", Columns.day(now))
              .execute();
      if (counted == 0) {
        handle
            .createUpdate(
                "insert into quota_use (subject_key, used_on, used) values (:subject, :day, :amount)")
            .bind("subject", subject)
            .bind("day", Columns.day(now))
            .bind("amount", use.amount())
            .execute();
      }
    }
  }

  /** Undoes what was counted before it in the same transaction. */
  private static final class UsedUpException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Quota quota;

    UsedUpException(Quota quota) {
      super(null, null, false, false);
      this.quota = quota;
    }
  }

  /**
   * Counts all items that have not been counted yet; all of them, or none if a quota is used up.
   * Saved later: a crash may forget the last ones, and nobody waits for the disk to be counted.
   *
   * @return the quota that is used up; empty if everything is counted
   */
  public Optional<Quota> count(List<Item> items, Instant now) {
    long day = Columns.day(now);
    try {
      StoreTransaction.runSavedLater(
          jdbi,
          handle -> {
            items.stream()
                .filter(item -> isNew(handle, Columns.digest(item.name()), day))
                .flatMap(item -> item.quotas().stream())
                .forEach(quota -> use(handle, quota, day));
            return items;
          });
      return Optional.empty();
    } catch (UsedUpException usedUp) {
      return Optional.of(usedUp.quota);
    }
  }

  private static boolean isNew(Handle handle, String key, long day) {
    boolean known =
        handle
            .createQuery("select 1 from quota_item where item_key = :key")
            .bind("key", key)
            .mapTo(Integer.class)
            .findOne()
            .isPresent();
    if (!known) {
      handle
          .createUpdate("insert into quota_item (item_key, counted_on) values (:key, :day)")
          .bind("key", key)
          .bind("day", day)
          .execute();
    }
    return !known;
  }

  /** One statement looks and counts, so that of several at once none comes between. */
  private static void use(Handle handle, Quota quota, long day) {
    var subject = Columns.digest(quota.subject());
    int counted =
        handle
            .createUpdate(
                "update quota_use set used = used + 1"
                    + " where subject_key = :subject and used_on = :day and used < :limit")
            .bind("subject", subject)
            .bind("day", day)
            .bind("limit", quota.limit())
            .execute();
    if (counted == 1) {
      return;
    }
    boolean usedUp =
        handle
            .createQuery("select 1 from quota_use where subject_key = :subject and used_on = :day")
            .bind("subject", subject)
            .bind("day", day)
            .mapTo(Integer.class)
            .findOne()
            .isPresent();
    if (usedUp) {
      throw new UsedUpException(quota);
    }
    // If another one is first, the key collides and the transaction runs again.
    handle
        .createUpdate(
            "insert into quota_use (subject_key, used_on, used) values (:subject, :day, 1)")
        .bind("subject", subject)
        .bind("day", day)
        .execute();
  }

  /**
   * Forgets the days that are over.
   *
   * @return how many rows
   */
  public int expire(Instant now) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                    .createUpdate("delete from quota_use where used_on < :day")
                    .bind("day", Columns.day(now))
                    .execute()
                + handle
                    .createUpdate("delete from quota_item where counted_on < :day")
                    .bind("day", Columns.day(now.minus(REMEMBER_ITEMS)))
                    .execute());
  }
}

package io.postern.mapping;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Who came when, for greylisting: RFC 6647. An entry is met a first time, waits, comes again, and
 * is then known as long as it is used. May be used by several threads.
 */
public final class GreylistStore {
  /** Whoever has passed is known so long after they came last: longer than a month's newsletter. */
  public static final Duration REMEMBER = Duration.ofDays(35);

  /** Whoever does not come again within this begins anew. */
  static final Duration LONGEST_ABSENCE = Duration.ofDays(1);

  /** More entries are not kept; those that came last stay. */
  private static final int MAX_ENTRIES = 500_000;

  /** So that a known entry costs no writing each time. */
  private static final Duration TOUCH_AFTER = Duration.ofDays(1);

  private final Jdbi jdbi;
  private final int maxEntries;

  public GreylistStore(Jdbi jdbi) {
    this(jdbi, MAX_ENTRIES);
  }

  GreylistStore(Jdbi jdbi, int maxEntries) {
    this.jdbi = jdbi;
    this.maxEntries = maxEntries;
  }

  /** How it stands with an entry. */
  public enum Meeting {
    /** It has come before, and waited. */
    KNOWN,
    /** It waited long enough, just now. */
    PASSED,
    /** It came for the first time, or for the first time in long. */
    NEW,
    /** It came again too early. */
    WAITS,
    /** It came for the first time and was not written down, because no new one was wanted. */
    BARRED
  }

  private record Row(Instant first, Instant last, boolean passed) {}

  /** Whether an entry is known; if it is, it has come now, and is known for {@link #REMEMBER}. */
  public boolean knows(String entry, Instant now) {
    var key = Columns.digest(entry);
    var known =
        jdbi.withHandle(handle -> find(handle, key))
            .filter(row -> row.passed() && row.last().isAfter(now.minus(REMEMBER)));
    if (known.filter(row -> row.last().isBefore(now.minus(TOUCH_AFTER))).isPresent()) {
      StoreTransaction.run(jdbi, handle -> touch(handle, key, now));
    }
    return known.isPresent();
  }

  private static int touch(Handle handle, String key, Instant now) {
    return handle
        .createUpdate("update greylist set last_at = :now where entry_key = :key and passed = true")
        .bind("key", key)
        .bind("now", Columns.column(now))
        .execute();
  }

  /**
   * An entry comes.
   *
   * @param entry whatever its length
   * @param delay how long it has to wait before it passes
   * @param mayInsert whether it may be written down if it is not there yet
   */
  public Meeting meet(String entry, Duration delay, Instant now, boolean mayInsert) {
    var key = Columns.digest(entry);
    return StoreTransaction.run(
        jdbi,
        handle -> {
          var found = find(handle, key);
          if (found.isEmpty() && !mayInsert) {
            return Meeting.BARRED;
          }
          if (found.isEmpty()) {
            insert(handle, key, now, false);
            return Meeting.NEW;
          }
          return meet(handle, key, found.get(), delay, now);
        });
  }

  private static Meeting meet(Handle handle, String key, Row row, Duration delay, Instant now) {
    if (row.last().isBefore(now.minus(row.passed() ? REMEMBER : LONGEST_ABSENCE))) {
      update(handle, key, now, now, false);
      return Meeting.NEW;
    }
    if (row.passed()) {
      return Meeting.KNOWN;
    }
    if (now.isBefore(row.first().plus(delay))) {
      return Meeting.WAITS;
    }
    update(handle, key, row.first(), now, true);
    return Meeting.PASSED;
  }

  /** Makes an entry known that need not wait. */
  public void add(String entry, Instant now) {
    var key = Columns.digest(entry);
    StoreTransaction.run(
        jdbi,
        handle -> {
          var found = find(handle, key);
          if (found.isPresent()) {
            update(handle, key, found.get().first(), now, true);
          } else {
            insert(handle, key, now, true);
          }
          return key;
        });
  }

  private static Optional<Row> find(Handle handle, String key) {
    return handle
        .createQuery("select first_at, last_at, passed from greylist where entry_key = :key")
        .bind("key", key)
        .map(
            (row, context) ->
                new Row(
                    Columns.instant(row, "first_at"),
                    Columns.instant(row, "last_at"),
                    row.getBoolean("passed")))
        .findOne();
  }

  private static void insert(Handle handle, String key, Instant now, boolean passed) {
    handle
        .createUpdate(
            "insert into greylist (entry_key, first_at, last_at, passed)"
                + " values (:key, :now, :now, :passed)")
        .bind("key", key)
        .bind("now", Columns.column(now))
        .bind("passed", passed)
        .execute();
  }

  private static void update(
      Handle handle, String key, Instant first, Instant last, boolean passed) {
    handle
        .createUpdate(
            "update greylist set first_at = :first, last_at = :last, passed = :passed"
                + " where entry_key = :key")
        .bind("key", key)
        .bind("first", Columns.column(first))
        .bind("last", Columns.column(last))
        .bind("passed", passed)
        .execute();
  }

  /**
   * Forgets who did not come again, and what is more than can be kept.
   *
   * @return how many
   */
  public int expire(Instant now) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            delete(handle, true, Columns.column(now.minus(REMEMBER)))
                + delete(handle, false, Columns.column(now.minus(LONGEST_ABSENCE)))
                + handle
                    .createUpdate(
                        "delete from greylist where entry_key in (select entry_key from greylist"
                            + " order by passed desc, last_at desc offset :kept rows)")
                    .bind("kept", maxEntries)
                    .execute());
  }

  private static int delete(Handle handle, boolean passed, OffsetDateTime before) {
    return handle
        .createUpdate("delete from greylist where passed = :passed and last_at < :before")
        .bind("passed", passed)
        .bind("before", before)
        .execute();
  }
}

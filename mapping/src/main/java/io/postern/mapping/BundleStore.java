package io.postern.mapping;

import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.xmtp.store.Lease;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Update;

/**
 * The closed bundles: what is due, and what became of each try. design.md §5.2 to §5.4. May be used
 * by several threads.
 *
 * <p>Each change of state is one transaction over the bundle and its lines, leaves from one state
 * only, and says whether it took place; so a repeat after a crash, or a second worker, changes
 * nothing and tells nobody twice.
 *
 * <p>The parts of a digest go together as one mail, that of the part which carries the octets; they
 * change their state with it. Only a bounce is told to the peer of each part by itself.
 */
public final class BundleStore {
  /** What is a mail, and no part of another that carries the octets. */
  private static final String IS_MAIL = " and (digest_id is null or digest_id = bundle_id)";

  /** The dead-letter box, whose mails are not read with it. */
  private static final String DEAD =
      "select bundle_id, changed_at, closed_at, installation_id, sender_inbox, recipient, mail_id,"
          + " octet_length(octets) as size, attempts, last_status, last_words from outbox_bundle"
          + " where state = 'DEAD'"
          + IS_MAIL;

  private final Jdbi jdbi;
  private final Lease lease;

  public BundleStore(Jdbi jdbi) {
    this(jdbi, Lease.ALL);
  }

  /**
   * @param lease has the inboxes of those whose mails are sent from here
   */
  public BundleStore(Jdbi jdbi, Lease lease) {
    this.jdbi = jdbi;
    this.lease = lease;
  }

  /**
   * Of each recipient whose inbox the lease has the eldest mail that is to be tried by now, the
   * eldest of all first.
   */
  public Map<Mailbox, Long> due(Instant now) {
    return jdbi.withHandle(
        handle -> {
          var eldest = new LinkedHashMap<Mailbox, Long>();
          handle
              .createQuery(
                  "select recipient, min(bundle_id) as eldest from outbox_bundle where state ="
                      + " 'BUNDLED' and next_try_at <= :now and "
                      + Columns.has(lease, "recipient")
                      + IS_MAIL
                      + " group by recipient order by eldest")
              .bind("now", Columns.column(now))
              .map((row, context) -> Map.entry(Columns.mailbox(row, "recipient"), row.getLong(2)))
              .forEach(due -> eldest.put(due.getKey(), due.getValue()));
          return eldest;
        });
  }

  /** How many bundles are in this state. */
  public long count(OutboxState state) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select count(*) from outbox_bundle where state = :state" + IS_MAIL)
                .bind("state", state.name())
                .mapTo(Long.class)
                .one());
  }

  /** When the next try is due; empty if nothing is under way. */
  public Optional<Instant> nextTry() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select next_try_at from outbox_bundle where state = 'BUNDLED' and "
                        + Columns.has(lease, "recipient")
                        + IS_MAIL
                        + " order by state, next_try_at limit 1")
                .map((row, context) -> Columns.instant(row, "next_try_at"))
                .findOne());
  }

  /** The bundle with this id. */
  public Optional<Bundle> byId(long id) {
    return jdbi.withHandle(
        handle ->
            BundleRow.bundles(
                    handle,
                    handle
                        .createQuery("select * from outbox_bundle where bundle_id = :id")
                        .bind("id", id))
                .stream()
                .findFirst());
  }

  /** The parts of a digest, that which carries it first; of any other mail itself alone. */
  public List<Bundle> parts(Bundle mail) {
    var parts =
        jdbi.withHandle(
            handle ->
                BundleRow.bundles(
                    handle,
                    handle
                        .createQuery(
                            "select * from outbox_bundle where digest_id = :id order by bundle_id")
                        .bind("id", mail.id())));
    return parts.isEmpty() ? List.of(mail) : parts;
  }

  /** The bundles that were sent as this mail, one for each recipient: what a bounce is about. */
  public List<Bundle> byMailId(MailId id) {
    return jdbi.withHandle(
        handle ->
            BundleRow.bundles(
                handle,
                handle
                    .createQuery(
                        "select * from outbox_bundle where mail_key = :key order by bundle_id")
                    .bind("key", Columns.key(id))));
  }

  /**
   * The dead-letter box, what was given up last first.
   *
   * @param count how many at most
   */
  public List<DeadBundle> dead(int count) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(DEAD + " order by changed_at desc, bundle_id limit :count")
                .bind("count", count)
                .map((row, context) -> dead(row))
                .list());
  }

  /** One of the dead-letter box. */
  public Optional<DeadBundle> findDead(long id) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(DEAD + " and bundle_id = :id")
                .bind("id", id)
                .map((row, context) -> dead(row))
                .findOne());
  }

  private static DeadBundle dead(ResultSet row) throws SQLException {
    return new DeadBundle(
        row.getLong("bundle_id"),
        Columns.instant(row, "changed_at"),
        Columns.instant(row, "closed_at"),
        Columns.installation(row, "installation_id"),
        Columns.inbox(row, "sender_inbox"),
        Columns.mailbox(row, "recipient"),
        Columns.mailId(row, "mail_id"),
        row.getLong("size"),
        row.getInt("attempts"),
        row.getString("last_status"),
        row.getString("last_words"));
  }

  /** The messages that are in a mail, in their order. */
  public static List<String> messages(Handle handle, long id) {
    return handle
        .createQuery(
            "select message_id from outbox_line where bundle_id in (select bundle_id from"
                + " outbox_bundle where bundle_id = :id or digest_id = :id)"
                + " order by sent_at, line_id")
        .bind("id", id)
        .mapTo(String.class)
        .list();
  }

  /** As {@link #delivered(Handle, long, String, Instant)}, in a transaction of its own. */
  public boolean delivered(long id, String reference, Instant now) {
    return StoreTransaction.run(jdbi, handle -> delivered(handle, id, reference, now));
  }

  /**
   * The far side has taken it.
   *
   * @param reference what the far side calls it
   * @return whether it was under way
   */
  public boolean delivered(Handle handle, long id, String reference, Instant now) {
    return BundleChange.tried(OutboxState.DELIVERED, "2.0.0", reference, now).ofMail(handle, id);
  }

  /** As {@link #deferred(Handle, long, String, String, Instant, Instant)}, on its own. */
  public boolean deferred(long id, String status, String reason, Instant nextTry, Instant now) {
    return StoreTransaction.run(jdbi, handle -> deferred(handle, id, status, reason, nextTry, now));
  }

  /**
   * Not now: it stays under way.
   *
   * @param status of class 4, RFC 3463
   * @return whether it was under way
   */
  public boolean deferred(
      Handle handle, long id, String status, String reason, Instant nextTry, Instant now) {
    return BundleChange.tried(OutboxState.BUNDLED, status, reason, now)
        .withNextTry(nextTry)
        .ofMail(handle, id);
  }

  /** As {@link #refused(Handle, long, String, String, Instant)}, in a transaction of its own. */
  public boolean refused(long id, String status, String advice, Instant now) {
    return StoreTransaction.run(jdbi, handle -> refused(handle, id, status, advice, now));
  }

  /**
   * The far side will never take it.
   *
   * @param status of class 5, RFC 3463
   * @return whether it was under way: then, and only then, the peer is to be told
   */
  public boolean refused(Handle handle, long id, String status, String advice, Instant now) {
    return BundleChange.tried(OutboxState.REFUSED, status, advice, now).ofMail(handle, id);
  }

  /** As {@link #bounced(Handle, long, String, String, Instant)}, in a transaction of its own. */
  public boolean bounced(long id, String status, String advice, Instant now) {
    return StoreTransaction.run(jdbi, handle -> bounced(handle, id, status, advice, now));
  }

  /**
   * The far side had taken it, and a report says that it failed later. RFC 3464.
   *
   * @return whether it counted as delivered: then, and only then, the peer is to be told
   */
  public boolean bounced(Handle handle, long id, String status, String advice, Instant now) {
    return BundleChange.untried(OutboxState.DELIVERED, OutboxState.REFUSED, status, advice, now)
        .ofBundle(handle, id);
  }

  /**
   * Not sent after all, since its person wants no more of it.
   *
   * @return whether it was under way
   */
  public boolean withheld(Handle handle, long id, String reason, Instant now) {
    return BundleChange.untried(OutboxState.BUNDLED, OutboxState.WITHHELD, "", reason, now)
        .ofMail(handle, id);
  }

  /**
   * Lets the parts of a digest that is under way wait again, as if it had never been closed: what
   * becomes of each is decided anew.
   *
   * @param id of the part that carries the octets
   * @return whether it was under way
   */
  public boolean reopened(Handle handle, long id, Instant now) {
    var state =
        handle
            .createQuery("select state from outbox_bundle where bundle_id = :id for update")
            .bind("id", id)
            .map((row, context) -> OutboxState.valueOf(row.getString("state")))
            .findOne();
    if (state.filter(OutboxState.BUNDLED::equals).isEmpty()) {
      return false;
    }
    handle
        .createUpdate(
            "update outbox_line set state = 'PENDING', state_reason = '', bundle_id = null,"
                + " changed_at = :now where bundle_id in (select bundle_id from outbox_bundle"
                + " where digest_id = :id)")
        .bind("now", Columns.column(now))
        .bind("id", id)
        .execute();
    handle.createUpdate("delete from outbox_bundle where digest_id = :id").bind("id", id).execute();
    return true;
  }

  /** As {@link #dead(Handle, long, String, String, Instant)}, in a transaction of its own. */
  public boolean dead(long id, String status, String reason, Instant now) {
    return StoreTransaction.run(jdbi, handle -> dead(handle, id, status, reason, now));
  }

  /**
   * Given up after the last try: into the dead-letter box.
   *
   * @return whether it was under way: then, and only then, the peer is to be told
   */
  public boolean dead(Handle handle, long id, String status, String reason, Instant now) {
    return BundleChange.tried(OutboxState.DEAD, status, reason, now).ofMail(handle, id);
  }

  /** As {@link #retry(Handle, long, Instant)}, in a transaction of its own. */
  public boolean retry(long id, Instant now) {
    return StoreTransaction.run(jdbi, handle -> retry(handle, id, now));
  }

  /**
   * Takes it out of the dead-letter box, to be tried at once, and as long as if it had been closed
   * now.
   *
   * @return whether it was there
   */
  public boolean retry(Handle handle, long id, Instant now) {
    var change = BundleChange.untried(OutboxState.DEAD, OutboxState.BUNDLED, "", "", now);
    if (!change.ofMail(handle, id)) {
      return false;
    }
    handle
        .createUpdate(
            "update outbox_bundle set attempts = 0, closed_at = :now where bundle_id = :id"
                + " or digest_id = :id")
        .bind("now", Columns.column(now))
        .bind("id", id)
        .execute();
    return true;
  }

  /**
   * Forgets one of the dead-letter box, with its octets and lines.
   *
   * @return whether it was there
   */
  public boolean drop(Handle handle, long id) {
    var which = "(bundle_id = :id or digest_id = :id) and state = 'DEAD'";
    return delete(handle, which, update -> update.bind("id", id)) > 0;
  }

  /**
   * Forgets what was delivered, refused or withheld before that, with its octets and lines; what is
   * under way or dead stays.
   *
   * @return how many mails
   */
  public int expire(Instant before) {
    return expire("state in ('DELIVERED', 'REFUSED', 'WITHHELD')", before);
  }

  /**
   * Forgets what was given up before that, in the same way.
   *
   * @return how many mails
   */
  public int expireDead(Instant before) {
    return expire("state = 'DEAD'", before);
  }

  private int expire(String states, Instant before) {
    var some =
        "bundle_id in (select bundle_id from outbox_bundle where "
            + states
            + " and changed_at < :before order by bundle_id limit "
            + StoreTransaction.AT_ONCE
            + ")";
    return StoreTransaction.inTurns(
        () ->
            StoreTransaction.run(
                jdbi,
                handle ->
                    delete(handle, some, update -> update.bind("before", Columns.column(before)))));
  }

  private static int delete(Handle handle, String which, UnaryOperator<Update> bound) {
    bound
        .apply(
            handle.createUpdate(
                "delete from outbox_line where bundle_id in (select bundle_id from outbox_bundle"
                    + " where "
                    + which
                    + ")"))
        .execute();
    return bound.apply(handle.createUpdate("delete from outbox_bundle where " + which)).execute();
  }
}

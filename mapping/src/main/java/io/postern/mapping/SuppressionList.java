package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.mapping.Suppression.Reason;
import io.postern.xmtp.identity.InboxId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Whom no mail is sent to, and why. design.md §2. May be used by several threads.
 *
 * <p>A mailbox that does not exist comes onto it by itself: one from which nothing ever came at the
 * first failure, another at the third within a week, since servers err.
 */
public final class SuppressionList {
  /** No such mailbox, domain, or mailbox any more; the domain takes no mail. RFC 3463, RFC 7505. */
  private static final Set<String> NO_SUCH_MAILBOX = Set.of("5.1.1", "5.1.2", "5.1.6", "5.1.10");

  private static final int FAILURES_OF_A_KNOWN_MAILBOX = 3;
  private static final Duration WITHIN = Duration.ofDays(7);

  private static final String EVERY_PEER = "";

  /** Of what is looked for; no mailbox is as long. */
  private static final int MAX_NAME = 300;

  private final Jdbi jdbi;

  public SuppressionList(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** As {@link #add(Handle, Suppression)}, in a transaction of its own. */
  public boolean add(Suppression entry) {
    return StoreTransaction.run(jdbi, handle -> add(handle, entry));
  }

  /**
   * Puts an entry in.
   *
   * @return false, with nothing changed, if one for the same reason is there
   */
  public boolean add(Handle handle, Suppression entry) {
    long standing =
        handle
            .createQuery(
                "select count(*) from suppression where mailbox = :mailbox and peer_inbox = :peer"
                    + " and reason = :reason")
            .bind("mailbox", Columns.column(entry.mailbox()))
            .bind("peer", peer(entry))
            .bind("reason", entry.reason().name())
            .mapTo(Long.class)
            .one();
    if (standing > 0) {
      return false;
    }
    handle
        .createUpdate(
            "insert into suppression (mailbox, peer_inbox, reason, detail, since) values"
                + " (:mailbox, :peer, :reason, :detail, :since)")
        .bind("mailbox", Columns.column(entry.mailbox()))
        .bind("peer", peer(entry))
        .bind("reason", entry.reason().name())
        .bind("detail", entry.detail())
        .bind("since", Columns.column(entry.since()))
        .execute();
    return true;
  }

  /** Why a peer's message is not mailed to this mailbox; what the peer hears nothing of first. */
  public Optional<Suppression> of(Handle handle, Mailbox mailbox, InboxId peer) {
    var entries =
        handle
            .createQuery(
                "select * from suppression where mailbox = :mailbox and peer_inbox in ('', :peer)"
                    + " order by since, reason")
            .bind("mailbox", Columns.column(mailbox))
            .bind("peer", peer.value())
            .map((row, context) -> read(row))
            .list();
    return entries.stream()
        .filter(entry -> entry.reason().isSilent())
        .findFirst()
        .or(() -> entries.stream().findFirst());
  }

  /**
   * Notes that a mail failed for good.
   *
   * @param status of the failure, RFC 3463: only some say that there is no such mailbox
   * @return whether the mailbox is on the list for that from here on
   */
  public boolean failed(
      Handle handle, Mailbox mailbox, String status, String diagnostic, Instant now) {
    return NO_SUCH_MAILBOX.contains(status)
        && isEnough(handle, mailbox, now)
        && add(
            handle,
            new Suppression(
                mailbox, Optional.empty(), Reason.BOUNCED, status + " " + diagnostic, now));
  }

  private static boolean isEnough(Handle handle, Mailbox mailbox, Instant now) {
    var heard =
        handle
            .createQuery("select * from heard_mailbox where mailbox = :mailbox for update")
            .bind("mailbox", Columns.column(mailbox))
            .map((row, context) -> Heard.of(row))
            .findOne();
    if (heard.isEmpty()) {
      return true;
    }
    var series = heard.get().since().filter(since -> since.plus(WITHIN).isAfter(now));
    int failures = series.isPresent() ? heard.get().failures() + 1 : 1;
    handle
        .createUpdate(
            "update heard_mailbox set failures = :failures, failing_since = :since"
                + " where mailbox = :mailbox")
        .bind("failures", failures)
        .bind("since", Columns.column(series.orElse(now)))
        .bind("mailbox", Columns.column(mailbox))
        .execute();
    return failures >= FAILURES_OF_A_KNOWN_MAILBOX;
  }

  private record Heard(int failures, Optional<Instant> since) {
    static Heard of(ResultSet row) throws SQLException {
      var since = row.getObject("failing_since", OffsetDateTime.class);
      return new Heard(
          row.getInt("failures"), Optional.ofNullable(since).map(at -> at.toInstant()));
    }
  }

  /**
   * Notes that a mail came from this mailbox by somebody who may speak for it: so it exists.
   *
   * @return whether it had been taken for one that does not
   */
  public boolean heard(Mailbox mailbox) {
    return !jdbi.withHandle(handle -> isInGoodStanding(failures(handle, mailbox)))
        && StoreTransaction.run(jdbi, handle -> heard(handle, mailbox));
  }

  private static Optional<Integer> failures(Handle handle, Mailbox mailbox) {
    return handle
        .createQuery("select failures from heard_mailbox where mailbox = :mailbox")
        .bind("mailbox", Columns.column(mailbox))
        .mapTo(Integer.class)
        .findOne();
  }

  private static boolean isInGoodStanding(Optional<Integer> failures) {
    return failures.isPresent() && failures.get() == 0;
  }

  private static boolean heard(Handle handle, Mailbox mailbox) {
    var failures = failures(handle, mailbox);
    if (isInGoodStanding(failures)) {
      return false;
    }
    handle
        .createUpdate(
            failures.isPresent()
                ? "update heard_mailbox set failures = 0, failing_since = null"
                    + " where mailbox = :mailbox"
                : "insert into heard_mailbox (mailbox, failures) values (:mailbox, 0)")
        .bind("mailbox", Columns.column(mailbox))
        .execute();
    return remove(handle, mailbox, EVERY_PEER, Reason.BOUNCED) > 0;
  }

  /** Ends what a person has said against a peer, since they write to them. */
  public void lift(Handle handle, Mailbox mailbox, InboxId peer) {
    remove(handle, mailbox, peer.value(), Reason.BLOCKED, Reason.COMPLAINED);
  }

  private static int remove(Handle handle, Mailbox mailbox, String peer, Reason... reasons) {
    return handle
        .createUpdate(
            "delete from suppression where mailbox = :mailbox and peer_inbox = :peer"
                + " and reason in (<reasons>)")
        .bind("mailbox", Columns.column(mailbox))
        .bind("peer", peer)
        .bindList("reasons", Stream.of(reasons).map(Reason::name).toList())
        .execute();
  }

  /**
   * Takes a mailbox off the list, whoever wanted it there but its person.
   *
   * @return how many entries went; what the person has said against a peer stays
   */
  public int remove(Mailbox mailbox) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                .createUpdate(
                    "delete from suppression where mailbox = :mailbox"
                        + " and reason in ('BOUNCED', 'OPERATOR')")
                .bind("mailbox", Columns.column(mailbox))
                .execute());
  }

  /**
   * The entries that have to do with a mailbox, a part of one such as its domain, or a peer's
   * inbox; the newest first.
   *
   * @param name whatever somebody typed; empty: all
   * @param count how many at most
   */
  public List<Suppression> find(String name, int count) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select * from suppression where :name = '' or position(:name in mailbox) > 0"
                        + " or peer_inbox = :name"
                        + " order by since desc, mailbox, peer_inbox, reason limit :count")
                .bind("name", Reject.canonical(OneLine.of(name, MAX_NAME)))
                .bind("count", count)
                .map((row, context) -> read(row))
                .list());
  }

  private static String peer(Suppression entry) {
    return entry.peer().map(InboxId::value).orElse(EVERY_PEER);
  }

  private static Suppression read(ResultSet row) throws SQLException {
    return new Suppression(
        Columns.mailbox(row, "mailbox"),
        row.getString("peer_inbox").isEmpty()
            ? Optional.empty()
            : Optional.of(Columns.inbox(row, "peer_inbox")),
        Reason.valueOf(row.getString("reason")),
        row.getString("detail"),
        Columns.instant(row, "since"));
  }
}

package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Which people's autoresponders a peer has been shown: one answer of each a week, as RFC 3834 §2
 * asks of the responders themselves. spec/content-types.md §10.12. May be used by several threads.
 */
public final class AutomaticReplies {
  private static final Duration ONCE_IN = Duration.ofDays(7);

  private final Jdbi jdbi;

  public AutomaticReplies(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** Whether the peer has seen one of this person within the week. */
  public boolean seen(Mailbox person, InboxId peer, Instant now) {
    return jdbi.withHandle(handle -> shownAt(handle, person, peer))
        .filter(at -> now.isBefore(at.plus(ONCE_IN)))
        .isPresent();
  }

  /** Notes that one is shown, in the transaction that makes it a message. */
  public void show(Handle handle, Mailbox person, InboxId peer, Instant now) {
    var statement =
        shownAt(handle, person, peer).isEmpty()
            ? "insert into automatic_reply (person, peer_inbox, shown_at)"
                + " values (:person, :peer, :now)"
            : "update automatic_reply set shown_at = :now"
                + " where person = :person and peer_inbox = :peer";
    handle
        .createUpdate(statement)
        .bind("person", Columns.column(person))
        .bind("peer", peer.value())
        .bind("now", Columns.column(now))
        .execute();
  }

  /**
   * Forgets what counts no longer.
   *
   * @return how many
   */
  public int expire(Instant now) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                .createUpdate("delete from automatic_reply where shown_at < :before")
                .bind("before", Columns.column(now.minus(ONCE_IN)))
                .execute());
  }

  private static Optional<Instant> shownAt(Handle handle, Mailbox person, InboxId peer) {
    return handle
        .createQuery(
            "select shown_at from automatic_reply where person = :person and peer_inbox = :peer")
        .bind("person", Columns.column(person))
        .bind("peer", peer.value())
        .map((row, context) -> Columns.instant(row, "shown_at"))
        .findOne();
  }
}

package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The requests that were mailed: one for a person and a peer, kept for good, since the person may
 * answer at any time. May be used by several threads.
 */
public final class Invitations {
  private final Jdbi jdbi;

  public Invitations(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * How many requests there were.
   *
   * @param byPeer of the peer, to anybody
   * @param toPerson to the person, of anybody
   */
  public record Count(long byPeer, long toPerson, long inAll) {}

  /** Belongs into the transaction that stores the mail. */
  public void add(Handle handle, Invitation invitation) {
    handle
        .createUpdate(
            "insert into invitation (mailbox, peer_inbox, invited_at) values"
                + " (:mailbox, :peer, :at)")
        .bind("mailbox", Columns.column(invitation.person()))
        .bind("peer", invitation.peer().value())
        .bind("at", Columns.column(invitation.at()))
        .execute();
  }

  /** The request of this peer to this person. */
  public Optional<Invitation> find(Handle handle, Mailbox person, InboxId peer) {
    return handle
        .createQuery("select * from invitation where mailbox = :mailbox and peer_inbox = :peer")
        .bind("mailbox", Columns.column(person))
        .bind("peer", peer.value())
        .map((row, context) -> read(row))
        .findOne();
  }

  /** The requests after that. */
  public Count count(Handle handle, Mailbox person, InboxId peer, Instant after) {
    return handle
        .createQuery(
            "select coalesce(sum(case when peer_inbox = :peer then 1 else 0 end), 0) as by_peer,"
                + " coalesce(sum(case when mailbox = :mailbox then 1 else 0 end), 0) as to_person,"
                + " count(*) as in_all from invitation where invited_at > :after")
        .bind("peer", peer.value())
        .bind("mailbox", Columns.column(person))
        .bind("after", Columns.column(after))
        .map(
            (row, context) ->
                new Count(row.getLong("by_peer"), row.getLong("to_person"), row.getLong("in_all")))
        .one();
  }

  private static Invitation read(ResultSet row) throws SQLException {
    return new Invitation(
        Columns.mailbox(row, "mailbox"),
        Columns.inbox(row, "peer_inbox"),
        Columns.instant(row, "invited_at"));
  }
}

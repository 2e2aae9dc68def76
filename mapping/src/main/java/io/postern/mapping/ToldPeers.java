package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What peers were told of mail that is not sent: each matter once. Used by several threads. */
public final class ToldPeers {
  private final Jdbi jdbi;

  /** Why the messages of a peer to a person become no mail. */
  public enum Matter {
    /** They never wrote to the peer, and strangers may not ask. */
    CLOSED,
    /** They have not answered the peer's request. */
    UNANSWERED,
    /** There were as many requests as there may be in a day. */
    LIMIT,
    /** They are mailed by nobody. */
    SUPPRESSED
  }

  public ToldPeers(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Notes that a peer is told, in the transaction that stores what they are told.
   *
   * @return false if they were told before
   */
  public boolean first(Handle handle, Mailbox person, InboxId peer, Matter matter, Instant now) {
    long before =
        handle
            .createQuery(
                "select count(*) from told_peer where mailbox = :mailbox and peer_inbox = :peer"
                    + " and matter = :matter")
            .bind("mailbox", Columns.column(person))
            .bind("peer", peer.value())
            .bind("matter", matter.name())
            .mapTo(Long.class)
            .one();
    if (before > 0) {
      return false;
    }
    handle
        .createUpdate(
            "insert into told_peer (mailbox, peer_inbox, matter, told_at) values"
                + " (:mailbox, :peer, :matter, :now)")
        .bind("mailbox", Columns.column(person))
        .bind("peer", peer.value())
        .bind("matter", matter.name())
        .bind("now", Columns.column(now))
        .execute();
    return true;
  }

  /**
   * Forgets what was told before that: who still writes then is told again.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                .createUpdate("delete from told_peer where told_at < :before")
                .bind("before", Columns.column(before))
                .execute());
  }
}

package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * What peers were told of mail that is not sent: each matter once, and again only after a long
 * while. May be used by several threads.
 */
public final class ToldPeers {
  private final Jdbi jdbi;

  public ToldPeers(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Notes that a peer is told, in the transaction that stores what they are told.
   *
   * @return false if they were told before, and not so long ago that they may be told again
   */
  public boolean first(Handle handle, Mailbox person, InboxId peer, Matter matter, Instant now) {
    var before =
        handle
            .createQuery(
                "select told_at from told_peer where mailbox = :mailbox and peer_inbox = :peer"
                    + " and matter = :matter")
            .bind("mailbox", Columns.column(person))
            .bind("peer", peer.value())
            .bind("matter", matter.name())
            .map((row, context) -> Columns.instant(row, "told_at"))
            .findOne();
    if (before.filter(told -> told.plus(matter.again()).isAfter(now)).isPresent()) {
      return false;
    }
    handle
        .createUpdate(
            before.isPresent()
                ? "update told_peer set told_at = :now where mailbox = :mailbox"
                    + " and peer_inbox = :peer and matter = :matter"
                : "insert into told_peer (mailbox, peer_inbox, matter, told_at) values"
                    + " (:mailbox, :peer, :matter, :now)")
        .bind("mailbox", Columns.column(person))
        .bind("peer", peer.value())
        .bind("matter", matter.name())
        .bind("now", Columns.column(now))
        .execute();
    return true;
  }

  /**
   * Forgets what was told before that; of use for what may be told again by then.
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

package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The tokens that were mailed: one for a person and a peer, kept for good, since the person may
 * block at any time. May be used by several threads.
 */
public final class BlockTokens {
  private final Jdbi jdbi;

  public BlockTokens(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** Belongs into the transaction that stores the mail in which it stands. */
  public void add(Handle handle, BlockToken token) {
    handle
        .createUpdate(
            "insert into block_token (mailbox, peer_inbox, token) values (:mailbox, :peer, :token)")
        .bind("mailbox", Columns.column(token.person()))
        .bind("peer", token.peer().value())
        .bind("token", token.token())
        .execute();
  }

  /** The token of this pair; empty if none was mailed. */
  public Optional<BlockToken> find(Handle handle, Mailbox person, InboxId peer) {
    return handle
        .createQuery("select * from block_token where mailbox = :mailbox and peer_inbox = :peer")
        .bind("mailbox", Columns.column(person))
        .bind("peer", peer.value())
        .map((row, context) -> read(row))
        .findOne();
  }

  /** Whose token this is. */
  public Optional<BlockToken> byToken(String token) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from block_token where token = :token")
                .bind("token", token)
                .map((row, context) -> read(row))
                .findOne());
  }

  private static BlockToken read(ResultSet row) throws SQLException {
    return new BlockToken(
        Columns.mailbox(row, "mailbox"), Columns.inbox(row, "peer_inbox"), row.getString("token"));
  }
}

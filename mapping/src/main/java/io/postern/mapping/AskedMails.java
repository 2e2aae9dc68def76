package io.postern.mapping;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The mails that are still to be given to who asked for them. May be used by several threads. */
public final class AskedMails {
  private final Jdbi jdbi;

  public AskedMails(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Remembers it, in the transaction that takes the command; once, however often a conversation
   * asks for a mail before it is given.
   *
   * @return whether it is new
   */
  public boolean add(Handle handle, AskedMail asked) {
    return handle
            .createUpdate(
                "insert into asked_mail (installation_id, message_id, group_id, conversation, peer_inbox,"
                    + " spool_id, asked_at) values (:installation, :message, :group, :conversation,"
                    + " :peer, :spool, :at) on conflict do nothing")
            .bind("installation", asked.installation().toString())
            .bind("message", asked.messageId())
            .bind("group", asked.groupId())
            .bind("conversation", asked.conversation().hex())
            .bind("peer", asked.peer().toString())
            .bind("spool", asked.spoolId())
            .bind("at", Columns.column(asked.askedAt()))
            .execute()
        > 0;
  }

  /**
   * What was asked for first, the eldest first.
   *
   * @param each at most so many of one conversation, so that whoever asks for much hides nobody
   *     else's
   * @param count at most so many of all
   */
  public List<AskedMail> eldest(int each, int count) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select * from (select a.*, row_number() over (partition by conversation"
                        + " order by asked_at, spool_id) as place"
                        + " from asked_mail a) placed where place <= :each"
                        + " order by asked_at, conversation, spool_id limit :count")
                .bind("each", each)
                .bind("count", count)
                .map((row, context) -> asked(row))
                .list());
  }

  /**
   * Forgets it, in the transaction that stores the answer.
   *
   * @return false if it was answered before
   */
  public boolean answered(Handle handle, AskedMail asked) {
    return handle
            .createUpdate(
                "delete from asked_mail where conversation = :conversation"
                    + " and spool_id = :spool")
            .bind("conversation", asked.conversation().hex())
            .bind("spool", asked.spoolId())
            .execute()
        > 0;
  }

  private static AskedMail asked(ResultSet row) throws SQLException {
    return new AskedMail(
        Columns.installation(row, "installation_id"),
        row.getString("message_id"),
        row.getString("group_id"),
        new ConversationId(row.getString("conversation")),
        Columns.inbox(row, "peer_inbox"),
        row.getString("spool_id"),
        Columns.instant(row, "asked_at"));
  }
}

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

  /** Remembers it, in the transaction that takes the command. A repeat changes nothing. */
  public void add(Handle handle, AskedMail asked) {
    handle
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
        .execute();
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
                        + " order by asked_at, message_id, installation_id) as place"
                        + " from asked_mail a) placed where place <= :each"
                        + " order by asked_at, message_id, installation_id limit :count")
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
                "delete from asked_mail where installation_id = :installation"
                    + " and message_id = :message")
            .bind("installation", asked.installation().toString())
            .bind("message", asked.messageId())
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

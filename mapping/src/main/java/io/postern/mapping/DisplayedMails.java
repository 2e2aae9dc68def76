package io.postern.mapping;

import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Mails of ours of which a peer was told that they were displayed: each once. {@code
 * spec/content-types.md} §10.10. May be used by several threads.
 */
public final class DisplayedMails {
  private final Jdbi jdbi;

  public DisplayedMails(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Notes that the peer is told, in the transaction that stores what they are told.
   *
   * @return false if they were told before
   */
  public boolean first(Handle handle, MailId mail, Mailbox recipient, Instant now) {
    long told =
        handle
            .createQuery(
                "select count(*) from displayed_mail where mail_key = :key"
                    + " and recipient = :recipient")
            .bind("key", Columns.key(mail))
            .bind("recipient", Columns.column(recipient))
            .mapTo(Long.class)
            .one();
    if (told > 0) {
      return false;
    }
    handle
        .createUpdate(
            "insert into displayed_mail (mail_key, recipient, told_at)"
                + " values (:key, :recipient, :now)")
        .bind("key", Columns.key(mail))
        .bind("recipient", Columns.column(recipient))
        .bind("now", Columns.column(now))
        .execute();
    return true;
  }

  /**
   * Forgets who was told before that.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                .createUpdate("delete from displayed_mail where told_at < :before")
                .bind("before", Columns.column(before))
                .execute());
  }
}

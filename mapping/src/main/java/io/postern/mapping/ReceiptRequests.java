package io.postern.mapping;

import io.postern.mail.MailId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Which mails ask for a receipt, and for which one was sent. {@code spec/content-types.md} §10.10.
 * May be used by several threads.
 */
public final class ReceiptRequests {
  /** As many mails are looked at for one receipt, the newest first. */
  private static final int MAX_OPEN = 1000;

  private final Jdbi jdbi;

  public ReceiptRequests(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Notes that a mail asks, in the transaction that makes it a message. A repeat changes nothing.
   */
  public void add(Handle handle, ReceiptRequest request) {
    long standing =
        handle
            .createQuery(
                "select count(*) from receipt_request where spool_id = :spool"
                    + " and recipient = :recipient")
            .bind("spool", request.spoolId())
            .bind("recipient", Columns.column(request.recipient()))
            .mapTo(Long.class)
            .one();
    if (standing > 0) {
      return;
    }
    handle
        .createUpdate(
            "insert into receipt_request (spool_id, recipient, conversation, return_path, mail_id,"
                + " message_id, asked_at) values (:spool, :recipient, :conversation, :path, :mail,"
                + " :message, :at)")
        .bind("spool", request.spoolId())
        .bind("recipient", Columns.column(request.recipient()))
        .bind("conversation", request.conversation().hex())
        .bind("path", request.returnPath().toString())
        .bind("mail", request.mailId().map(MailId::asWritten).orElse(""))
        .bind("message", request.messageId())
        .bind("at", Columns.column(request.at()))
        .execute();
  }

  /**
   * The newest mail of a conversation that was read and is not reported yet. It counts as reported
   * from here on, and so do those before it.
   *
   * @param isRead whether the peer has read a mail
   */
  public Optional<ReceiptRequest> report(
      Handle handle, ConversationId conversation, Predicate<ReceiptRequest> isRead, Instant now) {
    var newest =
        handle
            .createQuery(
                "select * from receipt_request where conversation = :conversation"
                    + " and reported_at is null order by request_id desc limit :count")
            .bind("conversation", conversation.hex())
            .bind("count", MAX_OPEN)
            .map((row, context) -> Row.of(row))
            .list()
            .stream()
            .filter(row -> isRead.test(row.request()))
            .findFirst();
    newest.ifPresent(
        row ->
            handle
                .createUpdate(
                    "update receipt_request set reported_at = :now where conversation ="
                        + " :conversation and reported_at is null and request_id <= :id")
                .bind("now", Columns.column(now))
                .bind("conversation", conversation.hex())
                .bind("id", row.id())
                .execute());
    return newest.map(Row::request);
  }

  /**
   * Forgets what was asked before that, reported or not.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                .createUpdate("delete from receipt_request where asked_at < :before")
                .bind("before", Columns.column(before))
                .execute());
  }

  private record Row(long id, ReceiptRequest request) {
    static Row of(ResultSet row) throws SQLException {
      return new Row(
          row.getLong("request_id"),
          new ReceiptRequest(
              row.getString("spool_id"),
              Columns.mailbox(row, "recipient"),
              new ConversationId(row.getString("conversation")),
              Columns.mailbox(row, "return_path"),
              row.getString("mail_id").isEmpty()
                  ? Optional.empty()
                  : Optional.of(Columns.mailId(row, "mail_id")),
              row.getString("message_id"),
              Columns.instant(row, "asked_at")));
    }
  }
}

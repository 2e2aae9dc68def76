package io.postern.mapping;

import io.postern.mail.Envelope;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** A row of outbox_bundle, still without its messages. */
record BundleRow(
    long id,
    InstallationId installation,
    ConversationId conversation,
    InboxId sender,
    Envelope envelope,
    MailId mailId,
    byte[] octets,
    OutboxState state,
    int attempts,
    Instant nextTry,
    String lastStatus,
    String lastWords,
    Instant closedAt) {

  /**
   * The bundles of these rows, each with its messages in their order.
   *
   * @param rows whole rows of outbox_bundle
   */
  static List<Bundle> bundles(Handle handle, Query rows) {
    return rows.map((row, context) -> of(row)).list().stream()
        .map(row -> row.bundle(messages(handle, row.id())))
        .toList();
  }

  private static List<String> messages(Handle handle, long id) {
    return handle
        .createQuery(
            "select message_id from outbox_line where bundle_id = :id order by sent_at, line_id")
        .bind("id", id)
        .mapTo(String.class)
        .list();
  }

  private static BundleRow of(ResultSet row) throws SQLException {
    return new BundleRow(
        row.getLong("bundle_id"),
        Columns.installation(row, "installation_id"),
        new ConversationId(row.getString("conversation")),
        Columns.inbox(row, "sender_inbox"),
        new Envelope(reversePath(row), List.of(Columns.mailbox(row, "recipient"))),
        Columns.mailId(row, "mail_id"),
        row.getBytes("octets"),
        OutboxState.valueOf(row.getString("state")),
        row.getInt("attempts"),
        Columns.instant(row, "next_try_at"),
        row.getString("last_status"),
        row.getString("last_words"),
        Columns.instant(row, "closed_at"));
  }

  private static Optional<Mailbox> reversePath(ResultSet row) throws SQLException {
    return row.getString("reverse_path").isEmpty()
        ? Optional.empty()
        : Optional.of(Columns.mailbox(row, "reverse_path"));
  }

  private Bundle bundle(List<String> messageIds) {
    return new Bundle(
        id,
        installation,
        conversation,
        sender,
        envelope,
        mailId,
        octets,
        messageIds,
        state,
        attempts,
        nextTry,
        lastStatus,
        lastWords,
        closedAt);
  }
}

package io.postern.mapping;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Which mails are kept whole, and in which conversations they may be asked for. May be used by
 * several threads.
 */
public final class KeptMailStore {
  private static final String COLUMNS = "k.spool_id, k.file_name, k.file_octets, k.kept_at";

  private final Jdbi jdbi;

  public KeptMailStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Remembers a kept mail and the messages that it became in one conversation, in the transaction
   * that stores those. A repeat changes nothing, and a second recipient adds their messages.
   *
   * @param messageIds 64 lower-case hex digits each
   * @return whether the mail was new; if not, its file is the one that was named first
   */
  public boolean keep(
      Handle handle, KeptMail mail, ConversationId conversation, List<String> messageIds) {
    boolean fresh = find(handle, mail.spoolId()).isEmpty();
    if (fresh) {
      handle
          .createUpdate(
              "insert into kept_mail (spool_id, file_name, file_octets, kept_at)"
                  + " values (:spool, :file, :octets, :at)")
          .bind("spool", mail.spoolId())
          .bind("file", mail.fileName())
          .bind("octets", mail.fileOctets())
          .bind("at", Columns.column(mail.keptAt()))
          .execute();
    }
    for (var message : messageIds) {
      HexId.requireMessage(message);
      if (!knows(handle, mail.spoolId(), conversation, message)) {
        handle
            .createUpdate(
                "insert into kept_mail_message (spool_id, conversation, message_id)"
                    + " values (:spool, :conversation, :message)")
            .bind("spool", mail.spoolId())
            .bind("conversation", conversation.hex())
            .bind("message", message)
            .execute();
      }
    }
    return fresh;
  }

  /** The kept mail of this spool id. */
  public Optional<KeptMail> find(String spoolId) {
    return jdbi.withHandle(handle -> find(handle, spoolId));
  }

  /**
   * The mail that became this message in this conversation. The conversation is part of the
   * question, so that nobody asks for a mail that was not sent to them.
   */
  public Optional<KeptMail> of(Handle handle, ConversationId conversation, String messageId) {
    return first(
        handle
            .createQuery(
                "select "
                    + COLUMNS
                    + " from kept_mail k join kept_mail_message m on m.spool_id = k.spool_id"
                    + " where m.conversation = :conversation and m.message_id = :message"
                    + " order by k.kept_at desc, k.spool_id desc limit 1")
            .bind("conversation", conversation.hex())
            .bind("message", messageId)
            .map((row, context) -> mail(row))
            .list());
  }

  /** The newest mail of this conversation. */
  public Optional<KeptMail> newest(Handle handle, ConversationId conversation) {
    return first(
        handle
            .createQuery(
                "select "
                    + COLUMNS
                    + " from kept_mail k where exists (select 1 from kept_mail_message m where"
                    + " m.spool_id = k.spool_id and m.conversation = :conversation)"
                    + " order by k.kept_at desc, k.spool_id desc limit 1")
            .bind("conversation", conversation.hex())
            .map((row, context) -> mail(row))
            .list());
  }

  /**
   * Notes that a mail is given out in a conversation.
   *
   * @param before when it must have been given out last, to be given out again
   * @return false, with nothing noted, if it was given out since
   */
  public boolean give(
      Handle handle, KeptMail mail, ConversationId conversation, Instant before, Instant now) {
    long recent =
        handle
            .createQuery(
                "select count(*) from kept_mail_message where spool_id = :spool"
                    + " and conversation = :conversation and asked_at >= :before")
            .bind("spool", mail.spoolId())
            .bind("conversation", conversation.hex())
            .bind("before", Columns.column(before))
            .mapTo(Long.class)
            .one();
    if (recent > 0) {
      return false;
    }
    handle
        .createUpdate(
            "update kept_mail_message set asked_at = :now where spool_id = :spool"
                + " and conversation = :conversation")
        .bind("now", Columns.column(now))
        .bind("spool", mail.spoolId())
        .bind("conversation", conversation.hex())
        .execute();
    return true;
  }

  /** Octets of all files. */
  public long octets() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select coalesce(sum(file_octets), 0) from kept_mail")
                .mapTo(Long.class)
                .one());
  }

  /** The eldest mails, the first first. */
  public List<KeptMail> eldest(int count) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select " + COLUMNS + " from kept_mail k order by kept_at, spool_id limit :n")
                .bind("n", count)
                .map((row, context) -> mail(row))
                .list());
  }

  /** The names of all files. */
  public Set<String> fileNames() {
    return jdbi.withHandle(
        handle ->
            new HashSet<>(
                handle.createQuery("select file_name from kept_mail").mapTo(String.class).list()));
  }

  /** Forgets one mail. */
  public void forget(KeptMail mail) {
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate("delete from kept_mail where spool_id = :spool")
                .bind("spool", mail.spoolId())
                .execute());
  }

  /**
   * Forgets mails that were kept before that.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                .createUpdate("delete from kept_mail where kept_at < :before")
                .bind("before", Columns.column(before))
                .execute());
  }

  private static Optional<KeptMail> find(Handle handle, String spoolId) {
    return first(
        handle
            .createQuery("select " + COLUMNS + " from kept_mail k where spool_id = :spool")
            .bind("spool", spoolId)
            .map((row, context) -> mail(row))
            .list());
  }

  private static boolean knows(
      Handle handle, String spoolId, ConversationId conversation, String message) {
    return handle
            .createQuery(
                "select count(*) from kept_mail_message where spool_id = :spool and conversation ="
                    + " :conversation and message_id = :message")
            .bind("spool", spoolId)
            .bind("conversation", conversation.hex())
            .bind("message", message)
            .mapTo(Long.class)
            .one()
        > 0;
  }

  private static Optional<KeptMail> first(List<KeptMail> mails) {
    return mails.stream().findFirst();
  }

  private static KeptMail mail(ResultSet row) throws SQLException {
    return new KeptMail(
        row.getString("spool_id"),
        row.getString("file_name"),
        row.getLong("file_octets"),
        Columns.instant(row, "kept_at"));
  }
}

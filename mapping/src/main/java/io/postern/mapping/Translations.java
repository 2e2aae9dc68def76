package io.postern.mapping;

import io.postern.mail.Mailbox;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * What each accepted mail became, committed once before anything is published: a repeat publishes
 * what stands here and never translates again. design.md §4.6. May be used by several threads.
 */
public final class Translations {
  private final Jdbi jdbi;

  public Translations(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Commits all parts of a mail for one recipient, in the transaction that also writes the thread
   * link and the intents. What was committed before for that mail and recipient stands.
   *
   * @param parts all of one spool id and recipient, at least one; each is asked for when it is
   *     written, and not held
   * @param written is told of each, in order, when it is written
   * @return the parts that stand: the given ones, or those of the first time
   */
  public List<StandingPart> commit(
      Handle handle, List<Translation> parts, Instant now, IntConsumer written) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a mail becomes at least one part");
    }
    var first = parts.get(0);
    var standing = find(handle, first.spoolId(), first.recipient());
    if (!standing.isEmpty()) {
      return standing;
    }
    for (var part : parts) {
      if (!part.spoolId().equals(first.spoolId()) || !part.recipient().equals(first.recipient())) {
        throw new IllegalArgumentException("the parts are of one mail and recipient");
      }
      insert(handle, part, now);
      written.accept(part.part());
    }
    return find(handle, first.spoolId(), first.recipient());
  }

  private static void insert(Handle handle, Translation part, Instant now) {
    handle
        .createUpdate(
            "insert into translation (spool_id, recipient, part, idempotency_key, group_id,"
                + " message_id, octets, committed_at) values (:spool, :recipient, :part, :key,"
                + " :group, :message, :octets, :now)")
        .bind("spool", part.spoolId())
        .bind("recipient", Columns.column(part.recipient()))
        .bind("part", part.part())
        .bind("key", part.key().value())
        .bind("group", part.groupId())
        .bind("message", part.messageId())
        .bind("octets", part.octets())
        .bind("now", Columns.column(now))
        .execute();
  }

  /** The parts of a mail for a recipient, in order; empty if it was not yet translated. */
  public List<StandingPart> find(String spoolId, Mailbox recipient) {
    return jdbi.withHandle(handle -> find(handle, spoolId, recipient));
  }

  /** As {@link #find(String, Mailbox)}, as the caller's transaction sees it. */
  public List<StandingPart> find(Handle handle, String spoolId, Mailbox recipient) {
    return handle
        .createQuery(
            "select spool_id, recipient, part, group_id, message_id, published_at from translation"
                + " where spool_id = :spool and recipient = :recipient order by part")
        .bind("spool", spoolId)
        .bind("recipient", Columns.column(recipient))
        .map((row, context) -> standing(row))
        .list();
  }

  /**
   * What stands in this group under this key, from whatever spool id: a mail that was delivered
   * twice is met here. The group is part of the question, because anybody can write any mail id.
   *
   * @param groupId 32 lower-case hex digits
   */
  public Optional<Translation> byKey(String groupId, IdempotencyKey key) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select spool_id, recipient, part, idempotency_key, group_id, message_id,"
                        + " octets, published_at from translation"
                        + " where group_id = :group and idempotency_key = :key"
                        + " order by committed_at, spool_id limit 1")
                .bind("group", groupId)
                .bind("key", key.value())
                .map((row, context) -> translation(row))
                .findOne());
  }

  /**
   * As {@link #published(Handle, String, Mailbox, int, Instant)}, in its own transaction, which is
   * saved later: publishing again changes nothing.
   */
  public boolean published(String spoolId, Mailbox recipient, int part, Instant now) {
    return StoreTransaction.runSavedLater(
        jdbi, handle -> published(handle, spoolId, recipient, part, now));
  }

  /**
   * Notes that the network has taken a part.
   *
   * @return whether that was news
   */
  public boolean published(
      Handle handle, String spoolId, Mailbox recipient, int part, Instant now) {
    return handle
            .createUpdate(
                "update translation set published_at = :now where spool_id = :spool and recipient"
                    + " = :recipient and part = :part and published_at is null")
            .bind("now", Columns.column(now))
            .bind("spool", spoolId)
            .bind("recipient", Columns.column(recipient))
            .bind("part", part)
            .execute()
        == 1;
  }

  /**
   * Forgets published parts that were committed before that. A mail that comes again later is a new
   * one.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.deleteInTurns(
        jdbi,
        "translation",
        "spool_id",
        "published_at is not null and committed_at < :before",
        update -> update.bind("before", Columns.column(before)));
  }

  private static Translation translation(ResultSet row) throws SQLException {
    return new Translation(
        row.getString("spool_id"),
        Columns.mailbox(row, "recipient"),
        row.getInt("part"),
        new IdempotencyKey(row.getString("idempotency_key")),
        row.getString("group_id"),
        row.getString("message_id"),
        row.getBytes("octets"),
        publishedAt(row));
  }

  private static StandingPart standing(ResultSet row) throws SQLException {
    return new StandingPart(
        row.getString("spool_id"),
        Columns.mailbox(row, "recipient"),
        row.getInt("part"),
        row.getString("group_id"),
        row.getString("message_id"),
        publishedAt(row));
  }

  private static Optional<Instant> publishedAt(ResultSet row) throws SQLException {
    return row.getObject("published_at") == null
        ? Optional.empty()
        : Optional.of(Columns.instant(row, "published_at"));
  }
}

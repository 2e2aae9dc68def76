package io.postern.mapping;

import io.postern.mail.Mailbox;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Ends what machines on both sides would go on with for ever: a peer who answers a person too
 * quickly too often, or too often at all, is held for a while, and longer each time. Held lines
 * stay in the {@link Outbox}; nothing is lost. spec/content-types.md §10.12, docs/adr/0007. May be
 * used by several threads.
 */
public final class LoopCeiling {
  /** Who answers within this time may be a machine. */
  static final Duration QUICK = Duration.ofSeconds(30);

  private final Jdbi jdbi;

  public LoopCeiling(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * A message of the peer's that follows one of the person's.
   *
   * @param answered the id of the person's last message before it, 64 lower-case hex digits
   * @param after how long after that one, by the network's time
   */
  public record Turn(String answered, Duration after) {
    public Turn {
      HexId.requireMessage(answered);
      Objects.requireNonNull(after, "after");
    }

    boolean isQuick() {
      return after.compareTo(QUICK) <= 0;
    }
  }

  /**
   * A thread that is held.
   *
   * @param begins whether it is with this turn
   */
  public record Hold(Instant until, boolean begins) {
    public Hold {
      Objects.requireNonNull(until, "until");
    }
  }

  /**
   * Counts a turn, in the transaction that puts its line into the outbox.
   *
   * @return the hold that the line waits for; empty if it goes its way
   */
  public Optional<Hold> count(
      Handle handle, ConversationId conversation, Mailbox person, Turn turn, Instant now) {
    var before = find(handle, conversation, person);
    var after = before.orElse(Pace.NONE).after(turn, now);
    if (before.isEmpty()) {
      insert(handle, conversation, person, after);
    } else if (!after.equals(before.get())) {
      update(handle, conversation, person, after);
    }
    boolean held = after.isHeld(now);
    boolean begins = held && !before.orElse(Pace.NONE).isHeld(now);
    return held ? Optional.of(new Hold(after.heldUntil(), begins)) : Optional.empty();
  }

  /** How many threads are held. */
  public long held(Instant now) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select count(*) from thread_pace where held_until > :now")
                .bind("now", Columns.column(now))
                .mapTo(Long.class)
                .one());
  }

  /**
   * Forgets threads in which nobody has answered, and nothing was held, since then.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.run(
        jdbi,
        handle ->
            handle
                .createUpdate(
                    "delete from thread_pace where day_begun_at < :before and held_until < :before")
                .bind("before", Columns.column(before))
                .execute());
  }

  private static Optional<Pace> find(Handle handle, ConversationId conversation, Mailbox person) {
    return handle
        .createQuery(
            "select * from thread_pace where conversation = :conversation and recipient = :person"
                + " for update")
        .bind("conversation", conversation.hex())
        .bind("person", Columns.column(person))
        .map(
            (row, context) ->
                new Pace(
                    row.getString("answered"),
                    row.getInt("quick_run"),
                    Columns.instant(row, "day_begun_at"),
                    row.getInt("day_turns"),
                    row.getInt("holds"),
                    Columns.instant(row, "held_until")))
        .findOne();
  }

  private static void insert(
      Handle handle, ConversationId conversation, Mailbox person, Pace pace) {
    write(
        handle,
        "insert into thread_pace (conversation, recipient, answered, quick_run, day_begun_at,"
            + " day_turns, holds, held_until) values (:conversation, :person, :answered, :run,"
            + " :begun, :turns, :holds, :until)",
        conversation,
        person,
        pace);
  }

  private static void update(
      Handle handle, ConversationId conversation, Mailbox person, Pace pace) {
    write(
        handle,
        "update thread_pace set answered = :answered, quick_run = :run, day_begun_at = :begun,"
            + " day_turns = :turns, holds = :holds, held_until = :until"
            + " where conversation = :conversation and recipient = :person",
        conversation,
        person,
        pace);
  }

  private static void write(
      Handle handle, String sql, ConversationId conversation, Mailbox person, Pace pace) {
    handle
        .createUpdate(sql)
        .bind("conversation", conversation.hex())
        .bind("person", Columns.column(person))
        .bind("answered", pace.answered())
        .bind("run", pace.quickRun())
        .bind("begun", Columns.column(pace.dayBegun()))
        .bind("turns", pace.dayTurns())
        .bind("holds", pace.holds())
        .bind("until", Columns.column(pace.heldUntil()))
        .execute();
  }
}

package io.postern.mapping;

import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.store.Lease;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The messages that wait to become mail, until the mail is closed; from there on {@link
 * BundleStore}. design.md §5.1 and §5.2. May be used by several threads.
 */
public final class Outbox {
  /** As many waiting lines are looked at in one go; each sender gets as many of them. */
  private static final int MAX_PENDING = 5000;

  /** As many lines of one thread, the eldest: more than become its next mail. */
  private static final int MAX_OF_THREAD = 2 * Quiet.MAX_LINES;

  private final Jdbi jdbi;
  private final Quiet quiet;
  private final Function<Mailbox, Optional<DigestSchedule>> digests;
  private final Lease lease;

  /**
   * @param quiet which lines become one mail
   * @param digests whose mails are made together, and when
   * @param lease has the inboxes of those whose mails are made here
   */
  public Outbox(
      Jdbi jdbi, Quiet quiet, Function<Mailbox, Optional<DigestSchedule>> digests, Lease lease) {
    this.jdbi = jdbi;
    this.quiet = quiet;
    this.digests = digests;
    this.lease = lease;
  }

  /** For people who get their mails as they come. */
  public Outbox(Jdbi jdbi, Quiet quiet) {
    this(jdbi, quiet, person -> Optional.empty(), Lease.ALL);
  }

  /** As {@link #add(Handle, OutboxLine)}, in a transaction of its own. */
  public boolean add(OutboxLine line) {
    return StoreTransaction.run(jdbi, handle -> add(handle, line));
  }

  /**
   * Puts a line in, in the transaction that clears the message's mark. A repeat changes nothing,
   * whatever has become of the line since.
   *
   * @return whether it was new
   */
  public boolean add(Handle handle, OutboxLine line) {
    if (state(handle, line, "").isPresent()) {
      return false;
    }
    var collectedUntil =
        digests.apply(line.recipient()).map(schedule -> schedule.next(line.arrivedAt()));
    handle
        .createUpdate(
            "insert into outbox_line (installation_id, message_id, recipient, conversation,"
                + " sender_inbox, sent_at, arrived_at, collected_until, octets, state,"
                + " state_reason, changed_at) values (:installation, :message, :recipient,"
                + " :conversation, :sender, :sent, :arrived, :collected, :octets, 'PENDING', '',"
                + " :arrived)")
        .bind("collected", collectedUntil.map(Columns::column).orElse(null))
        .bind("installation", line.installation().toString())
        .bind("message", line.messageId())
        .bind("recipient", Columns.column(line.recipient()))
        .bind("conversation", line.conversation().hex())
        .bind("sender", line.sender().value())
        .bind("sent", Columns.column(line.sentAt()))
        .bind("arrived", Columns.column(line.arrivedAt()))
        .bind("octets", line.octets())
        .execute();
    return true;
  }

  /** What waits and is to be closed by now, the eldest first; not what is held. */
  public List<OpenBundle> due(Instant now) {
    return open(now).stream().filter(bundle -> !bundle.closesAt().isAfter(now)).toList();
  }

  /**
   * What waits for people of the lease, the eldest first, with the time when each is to be closed;
   * not what a {@link LoopCeiling} holds now, nor what is collected for a later digest. Where much
   * waits it is the beginning of each thread, and whoever has written the most hides nobody else's.
   */
  public List<OpenBundle> open(Instant now) {
    var byThread = new LinkedHashMap<List<Object>, List<Placed>>();
    for (var waiting : pending(now)) {
      var line = waiting.line();
      byThread
          .computeIfAbsent(
              List.of(
                  line.installation(),
                  line.conversation(),
                  line.sender(),
                  line.recipient(),
                  waiting.collectedUntil().isPresent()),
              thread -> new ArrayList<>())
          .add(waiting);
    }
    return byThread.values().stream().flatMap(thread -> bundles(thread).stream()).toList();
  }

  /** A line and the time until which it was collected; empty: it is not. */
  private record Placed(OutboxLine line, Optional<Instant> collectedUntil) {}

  private List<OpenBundle> bundles(List<Placed> thread) {
    var lines = thread.stream().map(Placed::line).toList();
    var eldest =
        thread.stream().flatMap(line -> line.collectedUntil().stream()).sorted().findFirst();
    return eldest.map(hour -> Quiet.collected(lines, hour)).orElseGet(() -> quiet.bundles(lines));
  }

  /** When the next line is no longer held, or collected; empty if none is. */
  public Optional<Instant> nextRelease(Instant now) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select min(released_at) as released_at from (select min(p.held_until) as"
                        + " released_at from thread_pace p join outbox_line l"
                        + " on l.conversation = p.conversation and l.recipient = p.recipient"
                        + " where p.held_until > :now and l.state = 'PENDING' and "
                        + Columns.has(lease, "l.recipient")
                        + " union all select min(collected_until) from outbox_line"
                        + " where state = 'PENDING' and collected_until > :now and "
                        + Columns.has(lease, "recipient")
                        + ") releases")
                .bind("now", Columns.column(now))
                .map((row, context) -> Columns.optionalInstant(row, "released_at"))
                .one());
  }

  /** The messages of a peer whose mail is not written, whomever they are for. */
  public Waiting waitingMessages(Handle handle, InboxId sender) {
    return waiting(
        handle,
        "select count(*) as amount, coalesce(sum(octets), 0) as size from outbox_line"
            + " where sender_inbox = :sender and state = 'PENDING'",
        sender);
  }

  /** The mails of a peer that have not left, whomever they are for. */
  public Waiting waitingMails(Handle handle, InboxId sender) {
    return waiting(
        handle,
        "select count(*) as amount, coalesce(sum(octet_length(octets)), 0) as size"
            + " from outbox_bundle where sender_inbox = :sender and state = 'BUNDLED'",
        sender);
  }

  private static Waiting waiting(Handle handle, String query, InboxId sender) {
    return handle
        .createQuery(query)
        .bind("sender", sender.value())
        .map((row, context) -> new Waiting(row.getLong("amount"), row.getLong("size")))
        .one();
  }

  /** How many messages wait for their mail, held ones among them. */
  public long count() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select count(*) from outbox_line where state = 'PENDING'")
                .mapTo(Long.class)
                .one());
  }

  /** As {@link #close(Handle, OpenBundle, ClosedMail, Instant)}, in a transaction of its own. */
  public OptionalLong close(OpenBundle bundle, ClosedMail mail, Instant now) {
    return StoreTransaction.run(jdbi, handle -> close(handle, bundle, mail, now));
  }

  /**
   * Closes a bundle: its members, its mail id and its final octets stand from here on. To be the
   * first step of the caller's transaction, whose next one links the mail id to the messages.
   *
   * @return the bundle's id; empty, with nothing changed, if a line no longer waits, because
   *     somebody else has closed or withheld it. Then ask again what is due
   */
  public OptionalLong close(Handle handle, OpenBundle bundle, ClosedMail mail, Instant now) {
    if (!allPending(handle, bundle.lines())) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        insert(
            handle, bundle, mail.id(), mail.reversePath(), mail.octets(), Optional.empty(), now));
  }

  /**
   * A bundle in a digest.
   *
   * @param id the mail id of its part
   */
  public record Part(OpenBundle bundle, MailId id) {}

  /**
   * Closes bundles as the parts of one mail: as {@link #close(Handle, OpenBundle, ClosedMail,
   * Instant)}, for all or for none. The first of them carries the octets.
   *
   * @param parts two or more, to one recipient
   * @param digest the mail that holds them
   */
  public OptionalLong closeTogether(
      Handle handle, List<Part> parts, ClosedMail digest, Instant now) {
    for (var part : parts) {
      if (!allPending(handle, part.bundle().lines())) {
        return OptionalLong.empty();
      }
    }
    Optional<Long> carrier = Optional.empty();
    for (var part : parts) {
      var octets = carrier.isEmpty() ? digest.octets() : new byte[0];
      long id =
          insert(handle, part.bundle(), part.id(), digest.reversePath(), octets, carrier, now);
      carrier = carrier.or(() -> Optional.of(id));
    }
    handle
        .createUpdate("update outbox_bundle set digest_id = :id where bundle_id = :id")
        .bind("id", carrier.orElseThrow())
        .execute();
    return OptionalLong.of(carrier.orElseThrow());
  }

  private static long insert(
      Handle handle,
      OpenBundle bundle,
      MailId mailId,
      Optional<Mailbox> reversePath,
      byte[] octets,
      Optional<Long> digest,
      Instant now) {
    var first = bundle.first();
    long id =
        handle
            .createUpdate(
                "insert into outbox_bundle (installation_id, recipient, conversation,"
                    + " sender_inbox, reverse_path, mail_key, mail_id, octets, digest_id, state,"
                    + " attempts, next_try_at, last_status, last_words, closed_at, changed_at)"
                    + " values (:installation, :recipient, :conversation, :sender, :reverse, :key,"
                    + " :mail, :octets, :digest, 'BUNDLED', 0, :now, '', '', :now, :now)")
            .bind("installation", first.installation().toString())
            .bind("recipient", Columns.column(first.recipient()))
            .bind("conversation", first.conversation().hex())
            .bind("sender", first.sender().value())
            .bind("reverse", reversePath.map(Mailbox::toString).orElse(""))
            .bind("key", Columns.key(mailId))
            .bind("mail", mailId.asWritten())
            .bind("octets", octets)
            .bind("digest", digest.orElse(null))
            .bind("now", Columns.column(now))
            .executeAndReturnGeneratedKeys("bundle_id")
            .mapTo(Long.class)
            .one();
    for (var line : bundle.lines()) {
      move(handle, line, OutboxState.BUNDLED, "", Optional.of(id), now);
    }
    return id;
  }

  /** As {@link #withhold(Handle, List, String, Instant)}, in a transaction of its own. */
  public boolean withhold(List<OutboxLine> lines, String reason, Instant now) {
    return StoreTransaction.run(jdbi, handle -> withhold(handle, lines, reason, now));
  }

  /**
   * Ends lines without a mail: the peer is denied, the message was deleted, it says nothing.
   *
   * @param reason for the journey
   * @return whether they all still waited; if not, nothing has changed
   */
  public boolean withhold(Handle handle, List<OutboxLine> lines, String reason, Instant now) {
    if (!allPending(handle, lines)) {
      return false;
    }
    for (var line : lines) {
      move(handle, line, OutboxState.WITHHELD, reason, Optional.empty(), now);
    }
    return true;
  }

  /** How a line stands; empty if it was never put in, or has expired. */
  public Optional<OutboxState> state(OutboxLine line) {
    return jdbi.withHandle(handle -> state(handle, line, ""));
  }

  /**
   * Forgets withheld lines older than that. Those of a bundle go with it.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.deleteInTurns(
        jdbi,
        "outbox_line",
        "line_id",
        "state = 'WITHHELD' and changed_at < :before",
        update -> update.bind("before", Columns.column(before)));
  }

  private List<Placed> pending(Instant now) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select * from (select * from (select placed.*, row_number() over (partition"
                        + " by sender_inbox order by line_id) as turn from (select l.*,"
                        + " row_number() over (partition by installation_id, conversation,"
                        + " sender_inbox, recipient order by line_id) as place from outbox_line l"
                        + " where state = 'PENDING' and "
                        + Columns.has(lease, "l.recipient")
                        + " and (collected_until is null or collected_until"
                        + " <= :now) and not exists (select 1 from thread_pace p"
                        + " where p.conversation = l.conversation and p.recipient = l.recipient"
                        + " and p.held_until > :now)) placed where place <= :maxOfThread) turns"
                        + " order by turn, line_id limit :max) seen order by line_id")
                .bind("now", Columns.column(now))
                .bind("maxOfThread", MAX_OF_THREAD)
                .bind("max", MAX_PENDING)
                .map(
                    (row, context) ->
                        new Placed(
                            new OutboxLine(
                                Columns.installation(row, "installation_id"),
                                row.getString("message_id"),
                                Columns.mailbox(row, "recipient"),
                                new ConversationId(row.getString("conversation")),
                                Columns.inbox(row, "sender_inbox"),
                                Columns.instant(row, "sent_at"),
                                Columns.instant(row, "arrived_at"),
                                row.getLong("octets")),
                            Columns.optionalInstant(row, "collected_until")))
                .list());
  }

  private static boolean allPending(Handle handle, List<OutboxLine> lines) {
    return lines.stream()
        .allMatch(
            line ->
                state(handle, line, " for update").filter(OutboxState.PENDING::equals).isPresent());
  }

  private static Optional<OutboxState> state(Handle handle, OutboxLine line, String lock) {
    return handle
        .createQuery(
            "select state from outbox_line where installation_id = :installation and message_id ="
                + " :message and recipient = :recipient"
                + lock)
        .bind("installation", line.installation().toString())
        .bind("message", line.messageId())
        .bind("recipient", Columns.column(line.recipient()))
        .map((row, context) -> OutboxState.valueOf(row.getString("state")))
        .findOne();
  }

  private static void move(
      Handle handle,
      OutboxLine line,
      OutboxState state,
      String reason,
      Optional<Long> bundle,
      Instant now) {
    handle
        .createUpdate(
            "update outbox_line set state = :state, state_reason = :reason, bundle_id = :bundle,"
                + " changed_at = :now where installation_id = :installation and message_id ="
                + " :message and recipient = :recipient")
        .bind("state", state.name())
        .bind("reason", reason)
        .bind("bundle", bundle.orElse(null))
        .bind("now", Columns.column(now))
        .bind("installation", line.installation().toString())
        .bind("message", line.messageId())
        .bind("recipient", Columns.column(line.recipient()))
        .execute();
  }
}

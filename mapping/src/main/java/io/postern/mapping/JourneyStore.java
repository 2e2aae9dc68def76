package io.postern.mapping;

import io.postern.mail.Mailbox;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The journeys, kept until they expire. Steps are only ever added. May be used by several threads.
 *
 * <p>A journey is found by its id and by every name that it was given: a spool id, a mail id, a
 * message id.
 */
public final class JourneyStore {
  private final Jdbi jdbi;

  public JourneyStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Begins a journey, pending for every recipient. A repeat changes nothing.
   *
   * @param id at most 200 characters
   * @param names further ones by which it is found, as {@link #name}
   * @param recipients at least one
   * @return whether it was new
   */
  public boolean begin(
      Handle handle,
      String id,
      Journey.Kind kind,
      Collection<String> names,
      Collection<Mailbox> recipients,
      Journey.Step first) {
    if (recipients.isEmpty()) {
      throw new IllegalArgumentException("a journey goes to somebody");
    }
    if (exists(handle, id)) {
      return false;
    }
    handle
        .createUpdate(
            "insert into journey (journey_id, kind, begun_at, changed_at)"
                + " values (:id, :kind, :at, :at)")
        .bind("id", id)
        .bind("kind", kind.name())
        .bind("at", Columns.column(first.at()))
        .execute();
    var batch =
        handle.prepareBatch(
            "insert into journey_recipient (journey_id, ordinal, recipient, outcome)"
                + " values (:id, :ordinal, :recipient, :outcome)");
    int ordinal = 0;
    for (var recipient : recipients.stream().map(Columns::column).distinct().toList()) {
      batch
          .bind("id", id)
          .bind("ordinal", ordinal++)
          .bind("recipient", recipient)
          .bind("outcome", Journey.Outcome.PENDING.name())
          .add();
    }
    batch.execute();
    name(handle, id, Stream.concat(Stream.of(id), names.stream()).toList());
    insert(handle, id, first);
    return true;
  }

  /**
   * Lets the journey be found under further names. A repeat changes nothing.
   *
   * @param names mail ids, message ids, spool ids; their case does not matter
   */
  public void name(Handle handle, String id, Collection<String> names) {
    if (names.isEmpty()) {
      return;
    }
    var batch =
        handle.prepareBatch(
            "insert into journey_name (journey_id, name_key) values (:id, :key)"
                + " on conflict do nothing");
    names.forEach(name -> batch.bind("id", id).bind("key", nameKey(name)).add());
    batch.execute();
  }

  /** As {@link #step(Handle, String, Journey.Step)}, in a transaction of its own. */
  public boolean step(String id, Journey.Step step) {
    return StoreTransaction.run(jdbi, handle -> step(handle, id, step));
  }

  /**
   * Adds what happened.
   *
   * @return whether the journey is still kept; a bounce may come after it has expired
   */
  public boolean step(Handle handle, String id, Journey.Step step) {
    if (!touch(handle, id, step.at())) {
      return false;
    }
    insert(handle, id, step);
    return true;
  }

  /** As {@link #end(Handle, String, Mailbox, Journey.Outcome, Journey.Step)}, on its own. */
  public boolean end(String id, Mailbox recipient, Journey.Outcome outcome, Journey.Step last) {
    return StoreTransaction.run(jdbi, handle -> end(handle, id, recipient, outcome, last));
  }

  /**
   * Says how it ended for a recipient, and why. May be said again: a bounce turns delivered into
   * refused, a dead letter that is tried again is pending.
   *
   * @return whether the journey is still kept
   * @throws IllegalStateException if it is, but does not go to this recipient
   */
  public boolean end(
      Handle handle, String id, Mailbox recipient, Journey.Outcome outcome, Journey.Step last) {
    if (!step(handle, id, last)) {
      return false;
    }
    int changed =
        handle
            .createUpdate(
                "update journey_recipient set outcome = :outcome"
                    + " where journey_id = :id and recipient = :recipient")
            .bind("outcome", outcome.name())
            .bind("id", id)
            .bind("recipient", Columns.column(recipient))
            .execute();
    if (changed != 1) {
      throw new IllegalStateException("journey " + id + " does not go to " + recipient);
    }
    return true;
  }

  /** The recipients who wait, and of whom nobody was told yet that they do. */
  public List<Mailbox> untoldOfDelay(String id) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select recipient from journey_recipient where journey_id = :id"
                        + " and outcome = 'PENDING' and delay_told_at is null order by ordinal")
                .bind("id", id)
                .map((row, context) -> Columns.mailbox(row, "recipient"))
                .list());
  }

  /**
   * Notes that somebody was told that a recipient still waits.
   *
   * @return whether it is the first time; then, and only then, it is to be told
   */
  public boolean tellOfDelay(Handle handle, String id, Mailbox recipient, Instant now) {
    return handle
            .createUpdate(
                "update journey_recipient set delay_told_at = :now where journey_id = :id"
                    + " and recipient = :recipient and delay_told_at is null")
            .bind("now", Columns.column(now))
            .bind("id", id)
            .bind("recipient", Columns.column(recipient))
            .execute()
        == 1;
  }

  /** For whom it has come to this, in the order in which they were named. */
  public List<Mailbox> recipients(String id, Journey.Outcome outcome) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select recipient from journey_recipient where journey_id = :id"
                        + " and outcome = :outcome order by ordinal")
                .bind("id", id)
                .bind("outcome", outcome.name())
                .map((row, context) -> Columns.mailbox(row, "recipient"))
                .list());
  }

  /** Whether and how a journey ended, with all its steps. */
  public Optional<Journey> byId(String id) {
    return jdbi.withHandle(handle -> read(handle, id));
  }

  /**
   * The journeys with this name, the latest first. A mail that came twice has two, and one message
   * may go to several persons' installations.
   */
  public List<Journey> find(String name) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select j.journey_id from journey j join journey_name n"
                        + " on n.journey_id = j.journey_id where n.name_key = :key"
                        + " order by j.begun_at desc, j.journey_id")
                .bind("key", nameKey(name))
                .mapTo(String.class)
                .list()
                .stream()
                .flatMap(id -> read(handle, id).stream())
                .toList());
  }

  /**
   * The journeys in which something happened last, the latest first.
   *
   * @param count how many at most
   */
  public List<Journey> last(int count) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select journey_id from journey order by changed_at desc, journey_id"
                        + " limit :count")
                .bind("count", count)
                .mapTo(String.class)
                .list()
                .stream()
                .flatMap(id -> read(handle, id).stream())
                .toList());
  }

  /**
   * Forgets journeys in which nothing happened since then, but none that is pending. Dead letters
   * are to be forgotten sooner: one that is tried again goes on with its journey.
   *
   * @return how many
   */
  public int expire(Instant before) {
    return StoreTransaction.deleteInTurns(
        jdbi,
        "journey",
        "journey_id",
        "changed_at < :before and not exists (select 1 from journey_recipient r where r.journey_id"
            + " = journey.journey_id and r.outcome = 'PENDING')",
        update -> update.bind("before", Columns.column(before)));
  }

  private static Optional<Journey> read(Handle handle, String id) {
    var steps =
        handle
            .createQuery(
                "select happened_at, place, words from journey_step where journey_id = :id"
                    + " order by step_id")
            .bind("id", id)
            .map(
                (row, context) ->
                    new Journey.Step(
                        Columns.instant(row, "happened_at"),
                        Journey.Place.valueOf(row.getString("place")),
                        row.getString("words")))
            .list();
    var outcomes = outcomes(handle, id);
    return handle
        .createQuery("select kind, begun_at, changed_at from journey where journey_id = :id")
        .bind("id", id)
        .map(
            (row, context) ->
                new Journey(
                    id,
                    Journey.Kind.valueOf(row.getString("kind")),
                    Columns.instant(row, "begun_at"),
                    Columns.instant(row, "changed_at"),
                    outcomes,
                    steps))
        .findOne();
  }

  private static Map<Mailbox, Journey.Outcome> outcomes(Handle handle, String id) {
    var outcomes = new LinkedHashMap<Mailbox, Journey.Outcome>();
    handle
        .createQuery(
            "select recipient, outcome from journey_recipient where journey_id = :id"
                + " order by ordinal")
        .bind("id", id)
        .map(
            (row, context) ->
                Map.entry(
                    Columns.mailbox(row, "recipient"),
                    Journey.Outcome.valueOf(row.getString("outcome"))))
        .forEach(entry -> outcomes.put(entry.getKey(), entry.getValue()));
    return outcomes;
  }

  private static boolean exists(Handle handle, String id) {
    return handle
            .createQuery("select count(*) from journey where journey_id = :id")
            .bind("id", id)
            .mapTo(Long.class)
            .one()
        > 0;
  }

  private static boolean touch(Handle handle, String id, Instant at) {
    return handle
            .createUpdate("update journey set changed_at = :at where journey_id = :id")
            .bind("at", Columns.column(at))
            .bind("id", id)
            .execute()
        == 1;
  }

  private static void insert(Handle handle, String id, Journey.Step step) {
    handle
        .createUpdate(
            "insert into journey_step (journey_id, happened_at, place, words)"
                + " values (:id, :at, :place, :words)")
        .bind("id", id)
        .bind("at", Columns.column(step.at()))
        .bind("place", step.place().name())
        .bind("words", step.words())
        .execute();
  }

  private static String nameKey(String name) {
    return Columns.digest(name.strip().toLowerCase(Locale.ROOT));
  }
}

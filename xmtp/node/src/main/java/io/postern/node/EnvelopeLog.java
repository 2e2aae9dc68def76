package io.postern.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Messages by topic, in one order for everybody: append, query, subscribe. Ids are one sequence
 * over all topics. What an append has answered, every later query returns; what is committed goes
 * to the subscribed {@link LiveFeed}s in the same order. Safe for use by several threads.
 *
 * @param <E> the message as it is served
 */
final class EnvelopeLog<E extends MessageLite> {
  /** Rows of one page at most, as on the network. */
  static final int MAX_PAGE_ROWS = 100;

  /** Octets of one page at most, one message excepted: clients cannot decode more than 25 MiB. */
  static final long MAX_PAGE_BYTES = 20L << 20;

  private static final int PRUNED_AT_ONCE = 500;

  /** What tells where a topic ends. */
  record Newest(long id, long createdNs, boolean isCommit) {}

  private final String name;
  private final Change insertion;
  private final Parser<E> parser;
  private final NodeDatabase database;
  private final String selectAscending;
  private final String selectDescending;
  private final String selectIds;
  private final String selectByIds;
  private final String selectSame;
  private final String selectNext;
  private final String selectNewest;
  private final Heads heads = new Heads();
  private final LiveFeeds<E> feeds = new LiveFeeds<>();

  /**
   * @param name of the table {@code <name>_log} and of the id sequence
   * @param insertion adds a row to the table
   * @param parser reads a stored message
   */
  EnvelopeLog(String name, Change insertion, Parser<E> parser, NodeDatabase database) {
    this.name = name;
    this.insertion = insertion;
    this.parser = parser;
    this.database = database;
    var columns = "SELECT l.id, l.topic, l.created_ns, l.is_commit, l.message FROM ";
    var log = name + "_log l ";
    // The order names the topic too, so that a page is read along the index and nothing is sorted.
    this.selectAscending =
        columns
            + log
            + "WHERE l.topic = ? AND l.id > ? ORDER BY l.topic, l.id FETCH FIRST ? ROWS ONLY";
    this.selectDescending =
        columns
            + log
            + "WHERE l.topic = ? AND l.id < ? ORDER BY l.topic DESC, l.id DESC FETCH FIRST ? ROWS"
            + " ONLY";
    this.selectIds = "SELECT l.id FROM " + log + "WHERE l.topic = ? AND l.id > ?";
    this.selectByIds =
        columns
            + "UNNEST(CAST(? AS BIGINT ARRAY)) AS t(id) JOIN "
            + log
            + "ON l.id = t.id ORDER BY l.id";
    this.selectSame = "SELECT 1 FROM " + log + "WHERE l.mark = ? AND l.digest = ? AND l.topic = ?";
    this.selectNext =
        "SELECT l.id, l.topic, l.created_ns, l.is_commit FROM "
            + log
            + "WHERE l.id > ? ORDER BY l.id FETCH FIRST ? ROWS ONLY";
    this.selectNewest =
        "SELECT l.id, l.created_ns, l.is_commit FROM "
            + log
            + "WHERE l.topic = ? ORDER BY l.topic DESC, l.id DESC FETCH FIRST ROW ONLY";
    resume();
    database.onReopened(heads::forget);
  }

  /**
   * Stores all or nothing, in the order given. What has a digest that its topic already knows is
   * passed over, so sending twice stores once.
   *
   * @return ends when everything is durable and visible to every reader
   */
  CompletableFuture<Void> append(List<Arrival<E>> arrivals) {
    var bytes = arrivals.stream().mapToLong(Arrival::bytes).sum();
    return database.write(bytes, new Append(arrivals)).thenApply(stored -> null);
  }

  /**
   * One page of a topic.
   *
   * @param cursor with {@code ascending}, ids above it; else ids below it, 0 meaning from the
   *     newest
   */
  Page<E> query(ByteString topic, boolean ascending, long cursor, int limit) {
    if (ascending && newest(topic).map(Newest::id).orElse(0L) <= cursor) {
      return new Page<>(List.of(), false);
    }
    var from = !ascending && cursor == 0 ? Long.MAX_VALUE : cursor;
    return database
        .jdbi()
        .withHandle(
            handle ->
                page(
                    handle
                        .createQuery(ascending ? selectAscending : selectDescending)
                        .bind(0, topic.toByteArray())
                        .bind(1, from)
                        .bind(2, limit),
                    limit));
  }

  /** Takes rows until there are no more, or the page is full of rows or of octets. */
  private Page<E> page(Query query, int maxRows) {
    var entries = new ArrayList<LogEntry<E>>();
    var bytes = 0L;
    try (var rows = query.map(this::entry).iterator()) {
      while (rows.hasNext()) {
        var entry = rows.next();
        bytes += entry.message().getSerializedSize();
        if (bytes > MAX_PAGE_BYTES && !entries.isEmpty()) {
          return new Page<>(entries, true);
        }
        entries.add(entry);
      }
    }
    return new Page<>(entries, entries.size() >= maxRows);
  }

  /** The newest entry of a topic. */
  Optional<Newest> newest(ByteString topic) {
    return Optional.ofNullable(newest(List.of(topic)).get(topic));
  }

  /** The newest entry of each topic that has one. */
  Map<ByteString, Newest> newest(Collection<ByteString> topics) {
    var found = new HashMap<ByteString, Newest>();
    var unknown = new ArrayList<ByteString>();
    for (var topic : topics) {
      var known = heads.of(topic);
      known.flatMap(entry -> entry).ifPresent(entry -> found.put(topic, entry));
      if (known.isEmpty()) {
        unknown.add(topic);
      }
    }
    if (!unknown.isEmpty()) {
      database
          .jdbi()
          .useHandle(
              handle ->
                  unknown.forEach(
                      topic -> lookUp(handle, topic).ifPresent(entry -> found.put(topic, entry))));
    }
    return found;
  }

  private Optional<Newest> lookUp(Handle handle, ByteString topic) {
    var question = heads.question(topic);
    var found =
        handle
            .createQuery(selectNewest)
            .bind(0, topic.toByteArray())
            .map((row, context) -> new Newest(row.getLong(1), row.getLong(2), row.getBoolean(3)))
            .findFirst();
    heads.learn(question, found);
    return found;
  }

  /** Which of the topics have entries above their cursors. */
  List<ByteString> behind(Map<ByteString, Long> cursors) {
    var newest = newest(cursors.keySet());
    return cursors.entrySet().stream()
        .filter(
            each ->
                newest.containsKey(each.getKey())
                    && newest.get(each.getKey()).id() > each.getValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The ids that topics have above their cursors, ascending over all topics. */
  List<Long> idsAbove(Map<ByteString, Long> cursors) {
    var ids = new ArrayList<Long>();
    var topics = behind(cursors);
    if (!topics.isEmpty()) {
      database
          .jdbi()
          .useHandle(
              handle ->
                  topics.forEach(
                      topic ->
                          handle
                              .createQuery(selectIds)
                              .bind(0, topic.toByteArray())
                              .bind(1, cursors.get(topic))
                              .mapTo(Long.class)
                              .forEach(ids::add)));
    }
    ids.sort(null);
    return ids;
  }

  /** The entries with these ids, ascending, as many as fit into a page. */
  Page<E> read(List<Long> ids) {
    Object[] wanted = ids.toArray();
    return database
        .jdbi()
        .withHandle(
            handle ->
                page(
                    handle
                        .createQuery(selectByIds)
                        .bind(
                            0,
                            (position, statement, context) ->
                                statement.setObject(position, wanted)),
                    ids.size() + 1));
  }

  /** The statement that reads an ascending page. */
  String pageStatement() {
    return selectAscending;
  }

  /** Where whoever wants to hear of new entries registers. */
  LiveFeeds<E> feeds() {
    return feeds;
  }

  private LogEntry<E> entry(ResultSet row, StatementContext context) throws SQLException {
    try {
      return new LogEntry<>(
          row.getLong(1),
          ByteString.copyFrom(row.getBytes(2)),
          row.getLong(3),
          row.getBoolean(4),
          parser.parseFrom(row.getBytes(5)));
    } catch (InvalidProtocolBufferException e) {
      throw new SQLException("%s_log row %d is damaged".formatted(name, row.getLong(1)), e);
    }
  }

  /** The newest row of all is never deleted: it tells where ids and times go on. */
  private void resume() {
    var sql =
        "SELECT id, created_ns FROM %s_log ORDER BY id DESC FETCH FIRST ROW ONLY".formatted(name);
    database
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createQuery(sql)
                    .map((row, context) -> Map.entry(row.getLong(1), row.getLong(2)))
                    .findFirst()
                    .ifPresent(
                        last -> database.sequences().resume(name, last.getKey(), last.getValue())));
  }

  /**
   * Deletes what was stored before a time and is no commit, among the next rows. Blocks until that
   * is durable. Never deletes the newest row of all.
   *
   * @param after the id behind which to look
   * @param beforeNs Unix nanoseconds
   * @return the id behind which to look next, or {@code after} if nothing that old is left
   */
  long prune(Change deletion, long after, long beforeNs) {
    var rows =
        database
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery(selectNext)
                        .bind(0, after)
                        .bind(1, PRUNED_AT_ONCE + 1)
                        .map(
                            (row, context) ->
                                new Old(
                                    row.getLong(1),
                                    ByteString.copyFrom(row.getBytes(2)),
                                    row.getLong(3),
                                    row.getBoolean(4)))
                        .list());
    // Ids and times rise together.
    var last = after;
    var topics = new HashSet<ByteString>();
    for (var row : rows.subList(0, Math.max(0, rows.size() - 1))) {
      if (row.createdNs() >= beforeNs) {
        break;
      }
      last = row.id();
      if (!row.isCommit()) {
        topics.add(row.topic());
      }
    }
    if (!topics.isEmpty()) {
      database.write(0, new Prune(deletion, after, last, beforeNs, topics)).join();
    }
    return last;
  }

  private record Old(long id, ByteString topic, long createdNs, boolean isCommit) {}

  private final class Prune implements WriteLane.Write<Boolean> {
    private final Change deletion;
    private final long after;
    private final long last;
    private final long beforeNs;
    private final Set<ByteString> topics;

    Prune(Change deletion, long after, long last, long beforeNs, Set<ByteString> topics) {
      this.deletion = deletion;
      this.after = after;
      this.last = last;
      this.beforeNs = beforeNs;
      this.topics = topics;
    }

    @Override
    public Boolean run(Transaction transaction) {
      transaction.make(deletion, after, last, beforeNs);
      return true;
    }

    @Override
    public void committed(Boolean done) {
      heads.pruned(topics);
    }
  }

  private final class Append implements WriteLane.Write<List<LogEntry<E>>> {
    private final List<Arrival<E>> arrivals;

    Append(List<Arrival<E>> arrivals) {
      this.arrivals = arrivals;
    }

    @Override
    public List<LogEntry<E>> run(Transaction transaction) {
      var stored = new ArrayList<LogEntry<E>>(arrivals.size());
      for (var arrival : arrivals) {
        if (isStored(transaction.handle(), arrival)) {
          continue;
        }
        var id = database.sequences().next(name);
        var createdNs = database.sequences().nextTimeNs();
        var entry =
            new LogEntry<>(
                id,
                arrival.topic(),
                createdNs,
                arrival.isCommit(),
                arrival.stamp().apply(id, createdNs));
        insert(transaction, entry, arrival);
        stored.add(entry);
      }
      return stored;
    }

    private boolean isStored(Handle handle, Arrival<E> arrival) {
      return arrival.digest().isPresent()
          && handle
              .createQuery(selectSame)
              .bind(0, arrival.digest().get().asReadOnlyByteBuffer().getLong())
              .bind(1, arrival.digest().get().toByteArray())
              .bind(2, arrival.topic().toByteArray())
              .mapTo(Integer.class)
              .findFirst()
              .isPresent();
    }

    private void insert(Transaction transaction, LogEntry<E> entry, Arrival<E> arrival) {
      var values = new ArrayList<Object>();
      values.add(entry.id());
      values.add(entry.topic().toByteArray());
      arrival.digest().ifPresent(digest -> values.add(digest.toByteArray()));
      values.addAll(List.of(entry.createdNs(), entry.isCommit(), entry.message().toByteArray()));
      transaction.make(insertion, values.toArray());
    }

    @Override
    public void committed(List<LogEntry<E>> stored) {
      for (var entry : stored) {
        heads.written(entry.topic(), new Newest(entry.id(), entry.createdNs(), entry.isCommit()));
        feeds.publish(entry);
      }
    }
  }
}

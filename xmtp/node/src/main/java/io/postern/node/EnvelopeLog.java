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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
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

  /** Topics of one comparison with the database. */
  private static final int MAX_TOPICS_AT_ONCE = 10_000;

  private final String name;
  private final Parser<E> parser;
  private final NodeDatabase database;
  private final LiveFeeds<E> feeds = new LiveFeeds<>();

  /**
   * @param name of the tables {@code <name>_log} and {@code <name>_newest} and of the id sequence
   * @param parser reads a stored message
   */
  EnvelopeLog(String name, Parser<E> parser, NodeDatabase database) {
    this.name = name;
    this.parser = parser;
    this.database = database;
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
    var from = !ascending && cursor == 0 ? Long.MAX_VALUE : cursor;
    var sql =
        "SELECT id, topic, created_ns, is_commit, message FROM %s_log WHERE topic = ? AND id %s ? ORDER BY id %s FETCH FIRST ? ROWS ONLY"
            .formatted(name, ascending ? ">" : "<", ascending ? "ASC" : "DESC");
    return database
        .jdbi()
        .withHandle(
            handle -> {
              var entries = new ArrayList<LogEntry<E>>();
              var bytes = 0L;
              try (var rows =
                  handle
                      .createQuery(sql)
                      .bind(0, topic.toByteArray())
                      .bind(1, from)
                      .bind(2, limit)
                      .map(this::entry)
                      .iterator()) {
                while (rows.hasNext()) {
                  var entry = rows.next();
                  bytes += entry.message().getSerializedSize();
                  if (bytes > MAX_PAGE_BYTES && !entries.isEmpty()) {
                    return new Page<>(entries, true);
                  }
                  entries.add(entry);
                }
              }
              return new Page<>(entries, entries.size() >= limit);
            });
  }

  /** The newest entry of each topic that has one. */
  Map<ByteString, LogEntry<E>> newest(Collection<ByteString> topics) {
    var sql =
        "SELECT l.id, l.topic, l.created_ns, l.is_commit, l.message FROM UNNEST(CAST(? AS VARBINARY ARRAY)) AS t(topic)"
            + " JOIN %s_newest n ON n.topic = t.topic JOIN %s_log l ON l.id = n.id"
                .formatted(name, name);
    var found = new HashMap<ByteString, LogEntry<E>>();
    database
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createQuery(sql)
                    .bind(0, array(topics))
                    .map(this::entry)
                    .forEach(entry -> found.put(entry.topic(), entry)));
    return found;
  }

  /** Which of the topics have entries above their cursors. One query for thousands of topics. */
  List<ByteString> behind(Map<ByteString, Long> cursors) {
    var sql =
        "SELECT n.topic, n.id FROM UNNEST(CAST(? AS VARBINARY ARRAY)) AS t(topic) JOIN %s_newest n ON n.topic = t.topic"
            .formatted(name);
    var topics = List.copyOf(cursors.keySet());
    var behind = new ArrayList<ByteString>();
    database
        .jdbi()
        .useHandle(
            handle -> {
              for (var start = 0; start < topics.size(); start += MAX_TOPICS_AT_ONCE) {
                var part =
                    topics.subList(start, Math.min(topics.size(), start + MAX_TOPICS_AT_ONCE));
                handle
                    .createQuery(sql)
                    .bind(0, array(part))
                    .map(
                        (row, context) ->
                            Map.entry(ByteString.copyFrom(row.getBytes(1)), row.getLong(2)))
                    .forEach(
                        newest -> {
                          if (newest.getValue() > cursors.get(newest.getKey())) {
                            behind.add(newest.getKey());
                          }
                        });
              }
            });
    return behind;
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

  private static Argument array(Collection<ByteString> topics) {
    Object[] octets = topics.stream().map(ByteString::toByteArray).toArray();
    return (position, statement, context) -> statement.setObject(position, octets);
  }

  private final class Append implements WriteLane.Write<List<LogEntry<E>>> {
    private final List<Arrival<E>> arrivals;

    Append(List<Arrival<E>> arrivals) {
      this.arrivals = arrivals;
    }

    @Override
    public List<LogEntry<E>> run(Handle handle) {
      var stored = new ArrayList<LogEntry<E>>(arrivals.size());
      var newest = new LinkedHashMap<ByteString, Long>();
      for (var arrival : arrivals) {
        if (isStored(handle, arrival)) {
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
        insert(handle, entry, arrival);
        newest.put(entry.topic(), id);
        stored.add(entry);
      }
      newest.forEach(
          (topic, id) ->
              handle.execute(
                  "MERGE INTO %s_newest (topic, id) KEY (topic) VALUES (?, ?)".formatted(name),
                  topic.toByteArray(),
                  id));
      return stored;
    }

    private boolean isStored(Handle handle, Arrival<E> arrival) {
      return arrival.digest().isPresent()
          && handle
              .createQuery("SELECT 1 FROM %s_log WHERE digest = ? AND topic = ?".formatted(name))
              .bind(0, arrival.digest().get().toByteArray())
              .bind(1, arrival.topic().toByteArray())
              .mapTo(Integer.class)
              .findFirst()
              .isPresent();
    }

    private void insert(Handle handle, LogEntry<E> entry, Arrival<E> arrival) {
      handle
          .createUpdate(
              "INSERT INTO %s_log (id, topic, digest, created_ns, is_commit, message) VALUES (?, ?, ?, ?, ?, ?)"
                  .formatted(name))
          .bind(0, entry.id())
          .bind(1, entry.topic().toByteArray())
          .bind(2, arrival.digest().map(ByteString::toByteArray).orElse(null))
          .bind(3, entry.createdNs())
          .bind(4, entry.isCommit())
          .bind(5, entry.message().toByteArray())
          .execute();
    }

    @Override
    public void committed(List<LogEntry<E>> stored) {
      stored.forEach(feeds::publish);
    }
  }
}

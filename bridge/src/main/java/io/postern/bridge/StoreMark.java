package io.postern.bridge;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;

/**
 * What stands in a database that takes part in a move, so that only one of the two is ever in use:
 * a ratchet that went on in both would use a key twice. Others have no such table.
 *
 * @param state what the database is
 * @param move which move; the same on both sides
 * @param other the address of the other side
 */
record StoreMark(State state, String move, String other, Instant since) {
  static final String TABLE = "store_mark";

  /** What a database is in a move. */
  enum State {
    /** It is being copied; nothing may change. */
    MOVING("is being moved to", "go on with: postern store move, or take it back with --undo"),
    /** It holds no more than a part of what it is to hold. */
    FILLING("does not hold yet all of what is moved from", "go on with: postern store move there"),
    /** It is not the one in use any more, for ever. */
    MOVED("has been moved to", "write that one at store.url: this one is never opened again");

    private final String words;
    private final String remedy;

    State(String words, String remedy) {
      this.words = words;
      this.remedy = remedy;
    }
  }

  /**
   * @throws BridgeException if the database takes part in a move, or did; says what to do
   */
  static void requireNone(Connection connection, String url) throws SQLException, BridgeException {
    var mark = read(connection);
    if (mark.isPresent()) {
      throw mark.get().refusal(url);
    }
  }

  BridgeException refusal(String url) {
    return new BridgeException(
        "store.url: the database "
            + url
            + " "
            + state.words
            + " "
            + other
            + " (since "
            + since
            + "); "
            + state.remedy);
  }

  static Optional<StoreMark> read(Connection connection) throws SQLException {
    if (!Tables.of(connection).contains(TABLE)) {
      return Optional.empty();
    }
    try (var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select state, move_id, other, since from store_mark where id = 1")) {
      return row.next()
          ? Optional.of(
              new StoreMark(
                  State.valueOf(row.getString(1)),
                  row.getString(2),
                  row.getString(3),
                  row.getTimestamp(4).toInstant()))
          : Optional.empty();
    }
  }

  /** Puts it in the place of one that may stand there; it outlives a power failure then. */
  void write(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(
          "create table if not exists store_mark (id int primary key, state varchar(16) not null,"
              + " move_id varchar(64) not null, other varchar(1024) not null,"
              + " since timestamp(6) with time zone not null)");
    }
    boolean joined = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try (var clear = connection.prepareStatement("delete from store_mark");
        var insert = connection.prepareStatement("insert into store_mark values (1, ?, ?, ?, ?)")) {
      clear.executeUpdate();
      insert.setString(1, state.name());
      insert.setString(2, move);
      insert.setString(3, other);
      insert.setTimestamp(4, Timestamp.from(since));
      insert.executeUpdate();
      connection.commit();
    } finally {
      connection.setAutoCommit(joined);
    }
    sync(connection);
  }

  /** Takes it away, whatever it is. */
  static void clear(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("drop table store_mark");
    }
    sync(connection);
  }

  /** All that has been committed outlives a power failure then; so PostgreSQL has each commit. */
  static void sync(Connection connection) throws SQLException {
    if (connection.getMetaData().getDatabaseProductName().equals("H2")) {
      try (var statement = connection.createStatement()) {
        statement.execute("checkpoint sync");
      }
    }
  }
}

package io.postern.bridge;

import io.postern.bridge.StoreMark.State;
import io.postern.config.StoreSettings;
import io.postern.mapping.SpoolRows;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Takes what is in one database to another, H2 or PostgreSQL, and sees to it that only one of them
 * is ever in use. Whatever instruction it is killed at, it can be run again. docs/adr/0012.
 */
final class StoreMove {
  private final StoreSettings from;
  private final StoreSettings to;
  private final PrintWriter out;
  private final Clock clock;

  /** What a test looks at, or ends the process at. */
  interface Watch {
    void reached(String step) throws SQLException;
  }

  private final Watch watch;

  StoreMove(StoreSettings from, StoreSettings to, PrintWriter out, Clock clock, Watch watch) {
    this.from = from;
    this.to = to;
    this.out = out;
    this.clock = clock;
    this.watch = watch;
  }

  /**
   * Moves all, or goes on with a move that did not come to its end.
   *
   * @throws BridgeException if one of the databases is not to be had, or the target holds
   *     something; says what to do
   */
  void run() throws BridgeException, SQLException {
    if (from.url().equals(to.url())) {
      throw new BridgeException("the database is " + to.url() + " already; nothing to move");
    }
    try (var source = Database.openMarked(from);
        var target = Database.openMarked(to);
        var old = source.source().getConnection();
        var fresh = target.source().getConnection()) {
      var here = StoreMark.read(old);
      var there = StoreMark.read(fresh);
      if (here.isPresent() && here.get().state() != State.MOVING) {
        if (isNotYetSaid(here.get(), there)) {
          finish(fresh);
          return;
        }
        throw here.get().refusal(from.url());
      }
      if (Tables.of(old).isEmpty()) {
        throw new BridgeException("the database " + from.url() + " holds no tables to move");
      }
      requireRoom(fresh, there);
      var move = UUID.randomUUID().toString();
      mark(State.MOVING, move, to, old);
      watch.reached("moving");
      mark(State.FILLING, move, from, fresh);
      watch.reached("filling");
      StoreTables.migrate(source.source(), from.url());
      StoreTables.migrate(target.source(), to.url());
      SpoolRows.waitForTakers(old);
      copy(old, fresh);
      StoreMark.sync(fresh);
      watch.reached("copied");
      mark(State.MOVED, move, to, old);
      watch.reached("moved");
      finish(fresh);
    }
  }

  /** Whether all is there, and only the target does not know yet. */
  private static boolean isNotYetSaid(StoreMark here, Optional<StoreMark> there) {
    return here.state() == State.MOVED
        && there.isPresent()
        && there.get().state() == State.FILLING
        && there.get().move().equals(here.move());
  }

  /** A target holds no table, or what a move from here has left, a mark that says nothing too. */
  private void requireRoom(Connection fresh, Optional<StoreMark> there)
      throws SQLException, BridgeException {
    if (there.isPresent()) {
      if (there.get().state() != State.FILLING || !there.get().other().equals(from.url())) {
        throw there.get().refusal(to.url());
      }
    } else if (!Set.of(StoreMark.TABLE).containsAll(Tables.of(fresh))) {
      throw new BridgeException(
          "the database " + to.url() + " holds tables already; make a new one to move to");
    }
  }

  private void mark(State state, String move, StoreSettings other, Connection connection)
      throws SQLException {
    new StoreMark(state, move, other.url(), clock.instant()).write(connection);
  }

  private void copy(Connection old, Connection fresh) throws SQLException, BridgeException {
    var tables = Tables.inOrder(old);
    if (!tables.equals(Tables.inOrder(fresh))) {
      throw new BridgeException("the two databases do not have the same tables");
    }
    var copy = new TableCopy(old, fresh);
    copy.empty(tables);
    for (var table : tables) {
      var content = copy.copy(table);
      if (!copy.copied(table).equals(content)) {
        throw new BridgeException(
            "the table "
                + table
                + " is not the same in "
                + to.url()
                + " after it was copied; nothing is lost: postern store move --undo");
      }
      TableCopy.goOnCounting(fresh, table);
      out.println(table + ": " + content.rows() + " rows");
    }
  }

  private void finish(Connection fresh) throws SQLException {
    try (var statement = fresh.createStatement()) {
      statement.execute("analyze");
    }
    StoreMark.clear(fresh);
    out.println("moved; write " + to.url() + " at store.url. The other one is not used any more.");
  }

  /** Takes back a move that has not come to its end: the old database is the one in use again. */
  static void undo(StoreSettings from) throws BridgeException, SQLException {
    try (var source = Database.openMarked(from);
        var old = source.source().getConnection()) {
      var mark = StoreMark.read(old);
      if (mark.isEmpty()) {
        throw new BridgeException("the database " + from.url() + " is not being moved");
      }
      if (mark.get().state() != State.MOVING) {
        throw mark.get().refusal(from.url());
      }
      StoreMark.clear(old);
    }
  }
}

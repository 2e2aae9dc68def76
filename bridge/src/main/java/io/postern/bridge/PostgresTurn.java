package io.postern.bridge;

import io.postern.xmtp.store.Lease;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An instance that waits until it may carry: a connection of its own, by which it asks, and is
 * known. For one thread.
 */
final class PostgresTurn implements AutoCloseable {
  /** Longer than an answer takes and some pause of the virtual machine. */
  private static final String SILENCE = "15s";

  /** The first that can end a connection which says nothing; others notice a dead machine only. */
  private static final int ENDS_SILENT = 14;

  private final Connection connection;
  private final int parts;
  private boolean wanting;
  private boolean given;

  private PostgresTurn(Connection connection, int parts) {
    this.connection = connection;
    this.parts = parts;
  }

  /** With a connection which the server ends soon if it hears nothing any more. */
  static PostgresTurn of(PostgresServerLogin server) throws BridgeException, SQLException {
    var connection = server.connect();
    try (var statement = connection.createStatement()) {
      // The address may ask for another name, and the next one would end it.
      statement.execute("set application_name = '" + PostgresServerLogin.BESIDE + "'");
      // A machine that vanished without a word is gone after half a minute, not after two hours.
      statement.execute("set tcp_keepalives_idle = 10");
      statement.execute("set tcp_keepalives_interval = 5");
      statement.execute("set tcp_keepalives_count = 3");
      statement.execute("set tcp_user_timeout = 20000");
      // A process that was killed a moment ago may still be under way to its end on the server.
      statement.execute("set lock_timeout = '3s'");
      if (connection.getMetaData().getDatabaseMajorVersion() >= ENDS_SILENT) {
        statement.execute("set idle_session_timeout = '" + SILENCE + "'");
      }
      return new PostgresTurn(connection, server.settings().carriers());
    } catch (SQLException failed) {
      connection.close();
      throw failed;
    }
  }

  /** The same of one that could carry: that is known before it asks. */
  static PostgresTurn wanting(PostgresServerLogin server) throws BridgeException, SQLException {
    var turn = of(server);
    try (var statement = turn.connection.createStatement()) {
      turn.want(statement, true);
      return turn;
    } catch (SQLException failed) {
      turn.close();
      throw failed;
    }
  }

  /** Whether this instance could work beside those that carry now. */
  interface Fit {
    boolean isFit() throws SQLException;
  }

  /**
   * Takes the whole database, if nobody carries, and does not wait. Others are let in with {@link
   * PostgresHold#letOthersIn}.
   */
  Optional<PostgresHold> askAlone() throws SQLException {
    try (var statement = connection.createStatement()) {
      return PostgresLocks.tryAlone(statement, PostgresLocks.DATABASE)
          ? Optional.of(takeAlone(statement, deal(statement).fair()))
          : Optional.empty();
    }
  }

  /** The same, and waits some seconds for it, as a command does; it has all parts. */
  PostgresHold waitAlone() throws SQLException {
    try (var statement = connection.createStatement()) {
      PostgresLocks.waitAlone(statement, PostgresLocks.DATABASE);
      return takeAlone(statement, parts);
    }
  }

  /** Who had the parts is gone: what it has not let go of yet it does now. */
  private PostgresHold takeAlone(Statement statement, int count) throws SQLException {
    var ours = new TreeSet<Integer>();
    for (int part = 0; part < count; part++) {
      PostgresLocks.waitAlone(statement, PostgresLocks.part(part));
      ours.add(part);
    }
    return begin(statement, ours, true);
  }

  /**
   * Takes parts that nobody has, beside others that carry; if there are none, it is known from then
   * on that this one wants some.
   *
   * @param fit asked when nobody can change the tables any more
   */
  Optional<PostgresHold> askBeside(Fit fit) throws SQLException {
    if (parts == 1) {
      return Optional.empty();
    }
    try (var statement = connection.createStatement()) {
      if (!PostgresLocks.tryInCommon(statement, PostgresLocks.DATABASE)) {
        return Optional.empty();
      }
      boolean isFit = fit.isFit();
      var ours = isFit ? takeFree(statement, deal(statement).fair()) : new TreeSet<Integer>();
      if (!ours.isEmpty()) {
        return Optional.of(begin(statement, ours, false));
      }
      PostgresLocks.letGoInCommon(statement, PostgresLocks.DATABASE);
      want(statement, isFit);
      return Optional.empty();
    }
  }

  private SortedSet<Integer> takeFree(Statement statement, int most) throws SQLException {
    var ours = new TreeSet<Integer>();
    for (int part = 0; part < parts && ours.size() < most; part++) {
      if (PostgresLocks.tryAlone(statement, PostgresLocks.part(part))) {
        ours.add(part);
      }
    }
    return ours;
  }

  private void want(Statement statement, boolean wants) throws SQLException {
    if (wants && !wanting) {
      wanting = PostgresLocks.tryInCommon(statement, PostgresLocks.WANTED);
    } else if (!wants && wanting) {
      PostgresLocks.letGoInCommon(statement, PostgresLocks.WANTED);
      wanting = false;
    }
  }

  private Deal deal(Statement statement) throws SQLException {
    return PostgresLocks.deal(statement, parts, 0);
  }

  private PostgresHold begin(Statement statement, SortedSet<Integer> ours, boolean alone)
      throws SQLException {
    want(statement, false);
    var hold = PostgresHold.begin(connection, new Lease(parts, ours), alone);
    given = true;
    return hold;
  }

  @Override
  public void close() throws SQLException {
    if (!given) {
      connection.close();
    }
  }
}

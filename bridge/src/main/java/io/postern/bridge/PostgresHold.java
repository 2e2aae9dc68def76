package io.postern.bridge;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hold of one process on a database of PostgreSQL: an advisory lock, as long as one connection
 * lives that does nothing else. The server lets go of it when the process is gone, and when nothing
 * was heard of it for {@link #SILENCE}: of a machine without power, and of one that stands still.
 * Whoever gets the hold first ends what the one before has open, so that none of its transactions
 * comes to its end later.
 *
 * <p>Beside it the connection holds a lock of a number drawn by lot, of which nobody else knows:
 * whoever gets that one knows that the hold is lost, and asks for no more than one lock.
 * docs/adr/0012 and 0018. For many threads.
 */
final class PostgresHold implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresHold.class);

  /** "postern" in octets; locks of others on the same database have other numbers. */
  private static final long LOCK = 0x706f737465726eL;

  /** The server's code of a lock that was waited for in vain. */
  private static final String TAKEN = "55P03";

  private static final int ANSWER_SECONDS = 5;

  /** So often the server hears of us. */
  private static final int SIGN_OF_LIFE_SECONDS = 2;

  /** Longer than {@link #ANSWER_SECONDS} and some pause of the virtual machine. */
  private static final String SILENCE = "15s";

  /** The first that can end a connection which says nothing; others notice a dead machine only. */
  private static final int ENDS_SILENT = 14;

  /** A connection of whoever has the hold, or had it. */
  private static final String OF_CARRIER =
      "datname = current_database() and application_name = '" + PostgresServerLogin.CARRYING + "'";

  /** How often it is looked whether connections have ended, each after a tenth of a second. */
  private static final int LOOKS = 100;

  private final Connection connection;
  private final long proof;
  private final CountDownLatch closed = new CountDownLatch(1);

  private PostgresHold(Connection connection, long proof) {
    this.connection = connection;
    this.proof = proof;
  }

  /**
   * Waits some seconds for it, as a command does.
   *
   * @throws BridgeException if another process has it, or the server cannot be asked
   */
  static PostgresHold take(PostgresServerLogin server) throws BridgeException {
    try {
      var connection = connect(server);
      try (var statement = connection.createStatement()) {
        // A process that was killed a moment ago may still be under way to its end on the server.
        statement.execute("set lock_timeout = '3s'");
        statement.execute("select pg_advisory_lock(" + LOCK + ")");
        return held(connection, statement);
      } catch (SQLException failed) {
        connection.close();
        throw failed;
      }
    } catch (SQLException failed) {
      throw new BridgeException(
          "store.url: "
              + (TAKEN.equals(failed.getSQLState())
                  ? "another postern has the database "
                      + server.settings().url()
                      + " open; end it first, or wait half a minute if its machine is gone"
                  : "the database "
                      + server.settings().url()
                      + " cannot be locked: "
                      + failed.getMessage()),
          failed);
    }
  }

  /** A connection to {@link #ask} by, which the server ends soon if it hears nothing any more. */
  static Connection connect(PostgresServerLogin server) throws BridgeException, SQLException {
    var connection = server.connect();
    try (var statement = connection.createStatement()) {
      // The address may ask for another name, and the next one would end it.
      statement.execute("set application_name = '" + PostgresServerLogin.BESIDE + "'");
      // A machine that vanished without a word is gone after half a minute, not after two hours.
      statement.execute("set tcp_keepalives_idle = 10");
      statement.execute("set tcp_keepalives_interval = 5");
      statement.execute("set tcp_keepalives_count = 3");
      statement.execute("set tcp_user_timeout = 20000");
      if (connection.getMetaData().getDatabaseMajorVersion() >= ENDS_SILENT) {
        statement.execute("set idle_session_timeout = '" + SILENCE + "'");
      }
      return connection;
    } catch (SQLException failed) {
      connection.close();
      throw failed;
    }
  }

  /**
   * Takes it if nobody has it, and does not wait.
   *
   * @param connection of {@link #connect}; the hold's from then on, if there is one
   */
  static Optional<PostgresHold> ask(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select pg_try_advisory_lock(" + LOCK + ")")) {
      if (!row.next() || !row.getBoolean(1)) {
        return Optional.empty();
      }
      return Optional.of(held(connection, statement));
    }
  }

  private static PostgresHold held(Connection connection, Statement statement) throws SQLException {
    long proof = new SecureRandom().nextLong();
    statement.execute("select pg_advisory_lock(" + proof + ")");
    endFormer(statement);
    var hold = new PostgresHold(connection, proof);
    Workers.daemon("hold", hold::stayAlive).start();
    return hold;
  }

  /**
   * What each connection of the holder's pool says first; it fails once the hold is lost. So after
   * {@link #endFormer} the one before can neither write nor read, by whatever way. The name comes
   * before it: by that the next one finds the connection.
   */
  String fence() {
    return "select set_config('application_name', '"
        + PostgresServerLogin.CARRYING
        + "', false), 1 / (case when pg_try_advisory_lock_shared("
        + proof
        + ") then 0 else 1 end)";
  }

  /**
   * What the one before has begun must not be committed later, nor keep rows locked: its machine
   * may have stood still in the midst of a transaction. Those there are now are all that have
   * passed its {@link #fence}.
   */
  private static void endFormer(Statement statement) throws SQLException {
    statement.execute(
        "select set_config('postern.former', coalesce(array_agg(pid), '{}')::text, false)"
            + " from pg_stat_activity where "
            + OF_CARRIER);
    for (int look = 0; look < LOOKS; look++) {
      try (var row =
          statement.executeQuery(
              "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                  + " where pid = any (current_setting('postern.former')::int[]) and "
                  + OF_CARRIER)) {
        row.next();
        if (row.getLong(1) == 0) {
          return;
        }
      }
      statement.execute("select pg_sleep(0.1)");
    }
    throw new SQLException("connections of the postern that had it before do not end");
  }

  /** Without a word the server would take us for gone. */
  private void stayAlive() {
    try {
      while (!closed.await(SIGN_OF_LIFE_SECONDS, TimeUnit.SECONDS)) {
        if (isLost()) {
          return;
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** The number of the lock that is ours as long as the hold is. */
  long proof() {
    return proof;
  }

  /** Whether it has gone, and another process may have it. */
  boolean isLost() {
    try {
      return !connection.isValid(ANSWER_SECONDS);
    } catch (SQLException impossible) {
      return true;
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      connection.close();
    } catch (SQLException gone) {
      log.warn("the hold on the database was lost before it was let go", gone);
    }
  }
}

package io.postern.bridge;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hold of one process on a database of PostgreSQL: an advisory lock, as long as one connection
 * lives that does nothing else. The server lets go of it when the process is gone. Beside it the
 * connection holds a lock of a number drawn by lot, of which nobody else knows: whoever gets that
 * one knows that the hold is lost, and asks for no more than one lock. docs/adr/0012.
 */
final class PostgresHold implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresHold.class);

  /** "postern" in octets; locks of others on the same database have other numbers. */
  private static final long LOCK = 0x706f737465726eL;

  /** The server's code of a lock that was waited for in vain. */
  private static final String TAKEN = "55P03";

  private static final int ANSWER_SECONDS = 5;

  private final Connection connection;
  private final long proof;

  private PostgresHold(Connection connection, long proof) {
    this.connection = connection;
    this.proof = proof;
  }

  /**
   * @throws BridgeException if another process has it, or the server cannot be asked
   */
  static PostgresHold take(PostgresServerLogin server) throws BridgeException {
    var connection = server.connect();
    try {
      try (var statement = connection.createStatement()) {
        // A machine that vanished without a word is gone after half a minute, not after two hours.
        statement.execute("set tcp_keepalives_idle = 10");
        statement.execute("set tcp_keepalives_interval = 5");
        statement.execute("set tcp_keepalives_count = 4");
        // A process that was killed a moment ago may still be under way to its end on the server.
        statement.execute("set lock_timeout = '3s'");
        statement.execute("select pg_advisory_lock(" + LOCK + ")");
        long proof = new SecureRandom().nextLong();
        statement.execute("select pg_advisory_lock(" + proof + ")");
        return new PostgresHold(connection, proof);
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
    try {
      connection.close();
    } catch (SQLException gone) {
      log.warn("the hold on the database was lost before it was let go", gone);
    }
  }
}

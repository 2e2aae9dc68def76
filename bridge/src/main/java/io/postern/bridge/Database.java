package io.postern.bridge;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.postern.config.StoreSettings;
import java.sql.SQLException;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;

/** The one database of the daemon, as a pool of connections. */
final class Database {
  private static final int CONNECTIONS = 24;

  /** H2's code of a database whose file another process holds. */
  private static final int IN_USE = 90020;

  /**
   * H2 as we need it: the SQL of PostgreSQL, each commit in the file before it is answered (until
   * {@link DatabaseFile} sees to that), no closing behind our back when the process ends, and no
   * results kept for a query that is asked again, since nearly each commit makes them void.
   */
  private static final String H2_OPTIONS =
      ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE"
          + ";QUERY_CACHE_SIZE=256;OPTIMIZE_REUSE_RESULTS=FALSE";

  private Database() {}

  static HikariDataSource open(StoreSettings settings) throws BridgeException {
    var config = new HikariConfig();
    config.setJdbcUrl(settings.url() + H2_OPTIONS);
    config.setUsername("sa");
    config.setPassword("");
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(2);
    config.setPoolName("postern");
    try {
      return new HikariDataSource(config);
    } catch (PoolInitializationException failed) {
      throw new BridgeException(
          "store.url: the database " + settings.url() + " cannot be opened: " + reason(failed),
          failed);
    }
  }

  /** Keeps what is bound to statements, subjects among it, out of the messages of failures. */
  static void keepValuesOutOfMessages(Jdbi jdbi) {
    jdbi.getConfig(StatementExceptions.class).setMessageRendering(MessageRendering.NONE);
  }

  private static String reason(Exception failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getErrorCode() == IN_USE) {
        return "another postern, or another program, has it open; end it first";
      }
    }
    return failed.getMessage();
  }
}

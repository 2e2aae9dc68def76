package io.postern.bridge;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.postern.config.StoreSettings;
import io.postern.xmtp.store.Lease;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;

/**
 * The one database of the daemon, as a pool of connections: a file of H2, or one of a PostgreSQL
 * server. Whoever has it open is the only one that works for its inboxes. docs/adr/0012, 0023.
 */
final class Database implements AutoCloseable {
  private static final int CONNECTIONS = 24;

  /** H2's code of a database whose file another process holds. */
  private static final int IN_USE = 90020;

  /**
   * H2 as we need it: the SQL of PostgreSQL, no closing behind our back when the process ends, and
   * no results kept for a query that is asked again, since nearly each commit makes them void.
   * Statements are kept, as many as the daemon makes all the time: for each of a connection H2
   * asks, whenever a transaction changes a table, whether it reads that table. What stands here is
   * set once more by each connection that the pool opens, for all of them: nothing that {@link
   * DatabaseFile} decides may.
   */
  private static final String H2_OPTIONS =
      ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DB_CLOSE_ON_EXIT=FALSE"
          + ";QUERY_CACHE_SIZE=96;OPTIMIZE_REUSE_RESULTS=FALSE";

  /** Each commit is in the file before it is answered, until {@link DatabaseFile} sees to that. */
  private static final String SAVED_AT_ONCE = "SET WRITE_DELAY 0";

  private final HikariDataSource pool;
  private final Optional<PostgresHold> hold;

  private Database(HikariDataSource pool, Optional<PostgresHold> hold) {
    this.pool = pool;
    this.hold = hold;
  }

  /**
   * Opens it; nobody else can then.
   *
   * @throws BridgeException if it cannot be opened, somebody has it open, or it is no longer the
   *     one in use; says what to do
   */
  static Database open(StoreSettings settings) throws BridgeException {
    return requireUnmarked(openMarked(settings), settings);
  }

  /**
   * The same for whoever has the hold already.
   *
   * @param hold closed with the database, and if this fails
   */
  static Database held(PostgresServerLogin server, PostgresHold hold) throws BridgeException {
    return requireUnmarked(pooled(server, hold), server.settings());
  }

  private static Database requireUnmarked(Database database, StoreSettings settings)
      throws BridgeException {
    try (var connection = database.source().getConnection()) {
      StoreMark.requireNone(connection, settings.url());
      return database;
    } catch (BridgeException | RuntimeException | Error refused) {
      database.close();
      throw refused;
    } catch (SQLException failed) {
      database.close();
      throw new BridgeException(
          "store.url: the database " + settings.url() + " cannot be read: " + failed.getMessage(),
          failed);
    }
  }

  /** The same, for a move: whatever the database is in it. */
  static Database openMarked(StoreSettings settings) throws BridgeException {
    return settings instanceof StoreSettings.PostgreSql postgres
        ? postgres(postgres)
        : new Database(h2(settings), Optional.empty());
  }

  private static Database postgres(StoreSettings.PostgreSql settings) throws BridgeException {
    var server = PostgresServerLogin.of(settings);
    return pooled(server, PostgresHold.take(server));
  }

  private static Database pooled(PostgresServerLogin server, PostgresHold hold)
      throws BridgeException {
    try {
      return new Database(pool(server.pool(hold), server.settings()), Optional.of(hold));
    } catch (BridgeException | RuntimeException | Error failed) {
      hold.close();
      throw failed;
    }
  }

  private static HikariDataSource h2(StoreSettings settings) throws BridgeException {
    var config = new HikariConfig();
    config.setJdbcUrl(settings.url() + H2_OPTIONS);
    config.setUsername("sa");
    config.setPassword("");
    config.setMaximumPoolSize(CONNECTIONS);
    var source = pool(config, settings);
    try (var connection = source.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(SAVED_AT_ONCE);
      return source;
    } catch (SQLException failed) {
      source.close();
      throw new BridgeException(
          "store.url: the database " + settings.url() + " cannot be opened: " + reason(failed),
          failed);
    }
  }

  private static HikariDataSource pool(HikariConfig config, StoreSettings settings)
      throws BridgeException {
    config.setMinimumIdle(2);
    return connected(config, settings);
  }

  /** A pool that is connected. */
  static HikariDataSource connected(HikariConfig config, StoreSettings settings)
      throws BridgeException {
    config.setPoolName("postern");
    try {
      return new HikariDataSource(config);
    } catch (PoolInitializationException failed) {
      throw new BridgeException(
          "store.url: the database " + settings.url() + " cannot be opened: " + reason(failed),
          failed);
    }
  }

  DataSource source() {
    return pool;
  }

  /**
   * From now on all transactions of this database are made as it needs them.
   *
   * @return the file that wants to be looked after, if there is one
   */
  Optional<DatabaseFile> govern(Jdbi jdbi) throws SQLException {
    if (hold.isPresent()) {
      jdbi.setTransactionHandler(new PostgresTransactions(hold.get().proof()));
      return Optional.empty();
    }
    return Optional.of(DatabaseFile.of(pool, jdbi));
  }

  /** For which inboxes its holder works. */
  Lease lease() {
    return hold.map(PostgresHold::lease).orElse(Lease.ALL);
  }

  /** Others may work for the other inboxes; until then the whole database is ours. */
  void letOthersIn() throws SQLException {
    if (hold.isPresent()) {
      hold.get().letOthersIn();
    }
  }

  /** As {@link PostgresHold#isToBeDealtAnew}. */
  boolean isToBeDealtAnew(boolean mayGive) {
    return hold.isPresent() && hold.get().isToBeDealtAnew(mayGive);
  }

  /** What tells this opening of a shared database from all others; empty where it is not shared. */
  OptionalLong life() {
    return hold.isPresent() ? OptionalLong.of(hold.get().proof()) : OptionalLong.empty();
  }

  /**
   * Whether somebody else may open the database although we have not closed it. No transaction can
   * be made then.
   */
  boolean isLost() {
    return hold.isPresent() && hold.get().isLost();
  }

  /** Whoever still asks a database that is lost fails at once, and does not wait for another. */
  void abandonIfLost() {
    if (isLost()) {
      pool.close();
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

  /** The connections first: whoever waits for the database to be free opens it at once. */
  @Override
  public void close() {
    pool.close();
    hold.ifPresent(PostgresHold::close);
  }
}

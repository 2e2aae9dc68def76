package io.postern.bridge;

import com.zaxxer.hikari.HikariConfig;
import io.postern.config.StoreSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * How a PostgreSQL is reached: its address, the login, and what the driver has to know.
 *
 * @param password never shown
 */
record PostgresServerLogin(StoreSettings.PostgreSql settings, String password) {
  /** What the connections call themselves by which the tables are changed, and a number. */
  static final String CARRYING = "postern";

  /** And the others. */
  static final String BESIDE = "postern beside";

  private static final int LOOKING_MILLIS = 5_000;

  /** No statement takes as long. */
  private static final int LONGEST_STATEMENT_SECONDS = 120;

  private static final int LONGEST_LOOK_SECONDS = 10;

  /** A client waits for the answer to its mail, and brings it to another server sooner. */
  private static final int LONGEST_TAKING_SECONDS = 30;

  private static final int IDLE_MILLIS = 60_000;
  private static final int CARRYING_MILLIS = 15_000;

  private static final int MAX_PASSWORD_FILE = 4_096;

  /** What the SQL of the stores takes, and what the makers of PostgreSQL still look after. */
  private static final int OLDEST = 130_000;

  private static final String NO_LOGIN = "28";
  private static final String NO_DATABASE = "3D000";
  private static final String TOO_MANY = "53300";
  private static final String NO_CONNECTION = "08";

  /** Reads the file of the password. */
  static PostgresServerLogin of(StoreSettings.PostgreSql settings) throws BridgeException {
    var file = settings.passwordFile();
    return new PostgresServerLogin(settings, file.isPresent() ? password(file.get()) : "");
  }

  private static String password(Path file) throws BridgeException {
    try {
      var octets = PrivateFile.read(file, "store.passwordFile", MAX_PASSWORD_FILE);
      var text = new String(octets, StandardCharsets.UTF_8).replaceFirst("\\R\\z", "");
      if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
        throw new BridgeException(
            "store.passwordFile " + file + " must hold the password on its only line");
      }
      return text;
    } catch (IOException unreadable) {
      throw new BridgeException(
          "store.passwordFile " + file + " cannot be read: " + Words.of(unreadable), unreadable);
    }
  }

  /**
   * For the pool of connections of whoever has the hold: of these no other's outlives it.
   *
   * @see PostgresHold
   */
  HikariConfig pool(PostgresHold hold) {
    // Its name comes with the fence.
    var config = pool(BESIDE, LONGEST_STATEMENT_SECONDS);
    config.setMaximumPoolSize(settings.connections());
    config.setConnectionInitSql(hold.fence());
    // Whoever has lost the hold gets none any more, and is to notice.
    config.setConnectionTimeout(CARRYING_MILLIS);
    return config;
  }

  /**
   * For whoever stands by and takes mail. Whoever gets the hold leaves these connections alone, so
   * the server ends one that stands still within a transaction: it keeps rows and tables from
   * others.
   */
  HikariConfig taking() {
    var config = pool(BESIDE, LONGEST_TAKING_SECONDS);
    config.setMaximumPoolSize(settings.connections());
    config.setMinimumIdle(0);
    config.setIdleTimeout(IDLE_MILLIS);
    config.setConnectionTimeout(LOOKING_MILLIS);
    // The address may ask for another name, and the next carrier would end it.
    config.setConnectionInitSql(
        "select set_config('application_name', '"
            + BESIDE
            + "', false), set_config('idle_in_transaction_session_timeout', '15s', false),"
            + " set_config('tcp_user_timeout', '20000', false)");
    return config;
  }

  /** For two connections of whoever has not, and only looks. */
  HikariConfig looking() {
    var config = pool(BESIDE, LONGEST_LOOK_SECONDS);
    config.setMaximumPoolSize(2);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(LOOKING_MILLIS);
    config.setReadOnly(true);
    return config;
  }

  private HikariConfig pool(String applicationName, int silenceSeconds) {
    var config = new HikariConfig();
    config.setJdbcUrl(settings.url());
    options(applicationName, silenceSeconds)
        .forEach((name, value) -> config.addDataSourceProperty((String) name, value));
    // The server may be set to another one.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    return config;
  }

  /**
   * One connection, beside the pool.
   *
   * @throws BridgeException if the server, the login or the database is not what it should be; says
   *     what to do
   */
  Connection connect() throws BridgeException {
    try {
      var connection =
          DriverManager.getConnection(settings.url(), options(BESIDE, LONGEST_LOOK_SECONDS));
      try {
        check(connection);
        return connection;
      } catch (SQLException | BridgeException unfit) {
        connection.close();
        throw unfit;
      }
    } catch (SQLException failed) {
      throw new BridgeException(
          "store.url: the database " + settings.url() + " cannot be opened: " + reason(failed),
          failed);
    }
  }

  /**
   * @param silenceSeconds a server that says nothing for so long is taken for gone
   */
  private Properties options(String applicationName, int silenceSeconds) {
    var options = new Properties();
    options.setProperty("user", settings.user());
    options.setProperty("password", password);
    options.setProperty("ApplicationName", applicationName);
    options.setProperty("tcpKeepAlive", "true");
    options.setProperty("connectTimeout", "10");
    options.setProperty("socketTimeout", Integer.toString(silenceSeconds));
    // The details name the values of keys, addresses among them.
    options.setProperty("logServerErrorDetail", "false");
    return options;
  }

  private void check(Connection connection) throws SQLException, BridgeException {
    try (var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select current_setting('server_version_num')::int,"
                    + " current_setting('server_encoding'),"
                    + " coalesce(has_schema_privilege(current_schema(), 'create'), false),"
                    + " pg_is_in_recovery()")) {
      row.next();
      if (row.getInt(1) < OLDEST) {
        throw new BridgeException(
            "store.url: "
                + settings.url()
                + " is a PostgreSQL older than version 13; take a newer server");
      }
      if (!row.getString(2).equals("UTF8")) {
        throw new BridgeException(
            "store.url: "
                + settings.url()
                + " keeps text in "
                + row.getString(2)
                + "; make a database with: createdb --encoding=UTF8 --template=template0");
      }
      if (row.getBoolean(4)) {
        throw new BridgeException(
            "store.url: "
                + settings.url()
                + " is a replica; name the primary, or add targetServerType=primary");
      }
      if (!row.getBoolean(3)) {
        throw new BridgeException(
            "store.user: "
                + settings.user()
                + " may not make tables in "
                + settings.url()
                + "; as its owner say: grant create on schema public to "
                + settings.user());
      }
    }
  }

  private String reason(SQLException failed) {
    var state = failed.getSQLState() == null ? "" : failed.getSQLState();
    if (state.startsWith(NO_LOGIN)) {
      return "the server refuses the login of "
          + settings.user()
          + "; look at store.user, store.passwordFile and the server's pg_hba.conf";
    }
    if (state.equals(NO_DATABASE)) {
      return "the server has no such database; make it with: createdb --owner="
          + settings.user()
          + " --encoding=UTF8 --template=template0 NAME";
    }
    if (state.equals(TOO_MANY)) {
      return "the server has no connection left; raise its max_connections, or lower"
          + " store.connections";
    }
    if (state.startsWith(NO_CONNECTION)) {
      return "the server cannot be reached: " + failed.getMessage();
    }
    return failed.getMessage();
  }

  @Override
  public String toString() {
    return "PostgresServerLogin[" + settings.url() + "]";
  }
}

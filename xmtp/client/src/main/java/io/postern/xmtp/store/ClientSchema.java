package io.postern.xmtp.store;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * Brings the client's tables to the version that this code expects. H2 commits each statement of a
 * migration by itself, so each can be run again where a start was killed in the middle.
 */
public final class ClientSchema {
  private ClientSchema() {}

  /** Applies what is missing; the history stands in {@code client_schema_history}. */
  public static void migrate(DataSource database) {
    putInOrder(database);
    var flyway =
        Flyway.configure(ClientSchema.class.getClassLoader())
            .dataSource(database)
            .table("client_schema_history")
            .locations("classpath:io/postern/xmtp/store/migration")
            .baselineOnMigrate(true)
            .baselineVersion("0")
            .load();
    flyway.repair();
    flyway.migrate();
  }

  private static void putInOrder(DataSource database) {
    try (var connection = database.getConnection()) {
      if (connection.getMetaData().getDatabaseProductName().equals("H2")) {
        H2Leftovers.putInOrder(connection);
      }
    } catch (SQLException failed) {
      throw new FlywayException("the tables cannot be looked at", failed);
    }
  }
}

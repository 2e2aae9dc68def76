package io.postern.mapping;

import io.postern.xmtp.store.Migrations;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * The tables of this module: their migrations, and their own history beside those of the other
 * modules of the same database.
 */
public final class MappingSchema {
  private static final String HISTORY = "mapping_schema_history";
  private static final String MIGRATIONS = "io/postern/mapping/migration";

  private MappingSchema() {}

  /**
   * Brings the tables up to date, and sees to it that a commit outlives the process. Safe to repeat
   * and to run in several processes at once.
   *
   * @throws org.flywaydb.core.api.FlywayException if a newer program has changed the tables
   * @throws SQLException if the database cannot be asked what it is
   */
  public static void migrate(DataSource database) throws SQLException {
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      if (connection.getMetaData().getDatabaseProductName().equals("H2")) {
        // H2 writes a commit up to half a second later: a killed process would have lost what it
        // had promised. This setting stays with the database, for every module that uses it.
        statement.execute("set write_delay 0");
      }
    }
    Migrations.run(database, MappingSchema.class.getClassLoader(), HISTORY, MIGRATIONS);
  }

  /** What {@link Migrations#lacking} says of them. */
  public static int lacking(DataSource database) {
    return Migrations.lacking(database, MappingSchema.class.getClassLoader(), HISTORY, MIGRATIONS);
  }
}

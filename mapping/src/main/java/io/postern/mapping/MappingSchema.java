package io.postern.mapping;

import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/**
 * The tables of this module: their migrations, and their own Flyway history beside those of the
 * other modules of the same database.
 */
public final class MappingSchema {
  private static final String HISTORY = "mapping_schema_history";
  private static final String MIGRATIONS = "classpath:io/postern/mapping/migration";

  private MappingSchema() {}

  /**
   * Brings the tables up to date, and sees to it that a commit outlives the process. Safe to repeat
   * and to run in several processes at once.
   *
   * @throws org.flywaydb.core.api.FlywayException if the database is newer than this program or a
   *     migration was changed after it ran
   * @throws SQLException if the database cannot be asked what it is
   */
  public static void migrate(DataSource database) throws SQLException {
    boolean onPostgreSql;
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      onPostgreSql = connection.getMetaData().getDatabaseProductName().equals("PostgreSQL");
      if (!onPostgreSql) {
        // H2 writes a commit up to half a second later: a killed process would have lost what it
        // had promised. This setting stays with the database, for every module that uses it.
        statement.execute("set write_delay 0");
      }
    }
    Flyway.configure(MappingSchema.class.getClassLoader())
        .dataSource(database)
        .table(HISTORY)
        .locations(MIGRATIONS)
        // The one type that has no common name: octets without a small limit.
        .placeholders(Map.of("octets", onPostgreSql ? "bytea" : "binary large object"))
        // The other modules' tables may stand there first: begin below version 1 all the same.
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .load()
        .migrate();
  }
}

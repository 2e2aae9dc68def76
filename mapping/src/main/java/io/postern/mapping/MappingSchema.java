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
   * Brings the tables up to date. Safe to repeat and to run in several processes at once.
   *
   * @throws org.flywaydb.core.api.FlywayException if the database is newer than this program or a
   *     migration was changed after it ran
   * @throws SQLException if the database cannot be asked what it is
   */
  public static void migrate(DataSource database) throws SQLException {
    Flyway.configure(MappingSchema.class.getClassLoader())
        .dataSource(database)
        .table(HISTORY)
        .locations(MIGRATIONS)
        .placeholders(Map.of("octets", octetsType(database)))
        // The other modules' tables may stand there first: begin below version 1 all the same.
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .load()
        .migrate();
  }

  /** The one type that has no common name: octets without a small limit. */
  private static String octetsType(DataSource database) throws SQLException {
    try (var connection = database.getConnection()) {
      var product = connection.getMetaData().getDatabaseProductName();
      return product.equals("PostgreSQL") ? "bytea" : "blob";
    }
  }
}

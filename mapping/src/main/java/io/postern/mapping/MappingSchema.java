package io.postern.mapping;

import io.postern.xmtp.store.Migrations;
import javax.sql.DataSource;

/**
 * The tables of this module: their migrations, and their own history beside those of the other
 * modules of the same database.
 */
public final class MappingSchema {
  private static final String HISTORY = "mapping_schema_history";
  private static final String MIGRATIONS = "io/postern/mapping/migration";

  private MappingSchema() {}

  /** What {@link Migrations#run} does with them. */
  public static boolean migrate(DataSource database) {
    return Migrations.run(database, MappingSchema.class.getClassLoader(), HISTORY, MIGRATIONS);
  }

  /** What {@link Migrations#lacking} says of them. */
  public static int lacking(DataSource database) {
    return Migrations.lacking(database, MappingSchema.class.getClassLoader(), HISTORY, MIGRATIONS);
  }
}

package io.postern.xmtp.store;

import javax.sql.DataSource;

/** Brings the client's tables to the version that this code expects. */
public final class ClientSchema {
  private static final String HISTORY = "client_schema_history";
  private static final String MIGRATIONS = "io/postern/xmtp/store/migration";

  private ClientSchema() {}

  /** What {@link Migrations#run} does with them. */
  public static boolean migrate(DataSource database) {
    return Migrations.run(database, ClientSchema.class.getClassLoader(), HISTORY, MIGRATIONS);
  }

  /** What {@link Migrations#lacking} says of them. */
  public static int lacking(DataSource database) {
    return Migrations.lacking(database, ClientSchema.class.getClassLoader(), HISTORY, MIGRATIONS);
  }
}

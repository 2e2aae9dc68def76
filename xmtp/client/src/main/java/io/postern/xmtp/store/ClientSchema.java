package io.postern.xmtp.store;

import javax.sql.DataSource;

/** Brings the client's tables to the version that this code expects. */
public final class ClientSchema {
  private ClientSchema() {}

  /** Applies what is missing; the history stands in {@code client_schema_history}. */
  public static void migrate(DataSource database) {
    Migrations.run(
        database,
        ClientSchema.class.getClassLoader(),
        "client_schema_history",
        "io/postern/xmtp/store/migration");
  }
}

package io.postern.xmtp.store;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Brings the client's tables to the version that this code expects. */
public final class ClientSchema {
  private ClientSchema() {}

  /** Applies what is missing; the history stands in {@code client_schema_history}. */
  public static void migrate(DataSource database) {
    Flyway.configure(ClientSchema.class.getClassLoader())
        .dataSource(database)
        .table("client_schema_history")
        .locations("classpath:io/postern/xmtp/store/migration")
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .load()
        .migrate();
  }
}

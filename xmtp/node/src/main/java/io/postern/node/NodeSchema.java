package io.postern.node;

import io.postern.xmtp.store.Migrations;
import org.h2.jdbcx.JdbcDataSource;

/** Brings the node's tables to the version that this code expects. */
final class NodeSchema {
  private NodeSchema() {}

  /** What {@link Migrations#run} does with them. */
  static boolean migrate(JdbcDataSource database) {
    return Migrations.run(
        database,
        NodeSchema.class.getClassLoader(),
        "flyway_schema_history",
        "io/postern/node/migration");
  }
}

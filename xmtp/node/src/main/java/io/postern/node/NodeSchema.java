package io.postern.node;

import io.postern.xmtp.store.H2Leftovers;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;

/**
 * Brings the node's tables to the version that this code expects. H2 commits each statement of a
 * migration by itself, so a start that was killed may have left a part of one: what is left over is
 * put in order, then the migration is done again from its beginning.
 */
final class NodeSchema {
  private NodeSchema() {}

  static void migrate(JdbcConnectionPool pool) throws SQLException {
    try (var connection = pool.getConnection()) {
      H2Leftovers.putInOrder(connection);
    }
    var flyway =
        Flyway.configure(NodeSchema.class.getClassLoader())
            .dataSource(pool)
            .locations("classpath:io/postern/node/migration")
            .load();
    flyway.repair();
    flyway.migrate();
  }
}

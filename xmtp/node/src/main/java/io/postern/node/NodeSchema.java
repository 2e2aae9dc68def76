package io.postern.node;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;

/**
 * Brings the node's tables to the version that this code expects. H2 commits each statement of a
 * migration by itself, so a start that was killed may have left a part of one: what is left over is
 * put in order, then the migration is done again from its beginning.
 */
final class NodeSchema {
  /** What H2 calls the table that it fills while it changes another, then puts in its place. */
  private static final Pattern COPY = Pattern.compile("([A-Z_]+)_COPY_[0-9]+_[0-9]+");

  private NodeSchema() {}

  static void migrate(JdbcConnectionPool pool) throws SQLException {
    try (var connection = pool.getConnection();
        var statement = connection.createStatement()) {
      for (var table : tables(statement)) {
        var copy = COPY.matcher(table);
        if (copy.matches()) {
          putInOrder(statement, table, copy.group(1));
        }
      }
    }
    var flyway =
        Flyway.configure(NodeSchema.class.getClassLoader())
            .dataSource(pool)
            .locations("classpath:io/postern/node/migration")
            .load();
    flyway.repair();
    flyway.migrate();
  }

  /** The original is dropped when its copy is whole, and not before: where it is, all is in it. */
  private static void putInOrder(Statement statement, String copy, String original)
      throws SQLException {
    statement.execute(
        tables(statement).contains(original)
            ? "DROP TABLE " + copy
            : "ALTER TABLE " + copy + " RENAME TO " + original);
  }

  private static List<String> tables(Statement statement) throws SQLException {
    var names = new ArrayList<String>();
    try (var rows =
        statement.executeQuery(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'PUBLIC'")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }
}

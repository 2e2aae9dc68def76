package io.postern.bridge;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The tables of a database, as it tells them itself. */
final class Tables {
  private Tables() {}

  /** All of ours, by name. */
  static Set<String> of(Connection connection) throws SQLException {
    var names = new TreeSet<String>();
    try (var rows =
        connection
            .getMetaData()
            .getTables(connection.getCatalog(), connection.getSchema(), "%", null)) {
      while (rows.next()) {
        if (rows.getString("TABLE_TYPE").endsWith("TABLE")) {
          names.add(rows.getString("TABLE_NAME"));
        }
      }
    }
    return names;
  }

  /** Those whose rows are what a store holds, each after the ones that it refers to. */
  static List<String> inOrder(Connection connection) throws SQLException {
    var waiting = of(connection);
    waiting.removeIf(name -> name.endsWith("_schema_history") || name.equals("store_mark"));
    var ordered = new LinkedHashSet<String>();
    while (!waiting.isEmpty()) {
      var ready = new ArrayList<String>();
      for (var table : waiting) {
        var parents = parents(connection, table);
        parents.remove(table);
        if (ordered.containsAll(parents)) {
          ready.add(table);
        }
      }
      if (ready.isEmpty()) {
        throw new IllegalStateException("the tables " + waiting + " refer to each other in a ring");
      }
      ordered.addAll(ready);
      ready.forEach(waiting::remove);
    }
    return List.copyOf(ordered);
  }

  /**
   * Lets a connection hand out the rows of large tables one after the other, or no more so. H2
   * collects a whole result first, tens of thousands of rows of it in memory; PostgreSQL's driver
   * does as it should where a fetch size is set.
   */
  static void rowAfterRow(Connection connection, boolean on) throws SQLException {
    if (connection.getMetaData().getDatabaseProductName().equals("H2")) {
      try (var statement = connection.createStatement()) {
        statement.execute("set lazy_query_execution " + (on ? 1 : 0));
      }
    }
  }

  private static Set<String> parents(Connection connection, String table) throws SQLException {
    var parents = new TreeSet<String>();
    try (var rows =
        connection
            .getMetaData()
            .getImportedKeys(connection.getCatalog(), connection.getSchema(), table)) {
      while (rows.next()) {
        parents.add(rows.getString("PKTABLE_NAME"));
      }
    }
    return parents;
  }
}

package io.postern.xmtp.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What H2 leaves of a change of a table that was killed: it fills a copy, drops the original, and
 * gives the copy its name, each by itself. Nothing else has such names.
 */
final class H2Leftovers {
  private static final Pattern COPY =
      Pattern.compile("([a-z_]+)_COPY_[0-9]+_[0-9]+", Pattern.CASE_INSENSITIVE);

  private H2Leftovers() {}

  /** The original is dropped when its copy is whole, and not before: where it is, all is in it. */
  static void putInOrder(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      for (var table : tables(statement)) {
        var copy = COPY.matcher(table);
        if (copy.matches()) {
          statement.execute(
              tables(statement).contains(copy.group(1))
                  ? "drop table \"" + table + "\" cascade"
                  : "alter table \"" + table + "\" rename to \"" + copy.group(1) + "\"");
        }
      }
    }
  }

  private static List<String> tables(Statement statement) throws SQLException {
    var names = new ArrayList<String>();
    try (var rows =
        statement.executeQuery(
            "select table_name from information_schema.tables"
                + " where table_schema = current_schema()")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }
}

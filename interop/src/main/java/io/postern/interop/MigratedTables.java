package io.postern.interop;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;

/**
 * A database as the daemon has it, on which the tables of a module are brought to any version, and
 * left as by a start that was killed.
 */
public final class MigratedTables implements AutoCloseable {
  private final ModuleMigrations migrations;
  private final JdbcConnectionPool pool;

  /**
   * @param folder where it lies if this is a test on H2
   * @param name of its file
   */
  public MigratedTables(ModuleMigrations migrations, Path folder, String name) {
    this.migrations = migrations;
    var url = "jdbc:h2:file:" + folder.resolve(name);
    pool =
        EachDatabase.isPostgres()
            ? JdbcConnectionPool.create(PostgresServer.require().newDatabase().pooled())
            : JdbcConnectionPool.create(url + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE", "sa", "");
  }

  public DataSource source() {
    return pool;
  }

  public void migrateTo(int version) {
    migrations.runTo(pool, version);
  }

  /**
   * Makes the first steps of a migration by themselves. H2 commits each, and a start that is killed
   * leaves them; PostgreSQL leaves none, and could bear it if it did.
   */
  public void begin(String file, int steps) throws SQLException {
    for (var step : migrations.statements(file).subList(0, steps)) {
      execute(step);
    }
  }

  public void execute(String sql) throws SQLException {
    try (var connection = pool.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of what is asked for. */
  public List<String> strings(String sql) throws SQLException {
    try (var connection = pool.getConnection();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      var strings = new ArrayList<String>();
      while (rows.next()) {
        strings.add(rows.getString(1));
      }
      return strings;
    }
  }

  /** Each column with its type, and each index. */
  public List<String> shape() throws SQLException {
    var columns =
        "select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable"
            + " from information_schema.columns where table_schema = current_schema()"
            + " and table_name <> '%s' order by 1";
    var indexes =
        EachDatabase.isPostgres()
            ? "select indexdef from pg_indexes where schemaname = current_schema()"
                + " and tablename <> '%s' order by 1"
            : "select table_name || '.' || column_name || ' at ' || ordinal_position"
                + " from information_schema.index_columns where table_schema = current_schema()"
                + " and table_name <> '%s' order by 1";
    var lines = new ArrayList<>(strings(columns.formatted(migrations.history())));
    lines.addAll(strings(indexes.formatted(migrations.history())));
    return lines;
  }

  @Override
  public void close() {
    pool.dispose();
  }
}

package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.postern.interop.EachDatabase;
import io.postern.interop.OnEachDatabase;
import io.postern.interop.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Starts that were killed while they changed the client's tables. */
@OnEachDatabase
class ClientSchemaTest {
  private static final String FOLDER = "io/postern/xmtp/store/migration/";
  private static final String HISTORY = "client_schema_history";

  @TempDir Path folder;

  static List<String> migrations() {
    var known =
        Flyway.configure(ClientSchema.class.getClassLoader())
            .dataSource("jdbc:h2:mem:none", "sa", "")
            .locations("classpath:" + FOLDER)
            .load()
            .info()
            .all();
    return Arrays.stream(known).map(MigrationInfo::getScript).toList();
  }

  private static List<String> statements(String migration) throws Exception {
    try (var file = ClientSchema.class.getClassLoader().getResourceAsStream(FOLDER + migration)) {
      var sql = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return List.of(sql.replaceAll("(?m)^ *--.*$", "").strip().split(";"));
    }
  }

  /**
   * H2 commits each statement by itself: a killed start leaves the first ones of a migration.
   * PostgreSQL leaves none of them, and could bear it if it did.
   */
  @ParameterizedTest
  @MethodSource("migrations")
  void goesOnWhereAStartWasKilled(String migration) throws Exception {
    var statements = statements(migration);
    int version = Integer.parseInt(migration.substring(1, migration.indexOf("__")));
    List<String> whole;
    try (var database = new Tables("whole")) {
      database.migrate();
      whole = database.shape();
    }

    for (int done = 1; done <= statements.size(); done++) {
      try (var database = new Tables("killed" + done)) {
        database.migrateTo(Math.min(1, version - 1));
        database.fill(version);
        database.migrateTo(version - 1);
        var begun = statements.subList(0, done);
        database.jdbi.useHandle(handle -> begun.forEach(handle::execute));

        database.migrate();

        assertThat(database.shape()).as("after %s statements", done).isEqualTo(whole);
        database.assertFilled(version);
        assertThat(ClientSchema.migrate(database.pool)).as("nothing is left to do").isFalse();
      }
    }
  }

  /** H2 changes a table by a copy; between its two steps there is only that. */
  @Test
  void takesTheCopyOfATableWhoseChangeWasKilled() throws Exception {
    assumeFalse(EachDatabase.isPostgres(), "H2 alone does this");
    try (var database = new Tables("copied")) {
      database.migrateTo(1);
      database.fill(2);
      database.migrateTo(4);
      database.jdbi.useHandle(
          handle -> handle.execute("alter table mls_group rename to mls_group_copy_3_17"));

      database.migrate();

      database.assertFilled(2);
    }
  }

  /** A database as the daemon has it. */
  private final class Tables implements AutoCloseable {
    private final JdbcConnectionPool pool;
    private final Jdbi jdbi;

    Tables(String name) {
      var url = "jdbc:h2:file:" + folder.resolve(name);
      pool =
          EachDatabase.isPostgres()
              ? JdbcConnectionPool.create(PostgresServer.require().newDatabase().pooled())
              : JdbcConnectionPool.create(
                  url + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE", "sa", "");
      jdbi = Jdbi.create(pool);
    }

    void migrate() {
      ClientSchema.migrate(pool);
    }

    void migrateTo(int version) {
      if (version > 0) {
        Flyway.configure(ClientSchema.class.getClassLoader())
            .dataSource(pool)
            .table(HISTORY)
            .locations("classpath:" + FOLDER)
            .target(Integer.toString(version))
            .load()
            .migrate();
      }
    }

    /** Puts a group and a seed there, in the tables of version 1, if there can be any. */
    void fill(int before) {
      if (before > 1) {
        jdbi.useHandle(
            handle -> {
              handle.execute(
                  "insert into mls_group (installation_id, group_id, kind, added_by, membership,"
                      + " active, created_ns, last_message_ns, rotated_at_ns, checked_at_ns,"
                      + " expire_in_ns, maybe_forked, epoch, epoch_sealed, ratchet_sealed)"
                      + " values (?, ?, 2, 'x', 1, true, 1, 1, 1, 1, 0, false, 4, ?, ?)",
                  new byte[] {1},
                  new byte[] {2},
                  new byte[] {3, 3, 3},
                  new byte[] {4, 4});
              handle.execute(
                  "insert into message (installation_id, message_id, group_id, sequence_id,"
                      + " sent_at_ns, sender_inbox_id, sender_installation, kind, status, pending,"
                      + " content) values (?, ?, ?, 1, 1, 'x', ?, 0, 1, false, ?)",
                  new byte[] {1},
                  new byte[] {7},
                  new byte[] {2},
                  new byte[] {8},
                  new byte[] {9});
            });
      }
    }

    void assertFilled(int before) {
      if (before > 1) {
        assertThat(parts("mls_epoch")).containsExactly(new byte[] {3, 3, 3});
        assertThat(parts("mls_ratchet")).containsExactly(new byte[] {4, 4});
        assertThat(strings("select epoch || ' ' || version from mls_group")).containsExactly("4 1");
        assertThat(strings("select sender_inbox_id from message")).containsExactly("x");
      }
    }

    private List<byte[]> parts(String table) {
      return jdbi.withHandle(
          handle ->
              handle
                  .createQuery("select sealed from " + table)
                  .map((row, context) -> row.getBytes(1))
                  .list());
    }

    /** Each column with its type, and each index. */
    List<String> shape() {
      var columns =
          "select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable"
              + " from information_schema.columns where table_schema = current_schema()"
              + " and table_name <> '"
              + HISTORY
              + "' order by 1";
      var indexes =
          EachDatabase.isPostgres()
              ? "select indexdef from pg_indexes where schemaname = current_schema()"
                  + " and tablename <> '"
                  + HISTORY
                  + "' order by 1"
              : "select table_name || '.' || column_name || ' at ' || ordinal_position"
                  + " from information_schema.index_columns where table_schema = current_schema()"
                  + " and table_name <> '"
                  + HISTORY
                  + "' order by 1";
      return jdbi.withHandle(
          handle -> {
            var lines = new ArrayList<>(strings(handle, columns));
            lines.addAll(strings(handle, indexes));
            return lines;
          });
    }

    private List<String> strings(String sql) {
      return jdbi.withHandle(handle -> strings(handle, sql));
    }

    private static List<String> strings(Handle handle, String sql) {
      return handle.createQuery(sql).mapTo(String.class).list();
    }

    @Override
    public void close() {
      pool.dispose();
    }
  }
}

package io.postern.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MappingSchemaTest {
  private static final String FOLDER = "io/postern/mapping/migration/";

  @TempDir Path folder;

  @Test
  void migratesBesideTheTablesOfOtherModulesAndOnlyOnce() throws Exception {
    try (var database = new Tables("shared")) {
      database.jdbi.useHandle(
          handle -> {
            handle.execute("create table client_schema_history (version varchar primary key)");
            handle.execute("create table message (id bigint primary key)");
          });

      database.migrate();
      var once = database.versions();
      database.migrate();

      assertThat(once).startsWith("1");
      assertThat(database.versions()).isEqualTo(once);
    }
  }

  /** H2 commits each statement by itself: a killed start leaves the first ones of a migration. */
  @ParameterizedTest
  @MethodSource("migrations")
  void goesOnWhereAStartWasKilled(String migration) throws Exception {
    var statements = statements(migration);
    var version = Integer.parseInt(migration.substring(1, migration.indexOf("__")));
    List<String> whole;
    try (var database = new Tables("whole")) {
      database.migrate();
      whole = database.shape();
    }

    for (int done = 1; done <= statements.size(); done++) {
      try (var database = new Tables("killed" + done)) {
        database.migrateTo(version - 1);
        var begun = statements.subList(0, done);
        database.jdbi.useHandle(handle -> begun.forEach(handle::execute));

        database.migrate();

        assertThat(database.shape()).as("after %s statements", done).isEqualTo(whole);
      }
    }
  }

  @Test
  void takesTheCopyOfATableWhoseChangeWasKilled() throws Exception {
    try (var database = new Tables("copied")) {
      database.migrateTo(12);
      database.jdbi.useHandle(
          handle -> handle.execute("alter table invitation rename to invitation_copy_3_17"));

      database.migrate();

      assertThat(database.shape()).anyMatch(line -> line.startsWith("invitation."));
    }
  }

  @Test
  void ofAMailThatWasAskedForTwiceTheFirstQuestionStands() throws Exception {
    try (var database = new Tables("asked")) {
      database.migrateTo(21);
      database.jdbi.useHandle(
          handle -> {
            for (var row : List.of("b', 'm1', 2", "a', 'm2', 1", "a', 'm3', 1", "c', 'm4', 1")) {
              var spool = row.startsWith("c") ? "other" : "spool";
              handle.execute(
                  "insert into asked_mail select '"
                      + row.replaceFirst(", \\d$", "")
                      + ", 'g', 'dm', 'peer', '"
                      + spool
                      + "', timestamp with time zone '2026-11-30 00:00:0"
                      + row.charAt(row.length() - 1)
                      + "+00'");
            }
          });

      database.migrate();

      assertThat(database.strings("select message_id from asked_mail order by 1"))
          .containsExactly("m2", "m4");
    }
  }

  @Test
  void anOlderProgramLeavesTheTablesOfANewerOneAlone() throws Exception {
    try (var database = new Tables("newer")) {
      database.migrate();
      database.jdbi.useHandle(
          handle ->
              handle.execute(
                  "insert into \"mapping_schema_history\" values (1000, '999', 'later', 'SQL',"
                      + " 'V999__later.sql', 1, 'sa', current_timestamp, 1, true)"));
      var before = database.versions();

      assertThatThrownBy(database::migrate)
          .isInstanceOf(FlywayException.class)
          .hasMessageContaining("version 999");

      assertThat(database.versions()).isEqualTo(before).contains("999");
    }
  }

  static List<String> migrations() {
    var known =
        Flyway.configure(MappingSchema.class.getClassLoader())
            .dataSource("jdbc:h2:mem:none", "sa", "")
            .locations("classpath:" + FOLDER)
            .load()
            .info()
            .all();
    return Arrays.stream(known).map(MigrationInfo::getScript).toList();
  }

  private static List<String> statements(String migration) throws Exception {
    try (var file = MappingSchema.class.getClassLoader().getResourceAsStream(FOLDER + migration)) {
      var sql = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.stream(sql.replaceAll("(?m)^ *--.*$", "").strip().split(";"))
          .map(each -> each.replace("${octets}", "binary large object"))
          .toList();
    }
  }

  /** A database as the daemon has it. */
  private final class Tables implements AutoCloseable {
    private final JdbcConnectionPool pool;
    private final Jdbi jdbi;

    Tables(String name) {
      var url = "jdbc:h2:file:" + folder.resolve(name);
      pool = JdbcConnectionPool.create(url + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE", "sa", "");
      jdbi = Jdbi.create(pool);
    }

    void migrate() throws Exception {
      MappingSchema.migrate(pool);
    }

    void migrateTo(int version) {
      if (version > 0) {
        Flyway.configure(MappingSchema.class.getClassLoader())
            .dataSource(pool)
            .table("mapping_schema_history")
            .locations("classpath:" + FOLDER)
            .placeholders(Map.of("octets", "binary large object"))
            .target(version + "?") // The newest of those below it.
            .load()
            .migrate();
      }
    }

    List<String> versions() {
      return strings(
          "select \"version\" from \"mapping_schema_history\" where \"type\" = 'SQL'"
              + " order by \"installed_rank\"");
    }

    /** Each column with its type, and each index. */
    List<String> shape() {
      var columns =
          "select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable"
              + " from information_schema.columns where table_schema = current_schema()"
              + " and table_name <> 'mapping_schema_history' order by 1";
      var indexes =
          "select table_name || '.' || column_name || ' at ' || ordinal_position"
              + " from information_schema.index_columns where table_schema = current_schema()"
              + " and table_name <> 'mapping_schema_history' order by 1";
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

package io.postern.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.interop.MigratedTables;
import io.postern.interop.ModuleMigrations;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MappingSchemaTest {
  private static final ModuleMigrations MIGRATIONS =
      new ModuleMigrations(
          MappingSchema.class,
          "io/postern/mapping/migration",
          "mapping_schema_history",
          Map.of("octets", "binary large object"));

  @TempDir Path folder;

  static List<String> migrations() {
    return MIGRATIONS.files();
  }

  private MigratedTables tables(String name) {
    return new MigratedTables(MIGRATIONS, folder, name);
  }

  private static List<String> versions(MigratedTables database) throws Exception {
    return database.strings(
        "select \"version\" from \"mapping_schema_history\" where \"type\" = 'SQL'"
            + " order by \"installed_rank\"");
  }

  @Test
  void migratesBesideTheTablesOfOtherModulesAndOnlyOnce() throws Exception {
    try (var database = tables("shared")) {
      database.execute("create table client_schema_history (version varchar primary key)");
      database.execute("create table message (id bigint primary key)");

      MappingSchema.migrate(database.source());
      var once = versions(database);
      MappingSchema.migrate(database.source());

      assertThat(once).startsWith("1");
      assertThat(versions(database)).isEqualTo(once);
    }
  }

  /** H2 commits each statement by itself: a killed start leaves the first ones of a migration. */
  @ParameterizedTest
  @MethodSource("migrations")
  void goesOnWhereAStartWasKilled(String migration) throws Exception {
    int version = ModuleMigrations.version(migration);
    List<String> whole;
    try (var database = tables("whole")) {
      MappingSchema.migrate(database.source());
      whole = database.shape();
    }

    for (int done = 1; done <= MIGRATIONS.statements(migration).size(); done++) {
      try (var database = tables("killed" + done)) {
        database.migrateTo(version - 1);
        database.begin(migration, done);

        MappingSchema.migrate(database.source());

        assertThat(database.shape()).as("after %s statements", done).isEqualTo(whole);
      }
    }
  }

  @Test
  void takesTheCopyOfATableWhoseChangeWasKilled() throws Exception {
    try (var database = tables("copied")) {
      database.migrateTo(12);
      database.execute("alter table invitation rename to invitation_copy_3_17");

      MappingSchema.migrate(database.source());

      assertThat(database.shape()).anyMatch(line -> line.startsWith("invitation."));
    }
  }

  @Test
  void ofAMailThatWasAskedForTwiceTheFirstQuestionStands() throws Exception {
    try (var database = tables("asked")) {
      database.migrateTo(21);
      for (var row : List.of("b', 'm1', 2", "a', 'm2', 1", "a', 'm3', 1", "c', 'm4', 1")) {
        var spool = row.startsWith("c") ? "other" : "spool";
        database.execute(
            "insert into asked_mail select '"
                + row.replaceFirst(", \\d$", "")
                + ", 'g', 'dm', 'peer', '"
                + spool
                + "', timestamp with time zone '2026-11-30 00:00:0"
                + row.charAt(row.length() - 1)
                + "+00'");
      }

      MappingSchema.migrate(database.source());

      assertThat(database.strings("select message_id from asked_mail order by 1"))
          .containsExactly("m2", "m4");
    }
  }

  @Test
  void anOlderProgramLeavesTheTablesOfANewerOneAlone() throws Exception {
    try (var database = tables("newer")) {
      MappingSchema.migrate(database.source());
      database.execute(
          "insert into \"mapping_schema_history\" values (1000, '999', 'later', 'SQL',"
              + " 'V999__later.sql', 1, 'sa', current_timestamp, 1, true)");
      var before = versions(database);

      assertThatThrownBy(() -> MappingSchema.migrate(database.source()))
          .isInstanceOf(FlywayException.class)
          .hasMessageContaining("version 999");

      assertThat(versions(database)).isEqualTo(before).contains("999");
    }
  }
}

package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.flywaydb.core.api.FlywayException;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starts on tables of several pasts; the migrations stand in a folder of the test. */
class MigrationsTest {
  @TempDir Path folder;
  private JdbcConnectionPool database;

  @BeforeEach
  void open() throws Exception {
    Files.createDirectories(folder.resolve("steps"));
    database =
        JdbcConnectionPool.create(
            "jdbc:h2:file:"
                + folder.resolve("tables").toAbsolutePath()
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE",
            "sa",
            "");
    step(1);
    step(3);
    run();
  }

  @AfterEach
  void close() {
    database.dispose();
  }

  private void step(int number) throws IOException {
    Files.writeString(
        folder.resolve("steps/V" + number + "__step.sql"),
        "create table if not exists step_" + number + " (id integer);\n");
  }

  private boolean run() throws IOException {
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      return Migrations.run(database, loader, "history", "steps");
    }
  }

  private int lacking() throws IOException {
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      return Migrations.lacking(database, loader, "history", "steps");
    }
  }

  /** What is said without Flyway. */
  private boolean areApplied() throws Exception {
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        var connection = database.getConnection()) {
      return MigrationFiles.in(loader, "steps").orElseThrow().areApplied(connection, "history");
    }
  }

  private void sql(String statement) throws Exception {
    try (var connection = database.getConnection();
        var run = connection.createStatement()) {
      run.execute(statement);
    }
  }

  @Test
  void appliesWhatIsNew() throws Exception {
    step(4);
    assertThat(lacking()).isOne();

    run();

    assertThat(lacking()).isZero();
  }

  /** Its statements would be missing for good, and nobody would know. */
  @Test
  void refusesAMigrationWhoseTurnWasMissed() throws Exception {
    step(2);

    assertThatThrownBy(this::run).isInstanceOf(FlywayException.class).hasMessageContaining("2");
  }

  @Test
  void knowsThatAllHasBeenApplied() throws Exception {
    assertThat(areApplied()).isTrue();

    step(4);
    assertThat(areApplied()).isFalse();

    assertThat(run()).isTrue();
    assertThat(areApplied()).isTrue();
    assertThat(run()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update \"history\" set \"checksum\" = 1 where \"version\" = '3'",
        "update \"history\" set \"success\" = false where \"version\" = '3'",
        "update \"history\" set \"type\" = 'DELETE' where \"version\" = '3'",
        "delete from \"history\" where \"version\" = '1'",
        "update \"history\" set \"version\" = '2' where \"version\" = '3'",
        "drop table \"history\"",
      })
  void leavesWhatIsOtherwiseToFlyway(String change) throws Exception {
    sql(change);

    assertThat(areApplied()).isFalse();
  }

  @Test
  void leavesTablesOfTheFutureToFlyway() throws Exception {
    Files.delete(folder.resolve("steps/V3__step.sql"));

    assertThat(areApplied()).isFalse();
    assertThatThrownBy(this::run)
        .isInstanceOf(FlywayException.class)
        .hasMessageContaining("a newer program");
  }

  /** So the program has them; and so are all of ours, else each start would take longer. */
  @Test
  void readsThemFromALibraryToo() throws Exception {
    var jar = folder.resolve("steps.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("steps/"));
      for (var name : List.of("V1__step.sql", "V3__step.sql")) {
        out.putNextEntry(new JarEntry("steps/" + name));
        Files.copy(folder.resolve("steps").resolve(name), out);
      }
      out.putNextEntry(new JarEntry("other/V9__step.sql"));
    }

    try (var loader = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        var connection = database.getConnection()) {
      var files = MigrationFiles.in(loader, "steps").orElseThrow();
      assertThat(files.areApplied(connection, "history")).isTrue();
    }
  }

  @Test
  void leavesFilesOfAnotherKindToFlyway() throws Exception {
    Files.writeString(folder.resolve("steps/R__again.sql"), "select 1;\n");

    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      assertThat(MigrationFiles.in(loader, "steps")).isEmpty();
      assertThat(MigrationFiles.in(loader, "nowhere")).isEmpty();
    }
  }
}

package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.flywaydb.core.api.FlywayException;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  private void run() throws IOException {
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Migrations.run(database, loader, "history", "steps");
    }
  }

  private int lacking() throws IOException {
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      return Migrations.lacking(database, loader, "history", "steps");
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
}

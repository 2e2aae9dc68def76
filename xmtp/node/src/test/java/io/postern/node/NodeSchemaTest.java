package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeSchemaTest {
  private static final ByteString GROUP = MlsOctets.groupId(1);
  private static final ByteString PHONE = MlsOctets.installationKey(1);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 5, 7, 8})
  void goesOnWhereAStartWasKilled(int statements) throws Exception {
    atVersion1(
        handle -> {
          secondMigration().subList(0, statements).forEach(handle::execute);
          handle.execute("CREATE TABLE group_log_copy_3_17 AS SELECT * FROM group_log");
        });

    assertIsWhole();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 6, 16})
  void goesOnWhereTheFirstStartWasKilled(int statements) throws Exception {
    var pool = pool();
    try {
      Jdbi.create(pool)
          .useHandle(
              handle -> migration("V1__logs.sql").subList(0, statements).forEach(handle::execute));
    } finally {
      pool.dispose();
    }

    try (var database = NodeDatabase.open(folder, Clock.systemUTC())) {
      assertThat(strings(database, "SELECT count(*) FROM journal")).containsExactly("1");
    }
  }

  @Test
  void goesOnWhereAStartFailed() throws Exception {
    atVersion1(
        handle -> {
          handle.execute(secondMigration().get(1));
          handle.execute(
              "INSERT INTO \"flyway_schema_history\" VALUES"
                  + " (2, '2', 'once', 'SQL', 'V2__once.sql', 1, 'SA', CURRENT_TIMESTAMP, 1, FALSE)");
        });

    assertIsWhole();
  }

  @Test
  void takesTheCopyWhereTheOriginalIsGoneAlready() throws Exception {
    atVersion1(handle -> handle.execute("ALTER TABLE group_log RENAME TO group_log_copy_3_17"));

    assertIsWhole();
  }

  @Test
  void onlyTheFirstStartHasAnythingToDo() {
    var connections = new Connections("jdbc:h2:file:" + folder.toAbsolutePath().resolve("node"));

    assertThat(NodeSchema.migrate(connections.source())).isTrue();
    assertThat(NodeSchema.migrate(connections.source())).isFalse();
  }

  private JdbcConnectionPool pool() {
    return JdbcConnectionPool.create(
        "jdbc:h2:file:" + folder.toAbsolutePath().resolve("node"), "sa", "");
  }

  private static List<String> secondMigration() throws Exception {
    return migration("V2__once.sql");
  }

  private static List<String> migration(String name) throws Exception {
    try (var file = NodeSchema.class.getResourceAsStream("migration/" + name)) {
      var sql = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.stream(sql.replaceAll("(?m)^--.*$", "").strip().split(";")).toList();
    }
  }

  private interface Work {
    void on(Handle handle) throws Exception;
  }

  /** A folder with a message and a key package of the first version, and what is done to it. */
  private void atVersion1(Work work) throws Exception {
    var pool = pool();
    try {
      Flyway.configure(NodeSchema.class.getClassLoader())
          .dataSource(pool)
          .locations("classpath:io/postern/node/migration")
          .target("1")
          .load()
          .migrate();
      Jdbi.create(pool)
          .useHandle(
              handle -> {
                handle.execute(
                    "INSERT INTO group_log VALUES (1, ?, ?, 1, FALSE, ?)",
                    GROUP.toByteArray(),
                    Arrival.digest(GROUP, ByteString.copyFromUtf8("a")).toByteArray(),
                    new byte[0]);
                handle.execute(
                    "INSERT INTO key_package VALUES (?, ?)", PHONE.toByteArray(), new byte[1]);
                work.on(handle);
              });
    } finally {
      pool.dispose();
    }
  }

  private void assertIsWhole() throws Exception {
    for (var start = 0; start < 2; start++) {
      try (var database = NodeDatabase.open(folder, Clock.systemUTC())) {
        var groups =
            new EnvelopeLog<>("group", Change.GROUP_ENTRY, GroupMessage.parser(), database);
        groups.append(List.of(arrival("a"), arrival("b"))).join();

        assertThat(groups.query(GROUP, true, 0, 100).entries())
            .extracting(LogEntry::id)
            .containsExactly(1L, 2L);
        assertThat(strings(database, "SELECT first_put_ns > 0 FROM key_package"))
            .containsExactly("TRUE");
        assertThat(strings(database, "SELECT table_name FROM information_schema.tables"))
            .noneMatch(name -> name.contains("_COPY_"));
      }
    }
  }

  private static List<String> strings(NodeDatabase database, String sql) {
    return database.jdbi().withHandle(handle -> handle.createQuery(sql).mapTo(String.class).list());
  }

  private static Arrival<GroupMessage> arrival(String text) {
    return new Arrival<>(
        GROUP,
        Optional.of(Arrival.digest(GROUP, ByteString.copyFromUtf8(text))),
        false,
        10,
        (id, createdNs) -> GroupMessage.getDefaultInstance());
  }
}

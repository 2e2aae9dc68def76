package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.postern.interop.EachDatabase;
import io.postern.interop.MigratedTables;
import io.postern.interop.ModuleMigrations;
import io.postern.interop.OnEachDatabase;
import java.nio.file.Path;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Starts that were killed while they changed the client's tables. */
@OnEachDatabase
class ClientSchemaTest {
  static final ModuleMigrations MIGRATIONS =
      new ModuleMigrations(
          ClientSchema.class, "io/postern/xmtp/store/migration", "client_schema_history");

  @TempDir Path folder;

  static List<String> migrations() {
    return MIGRATIONS.files();
  }

  private MigratedTables tables(String name) {
    return new MigratedTables(MIGRATIONS, folder, name);
  }

  /**
   * H2 commits each statement by itself: a killed start leaves the first ones of a migration.
   * PostgreSQL leaves none of them, and could bear it if it did.
   */
  @ParameterizedTest
  @MethodSource("migrations")
  void goesOnWhereAStartWasKilled(String migration) throws Exception {
    int version = ModuleMigrations.version(migration);
    List<String> whole;
    try (var database = tables("whole")) {
      ClientSchema.migrate(database.source());
      whole = database.shape();
    }

    for (int done = 1; done <= MIGRATIONS.statements(migration).size(); done++) {
      try (var database = tables("killed" + done)) {
        database.migrateTo(Math.min(1, version - 1));
        fill(database, version);
        database.migrateTo(version - 1);
        database.begin(migration, done);

        ClientSchema.migrate(database.source());

        assertThat(database.shape()).as("after %s statements", done).isEqualTo(whole);
        assertFilled(database, version);
        assertThat(ClientSchema.migrate(database.source())).as("nothing is left to do").isFalse();
      }
    }
  }

  /** H2 changes a table by a copy; between its two steps there is only that. */
  @Test
  void takesTheCopyOfATableWhoseChangeWasKilled() throws Exception {
    assumeFalse(EachDatabase.isPostgres(), "H2 alone does this");
    try (var database = tables("copied")) {
      database.migrateTo(1);
      fill(database, 2);
      database.migrateTo(4);
      database.execute("alter table mls_group rename to mls_group_copy_3_17");

      ClientSchema.migrate(database.source());

      assertFilled(database, 2);
    }
  }

  /** Puts a group and a seed there, in the tables of version 1, if there can be any. */
  private static void fill(MigratedTables database, int before) {
    if (before > 1) {
      Jdbi.create(database.source())
          .useHandle(
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

  private static void assertFilled(MigratedTables database, int before) throws Exception {
    if (before > 1) {
      assertThat(parts(database, "mls_epoch")).containsExactly(new byte[] {3, 3, 3});
      assertThat(parts(database, "mls_ratchet")).containsExactly(new byte[] {4, 4});
      assertThat(database.strings("select epoch || ' ' || version from mls_group"))
          .containsExactly("4 1");
      assertThat(database.strings("select sender_inbox_id from message")).containsExactly("x");
    }
  }

  private static List<byte[]> parts(MigratedTables database, String table) {
    return Jdbi.create(database.source())
        .withHandle(
            handle ->
                handle
                    .createQuery("select sealed from " + table)
                    .map((row, context) -> row.getBytes(1))
                    .list());
  }
}

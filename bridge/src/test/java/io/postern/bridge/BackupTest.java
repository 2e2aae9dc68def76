package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.config.Config;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Vault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.h2.jdbc.JdbcResultSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
  private static final Instant NOW = Instant.parse("2026-11-30T03:00:00Z");
  private static final byte[] ENTROPY = new byte[32];

  @TempDir Path folder;
  private OpenedStore from;
  private OpenedStore to;

  @BeforeEach
  void open() throws Exception {
    from = OpenedStore.open(config("from"), NOW);
    to = OpenedStore.open(config("to"), NOW);
    from.client().jdbi().useHandle(handle -> from.client().seeds().insert(handle, ENTROPY));
  }

  private Config config(String name) throws Exception {
    var data = folder.resolve(name);
    java.nio.file.Files.createDirectories(data);
    return new TestConfig(data).get();
  }

  @AfterEach
  void close() {
    from.close();
    to.close();
  }

  private byte[] backup() throws Exception {
    var out = new ByteArrayOutputStream();
    new Backup(from.database().source(), from.client(), from.vault()).write(out, NOW);
    return out.toByteArray();
  }

  private static Restore.Summary restore(OpenedStore store, byte[] file) throws Exception {
    var in = new DataInputStream(new ByteArrayInputStream(file));
    var header = BackupHeader.read(in);
    var restore = new Restore(store.client());
    restore.begin();
    return restore.run(in, header, header.openByWords(ENTROPY));
  }

  /** A row of some value in each column: the same in all tables, so that what refers finds. */
  private static void fill(Handle handle, String table) {
    var columns =
        handle
            .createQuery(
                "select column_name, data_type from information_schema.columns"
                    + " where table_schema = 'public' and table_name = ?"
                    + " order by ordinal_position")
            .bind(0, table)
            .mapToMap()
            .list();
    var names = new ArrayList<String>();
    var values = new ArrayList<String>();
    for (var column : columns) {
      names.add((String) column.get("column_name"));
      values.add(value(((String) column.get("data_type")).toLowerCase(java.util.Locale.ROOT)));
    }
    handle.execute(
        "insert into "
            + table
            + " ("
            + String.join(", ", names)
            + ") values ("
            + String.join(", ", values)
            + ")");
  }

  private static String value(String type) {
    if (type.startsWith("character")) {
      return "'Ünï 7'";
    }
    if (type.startsWith("binary") || type.equals("bytea")) {
      return "x'" + "a7".repeat(32) + "'";
    }
    if (type.startsWith("timestamp")) {
      return "timestamp with time zone '2026-01-02 03:04:05.678901+02:00'";
    }
    return switch (type) {
      case "boolean" -> "true";
      case "date" -> "date '2026-01-02'";
      default -> "7";
    };
  }

  private static List<Map<String, Object>> rows(Jdbi jdbi, String table) {
    return jdbi.withHandle(
        handle ->
            handle.createQuery("select * from " + table).mapToMap().list().stream()
                .map(BackupTest::comparable)
                .toList());
  }

  private static Map<String, Object> comparable(Map<String, Object> row) {
    row.replaceAll((name, value) -> comparable(value));
    row.remove("pending");
    return row;
  }

  private static Object comparable(Object value) {
    if (value instanceof OffsetDateTime time) {
      return time.toInstant(); // The moment counts, not the zone in which it was written.
    }
    return value instanceof byte[] octets ? Arrays.toString(octets) : value;
  }

  private static TreeSet<String> tables(Jdbi jdbi) {
    List<String> names =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select table_name from information_schema.tables"
                            + " where table_schema = 'public'")
                    .mapTo(String.class)
                    .list());
    return new TreeSet<>(names);
  }

  @Test
  void whoeverAddsATableSaysWhetherABackupHoldsIt() {
    var known = new TreeSet<>(BackupTables.LEFT_OUT);
    BackupTables.KEPT.forEach(table -> known.add(table.name()));

    var all = tables(from.client().jdbi());
    all.removeIf(table -> table.endsWith("schema_history"));

    assertThat(known).containsAll(all);
  }

  @Test
  void bringsBackEveryRowThatItHolds() throws Exception {
    for (var table : BackupTables.KEPT) {
      from.client().jdbi().useHandle(handle -> fill(handle, table.name()));
    }

    var summary = restore(to, backup());

    assertThat(summary).isEqualTo(new Restore.Summary(NOW, 1, 1));
    for (var table : BackupTables.KEPT) {
      assertThat(rows(to.client().jdbi(), table.name()))
          .as(table.name())
          .hasSize(1)
          .isEqualTo(rows(from.client().jdbi(), table.name()));
    }
    assertThat(to.client().jdbi().withHandle(to.client().seeds()::entropy)).contains(ENTROPY);
  }

  @Test
  void anInboxComesBackWithoutItsKeysAndNothingElseOfAnInstallationComes() throws Exception {
    for (var table : ofInstallations()) {
      from.client().jdbi().useHandle(handle -> ignoringReferences(handle, table));
    }

    restore(to, backup());

    for (var table : ofInstallations()) {
      assertThat(rows(to.client().jdbi(), table)).as(table).isEmpty();
    }
    assertThat(rows(to.client().jdbi(), "lost_inbox"))
        .singleElement()
        .satisfies(row -> assertThat(row).containsEntry("wallet_index", 7L));
  }

  /** What is left out, but for the seed and the keys, which are another's here anyway. */
  private TreeSet<String> ofInstallations() {
    var tables = tables(from.client().jdbi());
    tables.retainAll(BackupTables.LEFT_OUT);
    tables.removeAll(List.of("vault", "vault_key", "wallet_seed"));
    return tables;
  }

  private static void ignoringReferences(Handle handle, String table) {
    handle.execute("set referential_integrity false");
    fill(handle, table);
    handle.execute("set referential_integrity true");
  }

  @Test
  void numbersGoOnBehindThoseOfTheBackup() throws Exception {
    from.client().jdbi().useHandle(handle -> fill(handle, "journey"));
    from.client().jdbi().useHandle(handle -> fill(handle, "journey_step"));
    restore(to, backup());

    to.client()
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "insert into journey_step (journey_id, happened_at, place, words)"
                        + " select journey_id, happened_at, place, words from journey_step"));

    assertThat(rows(to.client().jdbi(), "journey_step"))
        .extracting(row -> row.get("step_id"))
        .containsExactly(7L, 8L);
  }

  @Test
  void opensWithTheVaultsKeyAndWithTheWordsAndWithNothingElse() throws Exception {
    var header = BackupHeader.read(new DataInputStream(new ByteArrayInputStream(backup())));
    var master = VaultFile.key((io.postern.config.VaultSettings.KeyFile) config("from").vault());
    var others = new byte[32];
    others[0] = 1;

    assertThat(header.openByMaster(master)).isEqualTo(header.openByWords(ENTROPY));
    assertThatThrownBy(() -> header.openByWords(others)).isInstanceOf(Vault.VaultException.class);
    assertThatThrownBy(
            () -> header.openByMaster(Secret.random(Vault.KEY_LENGTH, new SecureRandom())))
        .isInstanceOf(Vault.VaultException.class);
  }

  @Test
  void theFileShowsNothingOfWhatIsInIt() throws Exception {
    from.client().jdbi().useHandle(handle -> fill(handle, "suppression"));

    var file = new String(backup(), java.nio.charset.StandardCharsets.ISO_8859_1);

    assertThat(file).startsWith("POSTERN BACKUP 1\n").doesNotContain("suppression", "lost_inbox");
  }

  @Test
  void refusesWhatIsCutOrChangedAndTakesAWholeOneAfterwards() throws Exception {
    for (var table : BackupTables.KEPT) {
      from.client().jdbi().useHandle(handle -> fill(handle, table.name()));
    }
    var file = backup();

    for (int length = 0; length < file.length; length += 61) {
      refuses(Arrays.copyOf(file, length));
    }
    refuses(Arrays.copyOf(file, file.length - 1));
    refuses(Arrays.copyOf(file, file.length + 1));
    for (int at = 0; at < file.length; at += 67) {
      var changed = file.clone();
      changed[at] ^= 1;
      refuses(changed);
    }

    assertThat(rows(to.client().jdbi(), "binding")).isEmpty();
    assertThat(restore(to, file).inboxes()).isEqualTo(1);
  }

  private void refuses(byte[] file) {
    assertThatThrownBy(() -> restore(to, file))
        .isInstanceOfAny(
            BridgeException.class,
            BackupException.class,
            java.io.IOException.class,
            Vault.VaultException.class);
  }

  @Test
  void aRestoreThatDidNotEndKeepsTheDaemonAwayAndIsMadeAgain() throws Exception {
    from.client().jdbi().useHandle(handle -> fill(handle, "binding"));
    var file = backup();
    new Restore(to.client()).begin();
    to.client().jdbi().useHandle(handle -> fill(handle, "journey"));
    to.close();

    assertThatThrownBy(() -> OpenedStore.open(config("to"), NOW))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("postern vault restore");
    to = OpenedStore.openForRestore(config("to"), NOW);
    restore(to, file);

    assertThat(rows(to.client().jdbi(), "binding")).hasSize(1);
    assertThat(rows(to.client().jdbi(), "journey")).isEmpty();
    to.close();
    to = OpenedStore.open(config("to"), NOW);
  }

  @Test
  void goesIntoAnEmptyStoreOnly() throws Exception {
    to.client().jdbi().useHandle(handle -> fill(handle, "suppression"));
    var file = backup();

    assertThatThrownBy(() -> restore(to, file))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("not empty")
        .hasMessageContaining("suppression");
    assertThat(rows(to.client().jdbi(), "suppression")).hasSize(1);
    to.close();
    to = OpenedStore.open(config("to"), NOW);
  }

  @Test
  void largeRowsOfH2AreReadOneAfterTheOther() throws Exception {
    message(1, new byte[1]);

    try (var connection = from.database().source().getConnection()) {
      Tables.rowAfterRow(connection, true);
      for (var table : BackupTables.KEPT) {
        assertThat(isLazy(connection, table.query())).as(table.query()).isTrue();
      }
      Tables.rowAfterRow(connection, false);
      assertThat(isLazy(connection, "select * from message")).isFalse();
    }
  }

  private static boolean isLazy(Connection connection, String query) throws Exception {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      return rows.unwrap(JdbcResultSet.class).getResult().isLazy();
    }
  }

  @Test
  void holdsOneMoment() throws Exception {
    for (int i = 0; i < 4; i++) {
      message(i, new byte[BackupOutput.PART]);
    }
    var out = new ByteArrayOutputStream();
    var once = new boolean[1];
    var hook =
        new OutputStream() {
          @Override
          public void write(int octet) {
            write(new byte[] {(byte) octet}, 0, 1);
          }

          @Override
          public void write(byte[] octets, int offset, int length) {
            out.write(octets, offset, length);
            if (!once[0] && out.size() > BackupOutput.PART) {
              once[0] = true;
              message(9, new byte[1]);
              from.client().jdbi().useHandle(handle -> fill(handle, "binding"));
            }
          }
        };

    new Backup(from.database().source(), from.client(), from.vault()).write(hook, NOW);

    assertThat(once[0]).isTrue();
    assertThat(restore(to, out.toByteArray()).messages()).isEqualTo(4);
    assertThat(rows(to.client().jdbi(), "binding")).isEmpty();
  }

  private void message(int id, byte[] content) {
    from.client()
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "insert into message (installation_id, message_id, group_id, sequence_id,"
                        + " sent_at_ns, sender_inbox_id, sender_installation, kind, status,"
                        + " pending, content) values (?, ?, ?, 1, 1, 'x', ?, 0, 0, true, ?)",
                    new byte[] {1},
                    new byte[] {(byte) id},
                    new byte[] {3},
                    new byte[] {4},
                    content));
  }

  @Test
  void withoutASeedThereIsNothingToBringBack() {
    var empty = new Backup(to.database().source(), to.client(), to.vault());

    assertThat(empty.hasSeed()).isFalse();
    assertThatThrownBy(() -> empty.write(OutputStream.nullOutputStream(), NOW))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("postern vault create");
  }

  @Test
  void whatWasUnderWayIsNotSentAgain() throws Exception {
    message(1, new byte[1]);

    restore(to, backup());

    var row =
        to.client()
            .jdbi()
            .withHandle(
                handle ->
                    handle.createQuery("select status, pending from message").mapToMap().one());
    assertThat(((Number) row.get("status")).intValue()).isEqualTo(2);
    assertThat(Optional.of(row.get("pending"))).contains(false);
  }
}

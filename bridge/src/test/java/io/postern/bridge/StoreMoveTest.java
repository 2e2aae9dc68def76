package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.config.StoreSettings;
import io.postern.interop.PostgresServer;
import io.postern.mapping.MappingSchema;
import io.postern.xmtp.store.ClientSchema;
import io.postern.xmtp.store.StoredText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in one database goes to another whole, and only one of the two is ever in use. */
@Timeout(240)
class StoreMoveTest {
  private static final int MANY = 2_500;

  @TempDir Path folder;
  private final StringWriter told = new StringWriter();

  /** From which kind to which. */
  static List<List<String>> ways() {
    return List.of(
        List.of("H2", "PostgreSQL"), List.of("PostgreSQL", "H2"), List.of("H2", "other H2"));
  }

  private StoreSettings store(String kind) throws Exception {
    if (!kind.equals("PostgreSQL")) {
      return new StoreSettings.H2File("jdbc:h2:file:" + folder.resolve(kind).toAbsolutePath());
    }
    var database = PostgresServer.require().newDatabase();
    var password = Files.writeString(folder.resolve("password"), database.password());
    return new StoreSettings.PostgreSql(database.url(), database.user(), Optional.of(password), 4);
  }

  private void move(StoreSettings from, StoreSettings to) throws Exception {
    move(from, to, step -> {});
  }

  private void move(StoreSettings from, StoreSettings to, StoreMove.Watch watch) throws Exception {
    new StoreMove(from, to, new PrintWriter(told, true), Clock.systemUTC(), watch).run();
  }

  /** As if the process had been killed there. */
  private void moveAsFarAs(String last, StoreSettings from, StoreSettings to) {
    assertThatThrownBy(
            () ->
                move(
                    from,
                    to,
                    step -> {
                      if (step.equals(last)) {
                        throw new SQLException("killed");
                      }
                    }))
        .hasMessage("killed");
  }

  /** A value of each kind, and more rows than go in one batch. */
  private static void fill(StoreSettings store) throws Exception {
    try (var database = Database.open(store)) {
      MappingSchema.migrate(database.source());
      ClientSchema.migrate(database.source());
      var jdbi = StoredText.jdbi(database.source());
      jdbi.useTransaction(
          handle -> {
            handle.execute(
                "insert into outbox_bundle (installation_id, recipient, conversation,"
                    + " sender_inbox, reverse_path, mail_key, mail_id, octets, state, attempts,"
                    + " next_try_at, last_status, last_words, closed_at, changed_at) values"
                    + " ('i', 'ü@example.org', 'c', 's', 'r', 'k', 'm', ?, 'DEAD', 3,"
                    + " timestamp with time zone '2026-01-02 03:04:05.678901+02:00', '', ?,"
                    + " timestamp with time zone '2026-01-02 03:04:05+00:00',"
                    + " timestamp with time zone '1969-01-02 03:04:05+00:00')",
                octets(3_000_000),
                "'; -- \u0001 𝄞");
            var lines =
                handle.prepareBatch(
                    "insert into outbox_line (installation_id, message_id, recipient,"
                        + " conversation, sender_inbox, sent_at, arrived_at, state, state_reason,"
                        + " changed_at, bundle_id) select 'i', :message, 'r', 'c', 's', closed_at,"
                        + " closed_at, 'DEAD', '', closed_at, bundle_id from outbox_bundle");
            for (int i = 0; i < MANY; i++) {
              lines.bind("message", "%064x".formatted(i)).add();
            }
            lines.execute();
            handle.execute(
                "insert into imap_folder (folder_digest, uid_validity, last_uid, seen_at,"
                    + " since_day) values ('f', 4294967295, 7, timestamp with time zone"
                    + " '2026-01-02 03:04:05+00:00', date '2026-01-02')");
            handle.execute(
                "insert into greylist (entry_key, first_at, last_at, passed) select 'g', seen_at,"
                    + " seen_at, true from imap_folder");
            handle.execute(
                "insert into consent (installation_id, entity_type, entity, state,"
                    + " consented_at_ns) values (?, 2, 'e', 1, -1)",
                octets(32));
          });
    }
  }

  private static byte[] octets(int length) {
    var octets = new byte[length];
    new Random(length).nextBytes(octets);
    return octets;
  }

  private static TableCopy.Content content(StoreSettings store, String table) throws Exception {
    try (var database = Database.openMarked(store);
        var connection = database.source().getConnection()) {
      return new TableCopy(connection, connection).copied(table);
    }
  }

  private static long count(Jdbi jdbi, String table) {
    return jdbi.withHandle(
        handle -> handle.createQuery("select count(*) from " + table).mapTo(Long.class).one());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void allThatIsInOneIsInTheOther(List<String> way) throws Exception {
    var from = store(way.get(0));
    var to = store(way.get(1));
    fill(from);
    var bundles = content(from, "outbox_bundle");

    move(from, to);

    assertThat(told.toString()).contains("outbox_line: " + MANY + " rows").contains("moved");
    assertThat(bundles.rows()).isEqualTo(1);
    assertThat(bundles.sum()).isNotEqualTo(BigInteger.ZERO);
    for (var table : List.of("outbox_bundle", "outbox_line", "imap_folder", "consent")) {
      assertThat(content(to, table)).as(table).isEqualTo(content(from, table));
    }
    try (var database = Database.open(to)) {
      var jdbi = StoredText.jdbi(database.source());
      MappingSchema.migrate(database.source());
      long last =
          jdbi.withHandle(
              h -> h.createQuery("select max(line_id) from outbox_line").mapTo(Long.class).one());
      long next =
          jdbi.inTransaction(
              handle ->
                  handle
                      .createUpdate(
                          "insert into outbox_line (installation_id, message_id, recipient,"
                              + " conversation, sender_inbox, sent_at, arrived_at, state,"
                              + " state_reason, changed_at) select installation_id, 'next',"
                              + " recipient, conversation, sender_inbox, sent_at, arrived_at, state,"
                              + " state_reason, changed_at from outbox_line where line_id = :last")
                      .bind("last", last)
                      .executeAndReturnGeneratedKeys("line_id")
                      .mapTo(Long.class)
                      .one());
      assertThat(next).isEqualTo(last + 1);
      assertThat(count(jdbi, "outbox_bundle")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void theOldOneIsNeverOpenedAgain(List<String> way) throws Exception {
    var from = store(way.get(0));
    var to = store(way.get(1));
    fill(from);
    move(from, to);

    assertThatThrownBy(() -> Database.open(from))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining(from.url() + " has been moved to " + to.url());
    assertThatThrownBy(() -> move(from, store("third"))).hasMessageContaining("has been moved to");
    assertThatThrownBy(() -> StoreMove.undo(from)).hasMessageContaining("has been moved to");
    assertThatThrownBy(() -> move(to, from)).hasMessageContaining("has been moved to");
    Database.open(to).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"moving", "filling", "copied"})
  void whatWasKilledOnTheWayIsRunAgain(String step) throws Exception {
    var from = store("H2");
    var to = store("PostgreSQL");
    fill(from);
    moveAsFarAs(step, from, to);

    assertThatThrownBy(() -> Database.open(from)).hasMessageContaining("--undo");
    if (!step.equals("moving")) {
      assertThatThrownBy(() -> Database.open(to)).hasMessageContaining("does not hold yet all");
    }
    move(from, to);

    assertThat(content(to, "outbox_line")).isEqualTo(content(from, "outbox_line"));
    Database.open(to).close();
    assertThatThrownBy(() -> Database.open(from)).hasMessageContaining("has been moved to");
  }

  @ParameterizedTest
  @ValueSource(strings = {"moving", "filling", "copied"})
  void whatWasKilledOnTheWayIsTakenBack(String step) throws Exception {
    var from = store("PostgreSQL");
    var to = store("H2");
    fill(from);
    moveAsFarAs(step, from, to);

    StoreMove.undo(from);

    Database.open(from).close();
    if (!step.equals("moving")) {
      assertThatThrownBy(() -> Database.open(to)).hasMessageContaining("does not hold yet all");
    }
  }

  @Test
  void whatWasKilledBetweenTheMarksTableAndTheMarkIsRunAgain() throws Exception {
    var from = store("H2");
    var to = store("other");
    fill(from);
    moveAsFarAs("filling", from, to);
    try (var target = Database.openMarked(to);
        var connection = target.source().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("delete from store_mark");
    }

    move(from, to);

    assertThat(content(to, "outbox_line")).isEqualTo(content(from, "outbox_line"));
  }

  @Test
  void killedAtTheVeryEndItCanOnlyBeBroughtToItsEnd() throws Exception {
    var from = store("H2");
    var to = store("PostgreSQL");
    fill(from);
    moveAsFarAs("moved", from, to);

    assertThatThrownBy(() -> StoreMove.undo(from)).hasMessageContaining("has been moved to");
    assertThatThrownBy(() -> Database.open(from)).hasMessageContaining("has been moved to");
    assertThatThrownBy(() -> Database.open(to)).hasMessageContaining("does not hold yet all");
    assertThatThrownBy(() -> move(from, store("third"))).hasMessageContaining("has been moved to");
    move(from, to);

    Database.open(to).close();
    assertThat(content(to, "outbox_line").rows()).isEqualTo(MANY);
  }

  @Test
  void aTargetThatHoldsSomethingIsLeftAlone() throws Exception {
    var from = store("H2");
    var to = store("other");
    fill(from);
    fill(to);

    assertThatThrownBy(() -> move(from, to)).hasMessageContaining("holds tables already");
    assertThatThrownBy(() -> move(from, from)).hasMessageContaining("nothing to move");
    assertThatThrownBy(() -> move(store("absent"), store("third")))
        .hasMessageContaining("holds no tables");

    Database.open(from).close();
    Database.open(to).close();
  }

  @Test
  void whatAnotherPosternHasOpenIsNotMoved() throws Exception {
    var from = store("PostgreSQL");
    var to = store("H2");
    fill(from);

    try (var running = Database.open(from)) {
      assertThat(running.source()).isNotNull();
      assertThatThrownBy(() -> move(from, to)).hasMessageContaining("another postern");
    }

    Database.open(from).close();
  }
}

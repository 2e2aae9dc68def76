package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.postern.config.StoreSettings;
import io.postern.interop.PostgresDatabase;
import io.postern.interop.PostgresServer;
import io.postern.xmtp.store.SavedLater;
import io.postern.xmtp.store.StoredText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A database of a PostgreSQL server, as the daemon opens it. */
@Timeout(120)
class PostgresStoreTest {
  @TempDir Path folder;
  private PostgresDatabase server;

  @BeforeEach
  void makeDatabase() {
    server = PostgresServer.require().newDatabase();
  }

  private StoreSettings settings() throws Exception {
    return settings(server.url(), server.password());
  }

  private StoreSettings settings(String url, String password) throws Exception {
    var file = Files.writeString(folder.resolve("password"), password + "\n");
    return new StoreSettings.PostgreSql(url, server.user(), Optional.of(file), 4);
  }

  private void onServer(String sql) throws Exception {
    try (var connection = server.source().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void cutHolds() throws Exception {
    onServer(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
            + " and database = (select oid from pg_database where datname ="
            + " current_database())");
  }

  /** Opened, with a table of words, each of which is there once. */
  private static Jdbi words(Database database) throws Exception {
    var jdbi = StoredText.jdbi(database.source());
    assertThat(database.govern(jdbi)).isEmpty();
    Database.keepValuesOutOfMessages(jdbi);
    jdbi.useHandle(handle -> handle.execute("create table words (word varchar(40) primary key)"));
    return jdbi;
  }

  private static boolean isNew(Handle handle, String word) {
    return handle
        .createQuery("select 1 from words where word = :word")
        .bind("word", word)
        .mapTo(Integer.class)
        .findOne()
        .isEmpty();
  }

  private static void insert(Handle handle, String word) {
    handle.createUpdate("insert into words values (:word)").bind("word", word).execute();
  }

  private static String setting(Handle handle, String name) {
    return handle
        .createQuery("select current_setting(:name)")
        .bind("name", name)
        .mapTo(String.class)
        .one();
  }

  @Test
  void isOpenToOnePosternAtATime() throws Exception {
    try (var first = Database.open(settings())) {
      assertThat(first.source()).isNotNull();

      assertThatThrownBy(() -> Database.open(settings()))
          .isInstanceOf(BridgeException.class)
          .hasMessageContaining("another postern has the database " + server.url());
    }

    Database.open(settings()).close();
  }

  @Test
  void isFreeAgainWhenTheServerHasLostItsPostern() throws Exception {
    try (var database = Database.open(settings())) {
      var jdbi = words(database);
      assertThat(database.isLost()).isFalse();

      cutHolds();

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> jdbi.useTransaction(handle -> insert(handle, "late")))
                      .hasMessageContaining("the hold on the database is lost"));
      assertThat(database.isLost()).isTrue();
      Database.open(settings()).close();
    }
  }

  /** By reading alone a mail would be sent that another sends as well. */
  @Test
  void whoHasLostTheHoldGetsNoConnection() throws Exception {
    try (var former = Database.open(settings())) {
      cutHolds();
      try (var next = Database.open(settings())) {
        assertThat(next.isLost()).isFalse();
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(
                () ->
                    assertThatThrownBy(() -> ask(former))
                        .isInstanceOf(SQLTransientConnectionException.class));
      }
      former.abandonIfLost();
      assertThatThrownBy(() -> former.source().getConnection()).hasMessageContaining("closed");
    }
  }

  /** By a connection that is used: the pool finds out so that it is dead. */
  private static void ask(Database database) throws SQLException {
    try (var connection = database.source().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("select 1");
    }
  }

  @Test
  void noTransactionBeginsWithoutTheHold() throws Exception {
    try (var database = Database.open(settings())) {
      var jdbi = StoredText.jdbi(database.source());
      jdbi.setTransactionHandler(new PostgresTransactions(4711));

      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> jdbi.useTransaction(handle -> {}))
            .hasMessageContaining("the hold on the database is lost");
      }
    }
  }

  /** As of a machine that stands still in the midst of one: it would commit when it wakes. */
  @Test
  void whatTheOneBeforeHasBegunIsNeverCommitted() throws Exception {
    try (var former = Database.open(settings())) {
      var jdbi = words(former);
      var begun = jdbi.open();
      begun.begin();
      insert(begun, "of yesterday");
      cutHolds();

      try (var next = Database.open(settings())) {
        assertThatThrownBy(begun::commit).isInstanceOf(RuntimeException.class);
        var words = StoredText.jdbi(next.source());
        boolean isNew = words.withHandle(handle -> isNew(handle, "of yesterday"));
        assertThat(isNew).isTrue();
      }
    }
  }

  /** They take mail for whoever carries, whatever name the address asks for. */
  @Test
  void whatOthersHaveBegunWhoStandByIsCommittedWhoeverGetsTheHold() throws Exception {
    var mark = server.url().contains("?") ? "&" : "?";
    var named = settings(server.url() + mark + "ApplicationName=postern", server.password());
    var login = PostgresServerLogin.of((StoreSettings.PostgreSql) named);
    try (var former = Database.open(settings());
        var pool = Database.connected(login.taking(), named)) {
      words(former);
      var jdbi = StoredText.jdbi(pool);
      jdbi.setTransactionHandler(PostgresTransactions.ofAnybody());
      var begun = jdbi.open();
      begun.begin();
      insert(begun, "before");
      cutHolds();

      try (var next = Database.open(settings())) {
        begun.commit();
        begun.close();
        SavedLater.useTransaction(jdbi, handle -> insert(handle, "after"));

        var words = StoredText.jdbi(next.source());
        boolean isMissing =
            words.withHandle(handle -> isNew(handle, "before") || isNew(handle, "after"));
        assertThat(isMissing).isFalse();
      }
    }
  }

  @Test
  void saysWhatIsWrongWithTheLogin() throws Exception {
    assertThatThrownBy(() -> Database.open(settings(server.url(), "hunter2")))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("look at store.user, store.passwordFile")
        .hasMessageNotContaining("hunter2");
    assertThatThrownBy(() -> Database.open(settings(server.url(), "two\nlines")))
        .hasMessageContaining("must hold the password on its only line");
    assertThatThrownBy(() -> Database.open(settings(server.url(), "")))
        .hasMessageContaining("must hold the password on its only line");
    Files.delete(folder.resolve("password"));
    var absent = Optional.of(folder.resolve("password"));
    assertThatThrownBy(
            () ->
                Database.open(new StoreSettings.PostgreSql(server.url(), server.user(), absent, 4)))
        .hasMessageContaining("store.passwordFile")
        .hasMessageContaining("there is no such file");
  }

  @Test
  void saysThatThereIsNoSuchDatabaseOrNoServer() throws Exception {
    assertThatThrownBy(() -> Database.open(settings(server.url() + "x", server.password())))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("make it with: createdb");
    assertThatThrownBy(() -> Database.open(settings("jdbc:postgresql://127.0.0.1:1/x", "p")))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("the server cannot be reached");
  }

  @Test
  void saysThatTheUserMayMakeNoTables() throws Exception {
    onServer("drop schema public cascade");

    assertThatThrownBy(() -> Database.open(settings()))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("grant create on schema public");
  }

  @Test
  void whatCollidesRunsAgainAndFindsWhatTheOtherDid() throws Exception {
    try (var database = Database.open(settings())) {
      var jdbi = words(database);
      var runs = new AtomicInteger();
      var bothHaveLooked = new CyclicBarrier(2);

      Supplier<Boolean> writer =
          () ->
              jdbi.inTransaction(
                  handle -> {
                    boolean isNew = isNew(handle, "shared");
                    if (runs.incrementAndGet() <= 2) {
                      meet(bothHaveLooked);
                    }
                    if (isNew) {
                      insert(handle, "shared");
                    }
                    return isNew;
                  });
      var one = CompletableFuture.supplyAsync(writer);
      var other = CompletableFuture.supplyAsync(writer);

      assertThat(List.of(one.join(), other.join())).containsExactlyInAnyOrder(true, false);
      assertThat(runs).hasValue(3);
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }

  @Test
  void aMistakeThatStaysIsToldAfterSomeRunsWithoutTheValue() throws Exception {
    try (var database = Database.open(settings())) {
      var jdbi = words(database);
      jdbi.useTransaction(handle -> insert(handle, "a private word"));
      var runs = new AtomicInteger();

      assertThatThrownBy(
              () ->
                  jdbi.useTransaction(
                      handle -> {
                        runs.incrementAndGet();
                        insert(handle, "a private word");
                      }))
          .hasMessageNotContaining("private")
          .rootCause()
          .hasMessageNotContaining("private");
      assertThat(runs).hasValue(5);
    }
  }

  @Test
  void whatIsSavedLaterDoesNotWaitForTheDiskAndTheRestDoes() throws Exception {
    try (var database = Database.open(settings())) {
      var jdbi = words(database);

      String later = SavedLater.inTransaction(jdbi, h -> setting(h, "synchronous_commit"));
      String now = jdbi.inTransaction(h -> setting(h, "synchronous_commit"));
      String isolation = jdbi.inTransaction(h -> setting(h, "transaction_isolation"));

      assertThat(later).isEqualTo("off");
      assertThat(now).isEqualTo("on");
      assertThat(isolation).isEqualTo("read committed");
    }
  }
}

package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.config.StoreSettings;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
  @TempDir Path folder;
  private StoreSettings settings;

  @BeforeEach
  void name() {
    settings = new StoreSettings.H2File("jdbc:h2:file:" + folder.toAbsolutePath() + "/postern");
  }

  @Test
  void keepsWhatWasCommittedAndOpensAgain() throws Exception {
    try (var database = Database.open(settings);
        var connection = database.source().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("create table t (n int)");
      statement.execute("insert into t values (7)");
    }

    try (var database = Database.open(settings);
        var connection = database.source().getConnection();
        var statement = connection.createStatement();
        var row = statement.executeQuery("select n from t")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getInt(1)).isEqualTo(7);
    }
  }

  @Test
  void saysThatAnotherProcessHasIt() throws Exception {
    Database.open(settings).close();
    var file = folder.resolve("postern.mv.db");
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE);
        var lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();

      assertThatThrownBy(() -> Database.open(settings))
          .isInstanceOf(BridgeException.class)
          .hasMessageContaining("store.url")
          .hasMessageContaining(settings.url())
          .hasMessageContaining("another postern");
    }
  }

  @Test
  void saysThatAFileIsNoDatabase() throws Exception {
    Files.writeString(folder.resolve("postern.mv.db"), "no database".repeat(2000));

    assertThatThrownBy(() -> Database.open(settings))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("store.url");
  }

  @Test
  void aConnectionThatIsOpenedLaterLeavesItToUsWhenTheFileIsWritten() throws Exception {
    try (var database = Database.open(settings)) {
      database.govern(Jdbi.create(database.source()));
      var many = new ArrayList<Connection>();
      for (int i = 0; i < 10; i++) {
        many.add(database.source().getConnection());
      }

      assertThat(many).allSatisfy(c -> assertThat(store(c).getAutoCommitDelay()).isNegative());

      for (var connection : many) {
        connection.close();
      }
    }
  }

  private static MVStore store(Connection connection) throws SQLException {
    var session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
    return session.getDatabase().getStore().getMvStore();
  }

  @Test
  void untilThenACommitIsInTheFileBeforeItIsAnswered() throws Exception {
    try (var database = Database.open(settings);
        var connection = database.source().getConnection()) {
      assertThat(store(connection).getAutoCommitDelay()).isZero();
    }
  }

  @Test
  void tellsNoBoundValueInTheMessageOfAFailure() throws Exception {
    try (var database = Database.open(settings)) {
      var jdbi = Jdbi.create(database.source());
      Database.keepValuesOutOfMessages(jdbi);

      assertThatThrownBy(
              () ->
                  jdbi.useHandle(
                      handle ->
                          handle
                              .createUpdate("insert into absent values (:subject)")
                              .bind("subject", "a private subject")
                              .execute()))
          .hasMessageContaining("absent")
          .hasMessageNotContaining("private");
    }
  }
}

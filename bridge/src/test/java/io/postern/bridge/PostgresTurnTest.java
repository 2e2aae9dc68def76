package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.config.StoreSettings;
import io.postern.interop.PostgresDatabase;
import io.postern.interop.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How instances get parts of the inboxes, and let go of them: docs/adr/0023. */
@Timeout(120)
@SuppressWarnings("try") // Some are held and never asked.
class PostgresTurnTest {
  private static final PostgresTurn.Fit FIT = () -> true;

  @TempDir Path folder;
  private PostgresDatabase database;
  private PostgresServerLogin server;

  @BeforeEach
  void open() throws Exception {
    database = PostgresServer.require().newDatabase();
    server = server(2);
  }

  private PostgresServerLogin server(int carriers) throws Exception {
    var password = Files.writeString(folder.resolve("password"), database.password());
    return PostgresServerLogin.of(
        new StoreSettings.PostgreSql(
            database.url(), database.user(), Optional.of(password), 4, carriers));
  }

  /** One that carries, beside whom others may. */
  private PostgresHold carrying() throws Exception {
    try (var turn = PostgresTurn.of(server)) {
      var hold = turn.askAlone().orElseThrow();
      hold.letOthersIn();
      return hold;
    }
  }

  @Test
  void whoComesFirstHasAllAndNobodyElseAnythingUntilOthersAreLetIn() throws Exception {
    try (var first = PostgresTurn.of(server);
        var hold = first.askAlone().orElseThrow();
        var second = PostgresTurn.of(server)) {
      assertThat(hold.lease().isAll()).isTrue();
      assertThat(hold.isAlone()).isTrue();
      assertThat(second.askAlone()).isEmpty();
      assertThat(second.askBeside(FIT)).isEmpty();
      assertThat(hold.isToBeDealtAnew(true)).as("nobody was found fit").isFalse();

      hold.letOthersIn();

      assertThat(hold.isAlone()).isFalse();
      assertThat(second.askAlone()).isEmpty();
    }
  }

  @Test
  void whoCouldCarryAndHasNothingIsKnownToWhoHasTooMuch() throws Exception {
    try (var hold = carrying();
        var second = PostgresTurn.of(server)) {
      assertThat(second.askBeside(FIT)).isEmpty();

      assertThat(hold.isToBeDealtAnew(true)).isTrue();
      assertThat(hold.isToBeDealtAnew(false)).as("it may not give now").isFalse();

      assertThat(second.askBeside(() -> false)).as("it could no more").isEmpty();
      assertThat(hold.isToBeDealtAnew(true)).isFalse();
    }
  }

  /**
   * Its settings may differ, or its start fail: others would let go for nothing, again and again.
   */
  @Test
  void whoOnlyLooksWhetherItCouldMakesNobodyLetGo() throws Exception {
    try (var hold = carrying();
        var second = PostgresTurn.of(server)) {
      var asked =
          second.askBeside(
              () -> {
                assertThat(hold.isToBeDealtAnew(true)).as("while it looks").isFalse();
                return false;
              });

      assertThat(asked).isEmpty();
      assertThat(hold.isToBeDealtAnew(true)).isFalse();
    }
  }

  @Test
  void whoLetsGoAndWantsAgainLeavesTheOtherAPart() throws Exception {
    try (var second = PostgresTurn.of(server)) {
      PostgresTurn first;
      try (var hold = carrying()) {
        assertThat(second.askBeside(FIT)).isEmpty();
        assertThat(hold.isToBeDealtAnew(true)).isTrue();
        first = PostgresTurn.wanting(server);
      }
      try (first;
          var taken = second.askAlone().orElseThrow()) {
        assertThat(taken.lease().ours()).containsExactly(0);
        taken.letOthersIn();

        try (var rest = first.askBeside(FIT).orElseThrow()) {
          assertThat(rest.lease().ours()).containsExactly(1);
          assertThat(taken.isToBeDealtAnew(true)).isFalse();
          assertThat(rest.isToBeDealtAnew(true)).isFalse();
        }
      }
    }
  }

  /** A command, or an older version. */
  @Test
  void whoWantsAllWaitsUntilNobodyCarries() throws Exception {
    try (var hold = carrying();
        var alone = PostgresTurn.of(server(1))) {
      assertThat(alone.askAlone()).isEmpty();
      assertThat(alone.askBeside(FIT)).isEmpty();

      hold.close();

      try (var all = alone.waitAlone()) {
        assertThat(all.lease().isAll()).isTrue();
      }
    }
  }

  @Test
  void onlyTheConnectionsOfThoseWhoAreGoneAreEnded() throws Exception {
    try (var alive = Database.held(server(3), hold(3));
        var dead = Database.held(server(3), hold(3));
        var connection = alive.source().getConnection()) {
      var begun = dead.source().getConnection();
      cut(dead.life().getAsLong());

      try (var next = Database.held(server(3), hold(3))) {
        assertThat(next.lease().ours()).isEqualTo(dead.lease().ours());
        assertThat(begun.isValid(5)).as("of whoever had the part before").isFalse();
        assertThat(connection.isValid(5)).as("of the one that has another").isTrue();
      }
    }
  }

  /** One part of so many. */
  private PostgresHold hold(int parts) throws Exception {
    try (var turn = PostgresTurn.of(server(parts));
        var waiting = PostgresTurn.wanting(server(parts));
        var another = PostgresTurn.wanting(server(parts))) {
      var alone = turn.askAlone();
      if (alone.isPresent()) {
        alone.get().letOthersIn();
        return alone.get();
      }
      return turn.askBeside(FIT).orElseThrow();
    }
  }

  /** As the server does with one that says nothing any more. */
  private void cut(long life) throws Exception {
    try (var connection = database.source().getConnection();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory'"
                    + " and mode = 'ExclusiveLock' and ((classid::bigint << 32) | objid::bigint) = "
                    + life)) {
      assertThat(row.next()).isTrue();
    }
  }
}

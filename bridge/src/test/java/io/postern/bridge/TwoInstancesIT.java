package io.postern.bridge;

import static io.postern.bridge.SharedStore.BURST;
import static io.postern.bridge.SharedStore.HALF_A_MINUTE;
import static io.postern.bridge.SharedStore.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two programs as two machines would run them, each with its own data folder, on one PostgreSQL.
 * However the one that carries goes away, the other carries within half a minute; each mail is one
 * message and each message in one mail. docs/adr/0018.
 */
@Timeout(300)
class TwoInstancesIT {
  private static final int TOLD_TO_STOP = 128 + 15;

  @TempDir Path folder;
  private SharedStore both;

  @BeforeEach
  void open() throws Exception {
    both = new SharedStore(folder);
  }

  @AfterEach
  void close() {
    both.close();
  }

  @Test
  void theOtherCarriesOnWhereOneIsKilledAndThenWhereOneIsStopped() throws Exception {
    try (var a = both.carrying("a");
        var b = both.run("b")) {
      b.awaitStandby();
      assertThat(SharedStore.get(b, "health").statusCode()).isEqualTo(200);
      await()
          .atMost(PATIENCE)
          .until(
              () -> SharedStore.get(b, "health").body().startsWith("standby: a.example carries"));
      var asked = new RunningDaemon(new InetSocketAddress("127.0.0.1", b.page().getPort()));
      assertThatThrownBy(asked::isRunning).hasMessageContaining("a.example carries");
      assertThat(SharedStore.get(b, "ready").statusCode()).isEqualTo(503);
      assertThat(SharedStore.get(a, "ready").statusCode()).isEqualTo(200);
      both.accept(a, "first");
      await().atMost(PATIENCE).until(() -> both.heard().contains("first"));
      both.alice.answer("to the first");
      both.awaitMailed("to the first");

      var burst = CompletableFuture.runAsync(() -> both.burst(a));
      await().atMost(PATIENCE).until(() -> both.accepted.size() > BURST / 2);
      a.kill();
      burst.join();
      both.alice.answer("while nobody carries");
      b.awaitReady(HALF_A_MINUTE);

      both.accept(b, "to the other");
      await().atMost(PATIENCE).until(() -> both.heard().contains("to the other"));
      both.alice.answer("to the last");
      both.awaitMailed("to the last");

      try (var again = both.run("a")) {
        again.awaitStandby();
        b.stop();
        again.awaitReady(HALF_A_MINUTE);
        assertThat(b.awaitEnd()).isEqualTo(TOLD_TO_STOP);

        both.accept(again, "the last");
        await().atMost(PATIENCE).until(() -> both.heard().containsAll(both.accepted));
      }
    }

    assertThat(both.heard()).doesNotHaveDuplicates().containsAll(both.accepted);
    assertThat(both.mailed())
        .containsExactlyInAnyOrder("to the first", "while nobody carries", "to the last");
    both.assertThatAllWasReadable();
  }

  /** What the server does when it restarts, or an operator by mistake. */
  @Test
  void theOneWhoseHoldIsCutStopsAndOneOfTheTwoCarries() throws Exception {
    try (var a = both.carrying("a");
        var b = both.run("b")) {
      b.awaitStandby();
      both.accept(a, "first");
      await().atMost(PATIENCE).until(() -> both.heard().contains("first"));

      var burst = CompletableFuture.runAsync(() -> both.burst(a));
      await().atMost(PATIENCE).until(() -> both.accepted.size() > BURST / 2);
      both.cutHold();
      burst.join();
      b.awaitReady(HALF_A_MINUTE);
      a.awaitStandby();

      both.accept(b, "to the other");
      both.alice.answer("an answer");
      both.awaitMailed("an answer");
      b.kill();
      a.awaitReady(HALF_A_MINUTE);
      await().atMost(PATIENCE).until(() -> both.heard().containsAll(both.accepted));
    }

    assertThat(both.heard()).doesNotHaveDuplicates();
    assertThat(both.mailed()).containsExactly("an answer");
    both.assertThatAllWasReadable();
  }

  /** As a virtual machine that is paused: the server hears nothing of it, and it knows nothing. */
  @Test
  void theOneThatStandsStillIsReplacedAndStandsByWhenItWakes() throws Exception {
    try (var a = both.carrying("a");
        var b = both.run("b")) {
      b.awaitStandby();
      both.accept(a, "first");
      await().atMost(PATIENCE).until(() -> both.heard().contains("first"));
      var burst = CompletableFuture.runAsync(() -> both.burst(a));
      await().atMost(PATIENCE).until(() -> both.accepted.size() > BURST / 2);

      a.signal("STOP");
      b.awaitReady(HALF_A_MINUTE);
      both.accept(b, "to the other");
      await().atMost(PATIENCE).until(() -> both.heard().contains("to the other"));
      both.alice.answer("while it stands still");
      both.awaitMailed("while it stands still");
      a.signal("CONT");
      burst.join();
      a.awaitStandby();
      both.accept(b, "to the other again");
      await().atMost(PATIENCE).until(() -> both.heard().contains("to the other again"));
      b.stop();
      a.awaitReady(HALF_A_MINUTE);
      await().atMost(PATIENCE).until(() -> both.heard().containsAll(both.accepted));
    }

    assertThat(both.heard()).doesNotHaveDuplicates();
    assertThat(both.mailed()).containsExactly("while it stands still");
    both.assertThatAllWasReadable();
  }

  @Test
  void whoCouldNotCarryInItsPlaceDoesNotStandBy() throws Exception {
    try (var a = both.carrying("a")) {

      refused("domains: [b.example]")
          .contains("domains are [b.example], but a.example")
          .contains("write the same in both configurations");
      refused("network: {url: \"http://127.0.0.1:1\"}")
          .contains("network is http://127.0.0.1:1, but a.example");
      refused("network: local").contains("a node of its own");
      var other = Files.writeString(folder.resolve("other.key"), "22".repeat(32));
      refused("vault: {keyFile: " + other + "}").contains("vault: ").doesNotContain("2222");
      refused("vault: {keyFile: " + folder.resolve("absent") + "}")
          .contains("is not there; take the one");
      both.onServer(
          "insert into mapping_schema_history (installed_rank, version, description, type, script,"
              + " installed_by, execution_time, success)"
              + " values (9999, '9999', 'of tomorrow', 'SQL', 'V9999__x.sql', 'x', 1, true)");
      refused().contains("a newer program has brought the tables to version 9999");
      assertThat(a.isAlive()).isTrue();
    }
  }

  /** Of the other, with these lines in its configuration. */
  private AbstractStringAssert<?> refused(String... lines) throws Exception {
    try (var b = both.run("b", lines)) {
      assertThat(b.awaitEnd()).as(b.log()).isEqualTo(1);
      return assertThat(b.log());
    }
  }
}

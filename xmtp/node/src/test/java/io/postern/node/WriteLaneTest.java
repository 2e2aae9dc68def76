package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteLaneTest {
  @TempDir Path folder;
  private NodeDatabase database;
  private KeyPackages packages;

  @BeforeEach
  void open() throws Exception {
    database = NodeDatabase.open(folder, Clock.systemUTC());
    packages = new KeyPackages(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void oneBadWriteSpoilsNoOther() {
    var gate = new CountDownLatch(1);
    var blocked = database.write(0, transaction -> await(gate));
    var good = packages.put(octets("a"), octets("package of a"));
    var bad =
        database.write(
            0,
            transaction -> {
              transaction.make(Change.ADDRESS_ADDED, "only one value");
              return null;
            });
    var alsoGood = packages.put(octets("b"), octets("package of b"));

    gate.countDown();

    assertThat(blocked).succeedsWithin(Duration.ofSeconds(60));
    assertThatThrownBy(bad::join).hasCauseInstanceOf(JdbiException.class);
    good.join();
    alsoGood.join();
    assertThat(packages.fetch(List.of(octets("a"), octets("b"))))
        .containsExactly(octets("package of a"), octets("package of b"));
  }

  @Test
  void writesAreDoneAndToldInTheOrderOfTheQueue() {
    var gate = new CountDownLatch(1);
    var told = Collections.synchronizedList(new ArrayList<Integer>());
    database.write(0, transaction -> await(gate));
    var writes = new ArrayList<CompletableFuture<Integer>>();
    for (var i = 0; i < 3_000; i++) {
      writes.add(database.write(0, new Numbered(i, told)));
    }

    gate.countDown();
    CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).join();

    assertThat(told).hasSize(3_000).isSorted();
  }

  @Test
  void finishesWhatIsQueuedWhenItCloses() throws Exception {
    var writes = new ArrayList<CompletableFuture<Void>>();
    for (var i = 0; i < 500; i++) {
      writes.add(packages.put(octets("key " + i), octets("package " + i)));
    }

    database.close();

    assertThat(writes).allMatch(CompletableFuture::isDone);
    database = NodeDatabase.open(folder, Clock.systemUTC());
    assertThat(new KeyPackages(database).fetch(List.of(octets("key 499"))))
        .containsExactly(octets("package 499"));
  }

  @Test
  void takesNothingWhenItIsClosed() {
    database.close();

    assertThatThrownBy(() -> packages.put(octets("a"), octets("b")).join())
        .hasCauseInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void takesNothingMoreWhenTooMuchWaits() {
    var gate = new CountDownLatch(1);
    database.write(0, transaction -> await(gate));
    var large = new ArrayList<CompletableFuture<Object>>();
    for (var i = 0; i < 20; i++) {
      large.add(database.write(20L << 20, transaction -> ""));
    }

    gate.countDown();

    assertThat(large.get(0)).succeedsWithin(Duration.ofSeconds(60));
    assertThatThrownBy(() -> large.get(19).join())
        .hasCauseInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aSecondNodeCannotUseTheSameFolder() {
    assertThatThrownBy(() -> NodeDatabase.open(folder, Clock.systemUTC()))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("another node of this process has it open");
  }

  private record Numbered(int number, List<Integer> told) implements WriteLane.Write<Integer> {
    @Override
    public Integer run(Transaction transaction) {
      transaction.make(
          Change.KEY_PACKAGE,
          octets("key " + number).toByteArray(),
          octets("package").toByteArray());
      return number;
    }

    @Override
    public void committed(Integer result) {
      told.add(result);
    }
  }

  private static Object await(CountDownLatch gate) {
    try {
      gate.await();
      return "";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ByteString octets(String text) {
    return ByteString.copyFromUtf8(text);
  }
}

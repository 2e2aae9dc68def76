package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.xmtp.store.SavedLater;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OneAtATimeTest {
  private record File(Runnable writing, Runnable syncing) implements OneAtATime.StoreFile {
    @Override
    public void write() {
      writing.run();
    }

    @Override
    public void sync() {
      syncing.run();
    }

    @Override
    public boolean isClosed() {
      return false;
    }
  }

  private final Jdbi jdbi = Jdbi.create("jdbc:h2:mem:");
  private final OneAtATime transactions = OneAtATime.of(jdbi, new File(this::save, () -> {}));
  private final AtomicInteger saves = new AtomicInteger();
  private final AtomicInteger inside = new AtomicInteger();
  private final ConcurrentLinkedQueue<Integer> seen = new ConcurrentLinkedQueue<>();

  @Test
  void noTransactionRunsWhileAnotherDoesOrWhileTheFileIsWorkedOn() {
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      boolean odd = thread % 2 == 1;
      threads.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 100; i++) {
                  if (odd && i % 10 == 0) {
                    transactions.alone(this::look);
                  } else {
                    jdbi.useTransaction(handle -> look());
                  }
                }
              }));
    }
    threads.forEach(CompletableFuture::join);

    assertThat(seen).hasSize(400).containsOnly(1);
  }

  /** What the file would get: counts as a look, since nobody may be in a transaction meanwhile. */
  private void save() {
    saves.incrementAndGet();
    assertThat(inside.get()).isZero();
  }

  @Test
  void aCommitReturnsWhenItIsSaved() {
    jdbi.useTransaction(handle -> look());

    assertThat(saves).hasValue(1);
  }

  @Test
  void oneSaveDoesForAllThatEndedBeforeIt() {
    var made = new AtomicInteger();
    var written = new AtomicInteger();
    var inFile = new AtomicInteger();
    var count = new AtomicInteger();
    var other = Jdbi.create("jdbc:h2:mem:");
    OneAtATime.of(
        other,
        new File(
            () -> {
              count.incrementAndGet();
              written.set(made.get());
            },
            () -> {
              LockSupport.parkNanos(1_000_000); // A disk takes its time, others end meanwhile.
              inFile.set(written.get());
            }));
    var pool = Executors.newFixedThreadPool(8);
    var threads = new ArrayList<CompletableFuture<Void>>();
    for (int thread = 0; thread < 8; thread++) {
      threads.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 50; i++) {
                  var mine = new AtomicInteger();
                  other.useTransaction(handle -> mine.set(made.incrementAndGet()));
                  assertThat(inFile.get()).isGreaterThanOrEqualTo(mine.get());
                }
              },
              pool));
    }

    threads.forEach(CompletableFuture::join);
    pool.shutdown();

    assertThat(inFile).hasValue(400);
    assertThat(count.get()).isBetween(1, 399);
  }

  @Test
  void whatIsSavedLaterWaitsForNothingAndIsSavedWithWhatComesAfter() {
    SavedLater.inTransaction(jdbi, handle -> inside.get());
    assertThat(saves).hasValue(0);

    jdbi.useTransaction(handle -> look());
    transactions.save();

    assertThat(saves).hasValue(1);
  }

  @Test
  void whatIsSavedLaterIsSavedWhenAsked() {
    SavedLater.inTransaction(jdbi, handle -> inside.get());

    transactions.save();
    transactions.save();

    assertThat(saves).hasValue(1);
  }

  @Test
  void aSaveThatFailsFailsAllWhoWaitForIt() {
    var broken = Jdbi.create("jdbc:h2:mem:");
    var calls = new AtomicInteger();
    OneAtATime.of(
        broken,
        new File(
            () -> {},
            () -> {
              if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("the disk is full");
              }
            }));

    assertThatThrownBy(() -> broken.useTransaction(handle -> {})).hasMessage("the disk is full");
    broken.useTransaction(handle -> {});

    assertThat(calls).hasValue(2);
  }

  @Test
  void aTransactionWithinAnotherIsSavedWithThatOne() {
    jdbi.useTransaction(outer -> jdbi.useTransaction(inner -> {}));

    assertThat(saves).hasValue(1);
  }

  private void look() {
    seen.add(inside.incrementAndGet());
    Thread.yield();
    inside.decrementAndGet();
  }

  @Test
  void aFailedTransactionLetsTheNextOneIn() {
    assertThatThrownBy(
            () ->
                jdbi.useTransaction(
                    handle -> {
                      throw new IllegalStateException("on purpose");
                    }))
        .hasMessage("on purpose");
    assertThatThrownBy(() -> jdbi.useTransaction(handle -> handle.execute("no SQL")));

    var other =
        CompletableFuture.supplyAsync(
            () ->
                jdbi.inTransaction(
                    handle -> handle.createQuery("SELECT 1").mapTo(Integer.class).one()));

    assertThat(other.join()).isEqualTo(1);
  }

  @Test
  void readingWaitsForNobody() {
    int read =
        jdbi.inTransaction(
            handle ->
                CompletableFuture.supplyAsync(
                        () ->
                            jdbi.withHandle(
                                other -> other.createQuery("SELECT 2").mapTo(Integer.class).one()))
                    .join());

    assertThat(read).isEqualTo(2);
  }
}

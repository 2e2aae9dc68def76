package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OneAtATimeTest {
  private final Jdbi jdbi = Jdbi.create("jdbc:h2:mem:");
  private final OneAtATime transactions = OneAtATime.of(jdbi);
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

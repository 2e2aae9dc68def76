package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
  private static Workers open(boolean bounded) {
    return bounded ? Workers.bounded(2) : Workers.open(2);
  }

  /** Each of many authors waits in a carrier for what a lane of the XMTP client does. */
  @ParameterizedTest(name = "bounded {0}")
  @ValueSource(booleans = {true, false})
  void manyCarriersMayWaitForLanesAtOnce(boolean bounded) throws Exception {
    try (var workers = open(bounded)) {
      var carried = new ArrayList<Future<String>>();
      for (int i = 0; i < 200; i++) {
        carried.add(
            workers
                .carriers()
                .submit(
                    () -> CompletableFuture.supplyAsync(() -> "published", workers.lanes()).get()));
      }

      for (var each : carried) {
        assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo("published");
      }
    }
  }

  @ParameterizedTest(name = "bounded {0}")
  @ValueSource(booleans = {true, false})
  void closingLetsWhatRunsComeToItsEnd(boolean bounded) throws Exception {
    var workers = open(bounded);
    var lane = new CompletableFuture<String>();
    var carrier = workers.carriers().submit(() -> lane.get());

    workers.lanes().execute(() -> lane.complete("done"));
    workers.close();

    assertThat(carrier.get(1, TimeUnit.SECONDS)).isEqualTo("done");
    assertThat(
            List.of(
                workers.lanes().isTerminated(),
                workers.carriers().isTerminated(),
                workers.senders().isTerminated(),
                workers.sessions().isTerminated(),
                workers.scheduler().isTerminated()))
        .containsOnly(true);
  }

  @Test
  void threadsOfSessionsAreVirtualWhereTheRuntimeHasThem() throws Exception {
    var isVirtual = Runtime.version().feature() >= 21 ? Thread.class.getMethod("isVirtual") : null;
    try (var workers = Workers.open(2)) {
      var thread = workers.sessions().submit(Thread::currentThread).get();

      assertThat(isVirtual != null && (boolean) isVirtual.invoke(thread))
          .isEqualTo(Runtime.version().feature() >= 21);
    }
  }

  @Test
  void noThreadOfABoundedPoolKeepsTheProcessAlive() throws Exception {
    try (var workers = Workers.bounded(2)) {
      for (var executor :
          List.of(workers.lanes(), workers.carriers(), workers.senders(), workers.sessions())) {
        assertThat(executor.submit(() -> Thread.currentThread().isDaemon()).get()).isTrue();
      }
    }
  }
}

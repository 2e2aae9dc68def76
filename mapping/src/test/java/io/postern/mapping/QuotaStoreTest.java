package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mapping.QuotaStore.Item;
import io.postern.mapping.QuotaStore.Quota;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class QuotaStoreTest {
  private static final Quota TWO = new Quota("mails of bob", 2);
  private static final Quota MANY = new Quota("all mails", 100);

  @TempDir Path folder;
  private MappingDatabase database;
  private QuotaStore store;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    store = new QuotaStore(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private boolean counts(String item, Instant at, Quota... quotas) {
    return store.count(List.of(new Item(item, List.of(quotas))), at).isEmpty();
  }

  private int used(Quota quota) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("select sum(used) from quota_use where subject_key = :key")
                    .bind("key", Columns.digest(quota.subject()))
                    .mapTo(Integer.class)
                    .findOne()
                    .orElse(0));
  }

  @Test
  void countsUpToTheLimitAndSaysWhichIsUsedUp() {
    assertThat(counts("1", T0, MANY, TWO)).isTrue();
    assertThat(counts("2", T0, MANY, TWO)).isTrue();

    assertThat(store.count(List.of(new Item("3", List.of(MANY, TWO))), T0)).contains(TWO);
  }

  @Test
  void whatIsCountedOnceIsNotCountedAgain() {
    counts("1", T0, TWO);
    counts("2", T0, TWO);

    assertThat(counts("1", T0, TWO)).isTrue();
    assertThat(counts("2", T0.plus(Duration.ofDays(1)), TWO)).isTrue();
    assertThat(used(TWO)).isEqualTo(2);
  }

  @Test
  void whatIsNotLetInIsNotCountedAtAll() {
    counts("1", T0, TWO);
    counts("2", T0, TWO);

    var both = List.of(new Item("3", List.of(MANY)), new Item("4", List.of(MANY, TWO)));
    assertThat(store.count(both, T0)).contains(TWO);

    assertThat(used(MANY)).isZero();
    assertThat(counts("3", T0, MANY)).isTrue();
    assertThat(used(MANY)).as("the refused item was forgotten too").isEqualTo(1);
  }

  @Test
  void theNextDayOfUtcIsAnother() {
    var late = Instant.parse("2026-02-03T23:59:59Z");
    counts("1", late, TWO);
    counts("2", late, TWO);

    assertThat(counts("3", late, TWO)).isFalse();
    assertThat(counts("3", late.plusSeconds(1), TWO)).isTrue();
  }

  @Test
  void ofManyAtOnceNoMoreThanTheLimitAreLetIn() throws Exception {
    var limit = new Quota("new people", 5);
    var pool = Executors.newFixedThreadPool(8);
    try {
      var tries = new ArrayList<Callable<Boolean>>();
      for (int i = 0; i < 64; i++) {
        var item = "person " + i / 2;
        tries.add(() -> counts(item, T0, limit));
      }
      int let = 0;
      for (Future<Boolean> each : pool.invokeAll(tries)) {
        let += each.get() ? 1 : 0;
      }

      assertThat(used(limit)).isEqualTo(5);
      assertThat(let).as("each item twice, or once if its twin had no room").isBetween(5, 10);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void lastsOverACrash() throws Exception {
    counts("1", T0, TWO);
    counts("2", T0, TWO);
    database.crash();
    open();

    assertThat(counts("1", T0, TWO)).isTrue();
    assertThat(counts("3", T0, TWO)).isFalse();
  }

  @Test
  void forgetsDaysThatAreOverAndItemsSomewhatLater() {
    counts("1", T0, TWO);

    assertThat(store.expire(T0)).isZero();
    assertThat(store.expire(T0.plus(Duration.ofDays(1)))).isEqualTo(1);
    assertThat(counts("1", T0.plus(Duration.ofDays(1)), TWO)).isTrue();
    assertThat(used(TWO)).isZero();
    assertThat(store.expire(T0.plus(Duration.ofDays(9)))).isEqualTo(1);
  }
}

package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mapping.GreylistStore.Meeting;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class GreylistStoreTest {
  private static final Duration DELAY = Duration.ofMinutes(5);

  @TempDir Path folder;
  private MappingDatabase database;
  private GreylistStore store;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    store = new GreylistStore(database.jdbi(), 3);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Meeting meet(String entry, Instant at) {
    return store.meet(entry, DELAY, at, true);
  }

  private static Instant after(Duration time) {
    return T0.plus(time);
  }

  @Test
  void whoComesAgainAfterTheDelayPassesAndIsKnown() {
    assertThat(meet("a", T0)).isEqualTo(Meeting.NEW);
    assertThat(meet("a", after(DELAY).minusMillis(1))).isEqualTo(Meeting.WAITS);
    assertThat(store.knows("a", after(DELAY))).isFalse();

    assertThat(meet("a", after(DELAY))).isEqualTo(Meeting.PASSED);

    assertThat(meet("a", after(DELAY))).isEqualTo(Meeting.KNOWN);
    assertThat(store.knows("a", after(DELAY))).isTrue();
    assertThat(meet("b", after(DELAY))).isEqualTo(Meeting.NEW);
  }

  @Test
  void whoStaysAwayTooLongBeginsAnew() {
    meet("a", T0);

    var late = after(Duration.ofDays(1)).plusMillis(1);
    assertThat(meet("a", late)).isEqualTo(Meeting.NEW);
    assertThat(meet("a", late.plus(DELAY))).isEqualTo(Meeting.PASSED);
  }

  @Test
  void isRememberedAsLongAsItIsUsed() {
    store.add("a", T0);
    assertThat(store.knows("a", after(Duration.ofDays(34)))).isTrue();
    assertThat(store.expire(after(Duration.ofDays(60)))).isZero();
    assertThat(store.knows("a", after(Duration.ofDays(68)))).isTrue();

    var late = after(Duration.ofDays(104));
    assertThat(store.knows("a", late)).isFalse();
    assertThat(meet("a", late)).isEqualTo(Meeting.NEW);
  }

  @Test
  void askingForWhoStillWaitsProlongsNothing() {
    meet("a", T0);

    assertThat(store.knows("a", after(Duration.ofHours(25)))).isFalse();
    assertThat(meet("a", after(Duration.ofHours(25)))).isEqualTo(Meeting.NEW);
  }

  @Test
  void whereNoNewOneIsWantedThoseWhoWaitedPass() {
    meet("a", T0);

    assertThat(store.meet("a", DELAY, T0, false)).isEqualTo(Meeting.WAITS);
    assertThat(store.meet("a", DELAY, after(DELAY), false)).isEqualTo(Meeting.PASSED);
    assertThat(store.meet("b", DELAY, after(DELAY), false)).isEqualTo(Meeting.BARRED);
    assertThat(meet("b", after(DELAY))).as("was not written down").isEqualTo(Meeting.NEW);
  }

  @Test
  void ofManyAtOnceOneIsNew() throws Exception {
    meet("a", T0);
    var pool = Executors.newFixedThreadPool(8);
    try {
      var tries = new ArrayList<Callable<Meeting>>();
      for (int i = 0; i < 32; i++) {
        tries.add(() -> meet("a", after(DELAY)));
        tries.add(() -> meet("new", T0));
      }
      var met = new ArrayList<Meeting>();
      for (Future<Meeting> each : pool.invokeAll(tries)) {
        met.add(each.get());
      }

      assertThat(met).filteredOn(Meeting.NEW::equals).hasSize(1);
      assertThat(met).filteredOn(Meeting.WAITS::equals).hasSize(31);
      assertThat(met).filteredOn(Meeting.PASSED::equals).hasSizeGreaterThan(0);
      assertThat(met).filteredOn(Meeting.KNOWN::equals).hasSizeGreaterThan(0);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void lastsOverACrash() throws Exception {
    meet("a", T0);
    database.crash();
    open();

    assertThat(meet("a", after(DELAY))).isEqualTo(Meeting.PASSED);
  }

  @Test
  void forgetsWhoDidNotComeAgain() {
    meet("waits", T0);
    store.add("known", T0);

    assertThat(store.expire(after(Duration.ofDays(1)))).isZero();
    assertThat(store.expire(after(Duration.ofDays(2)))).isEqualTo(1);
    assertThat(store.expire(after(Duration.ofDays(36)))).isEqualTo(1);
  }

  @Test
  void keepsNoMoreThanItsLimitAndThoseWhoAreKnownFirst() {
    store.add("known", T0);
    for (int i = 1; i <= 5; i++) {
      meet("waits " + i, T0.plusSeconds(i));
    }

    assertThat(store.expire(after(DELAY))).isEqualTo(3);

    assertThat(store.knows("known", after(DELAY))).isTrue();
    assertThat(meet("waits 5", after(DELAY).plusSeconds(5))).isEqualTo(Meeting.PASSED);
    assertThat(meet("waits 1", after(DELAY).plusSeconds(5))).isEqualTo(Meeting.NEW);
  }
}

package io.postern.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import io.postern.mapping.LeavingQuota.Hold;
import io.postern.xmtp.identity.InboxId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class LeavingQuotaTest {
  private static final Instant TEN = Instant.parse("2026-02-03T10:20:30Z");
  private static final Instant ELEVEN = Instant.parse("2026-02-03T11:00:00Z");
  private static final Instant MIDNIGHT = Instant.parse("2026-02-04T00:00:00Z");
  private static final InboxId ALICE = new InboxId("a1".repeat(32));
  private static final InboxId EVE = new InboxId("e1".repeat(32));
  private static final Mailbox BOB = new Mailbox("Bob", "example.org");
  private static final Mailbox CAROL = new Mailbox("carol", "example.org");
  private static final int MIB = 1 << 20;

  @TempDir Path folder;
  private MappingDatabase database;
  private LeavingSettings settings = new LeavingSettings(2, 3, 10 * MIB, 20 * MIB);

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private LeavingQuota quota() {
    return new LeavingQuota(database.jdbi(), settings);
  }

  private void leaves(InboxId peer, Mailbox person, long octets, Instant now) {
    database.jdbi().useTransaction(handle -> quota().count(handle, peer, person, octets, now));
  }

  private Optional<Instant> held(InboxId peer, Mailbox person, Instant now) {
    return database
        .jdbi()
        .withHandle(handle -> quota().hold(handle, peer, person, now))
        .map(Hold::until);
  }

  @Test
  void whatIsMoreThanOneHourTakesWaitsForTheNextAndThenForTheNextDay() {
    leaves(ALICE, BOB, 1, TEN);
    assertEquals(Optional.empty(), held(ALICE, BOB, TEN));
    leaves(ALICE, CAROL, 1, TEN);

    assertEquals(Optional.of(ELEVEN), held(ALICE, BOB, TEN));
    assertEquals(Optional.empty(), held(ALICE, BOB, ELEVEN));
    leaves(ALICE, BOB, 1, ELEVEN);
    assertEquals(Optional.of(MIDNIGHT), held(ALICE, BOB, ELEVEN));
    assertEquals(Optional.empty(), held(ALICE, BOB, MIDNIGHT));
  }

  @Test
  void octetsCountAndTheMailThatReachesTheLimitStillGoes() {
    leaves(ALICE, BOB, 10L * MIB - 1, TEN);
    assertEquals(Optional.empty(), held(ALICE, BOB, TEN));

    leaves(ALICE, BOB, 4_000_000_000L, TEN);

    assertEquals(Optional.of(MIDNIGHT), held(ALICE, BOB, TEN));
  }

  @Test
  void onePeerHoldsUpNoOtherNorTheirPerson() {
    for (int i = 0; i < 4; i++) {
      leaves(ALICE, BOB, MIB, TEN);
    }

    assertTrue(held(ALICE, BOB, TEN).isPresent());
    assertEquals(Optional.empty(), held(EVE, BOB, TEN));
  }

  @Test
  void toOnePersonManyPeersTogetherMakeFiveTimesAsMuchLeave() {
    for (int i = 0; i < 10; i++) {
      assertEquals(Optional.empty(), held(EVE, BOB, TEN));
      leaves(new InboxId("%064x".formatted(i)), BOB, 1, TEN);
    }

    assertEquals(Optional.of(ELEVEN), held(EVE, new Mailbox("bob", "EXAMPLE.org"), TEN));
    assertEquals(Optional.empty(), held(EVE, CAROL, TEN));
  }

  @Test
  void whatWasCountedStandsAfterARestartUntilTheDayIsOver() throws Exception {
    leaves(ALICE, BOB, 1, TEN);
    leaves(ALICE, BOB, 1, TEN);
    database.crash();
    open();

    assertEquals(Optional.of(ELEVEN), held(ALICE, BOB, TEN));
    assertEquals(0, new QuotaStore(database.jdbi()).expire(ELEVEN));
    assertEquals(8, new QuotaStore(database.jdbi()).expire(TEN.plus(Duration.ofDays(1))));
  }

  @Test
  void aLimitThatLetsNothingThroughIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> settings.withMailsPerHour(0));
    assertThrows(IllegalArgumentException.class, () -> settings.withMailsPerDay(-1));
    assertThrows(IllegalArgumentException.class, () -> settings.withOctetsPerHour(MIB - 1));
    assertThrows(IllegalArgumentException.class, () -> settings.withOctetsPerDay(0));
  }
}

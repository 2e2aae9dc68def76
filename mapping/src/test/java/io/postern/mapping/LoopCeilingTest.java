package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.mailbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import io.postern.mapping.LoopCeiling.Hold;
import io.postern.mapping.LoopCeiling.Turn;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class LoopCeilingTest {
  private static final ConversationId THREAD = ConversationId.ofGroup("0a".repeat(16));
  private static final ConversationId OTHER = ConversationId.ofGroup("0b".repeat(16));
  private static final Mailbox BOB = mailbox("bob@example.org");
  private static final Instant RELEASE = T0.plus(Duration.ofMinutes(10));

  @TempDir Path folder;
  private MappingDatabase database;
  private LoopCeiling ceiling;
  private int message;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    ceiling = new LoopCeiling(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aHoldIsToldToBeginOnce() {
    for (int i = 0; i < 20; i++) {
      assertEquals(Optional.empty(), quick(THREAD, T0));
    }

    assertEquals(Optional.of(new Hold(RELEASE, true)), quick(THREAD, T0));
    assertEquals(Optional.of(new Hold(RELEASE, false)), quick(THREAD, T0));
    assertEquals(1, ceiling.held(T0));
    assertEquals(0, ceiling.held(RELEASE));
  }

  @Test
  void aHoldOutlivesARestart() throws Exception {
    hold();
    database.crash();

    database = MappingDatabase.open(folder);

    ceiling = new LoopCeiling(database.jdbi());
    assertTrue(quick(THREAD, T0).isPresent());
  }

  @Test
  void eachThreadIsCountedForItself() {
    hold();

    assertEquals(Optional.empty(), quick(OTHER, T0));
  }

  @Test
  void whatIsHeldStaysInTheOutboxUntilItsRelease() {
    var outbox = new Outbox(database.jdbi(), new Quiet(Duration.ofSeconds(20)));
    var line = line(THREAD, 1);
    outbox.add(line);
    outbox.add(line(OTHER, 2));
    hold();
    var later = T0.plus(Duration.ofMinutes(5));

    var due = outbox.due(later);

    assertEquals(OTHER, due.get(0).first().conversation());
    assertEquals(1, due.size());
    assertEquals(2, outbox.count());
    assertEquals(Optional.of(OutboxState.PENDING), outbox.state(line));
    assertEquals(Optional.of(RELEASE), outbox.nextRelease(later));
    assertEquals(2, outbox.due(RELEASE).size());
    assertEquals(Optional.empty(), outbox.nextRelease(RELEASE));
  }

  @Test
  void aHoldWithoutLinesIsNotWaitedFor() {
    hold();

    assertEquals(
        Optional.empty(), new Outbox(database.jdbi(), new Quiet(Duration.ZERO)).nextRelease(T0));
  }

  @Test
  void forgetsThreadsThatRest() {
    hold();

    assertEquals(0, ceiling.expire(T0));
    assertFalse(quick(THREAD, T0).isEmpty());
    assertEquals(1, ceiling.expire(RELEASE.plusSeconds(1)));
    assertEquals(Optional.empty(), quick(THREAD, T0));
  }

  private void hold() {
    for (int i = 0; i < 21; i++) {
      quick(THREAD, T0);
    }
  }

  private Optional<Hold> quick(ConversationId conversation, Instant now) {
    var turn = new Turn(String.format("%064x", ++message), Duration.ofSeconds(1));
    return database
        .jdbi()
        .inTransaction(handle -> ceiling.count(handle, conversation, BOB, turn, now));
  }

  private static OutboxLine line(ConversationId conversation, int message) {
    return new OutboxLine(
        InstallationId.of(new byte[32]),
        String.format("%064x", message),
        BOB,
        conversation,
        new InboxId("ab".repeat(32)),
        T0,
        T0,
        0);
  }
}

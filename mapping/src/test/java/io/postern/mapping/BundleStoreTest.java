package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.group;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.installation;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.MailId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@OnEachDatabase
class BundleStoreTest {
  @TempDir Path folder;
  private MappingDatabase database;
  private Outbox outbox;
  private BundleStore bundles;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    outbox = new Outbox(database.jdbi(), new Quiet(Duration.ZERO));
    bundles = new BundleStore(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aRetrySendsTheSameOctets() {
    long id = closed(1);
    var first = due(T0).get(0);

    assertTrue(bundles.deferred(id, "4.4.1", "no answer", T0.plusSeconds(60), T0));

    assertEquals(List.of(), due(T0.plusSeconds(59)));
    var second = due(T0.plusSeconds(60)).get(0);
    assertArrayEquals(first.octets(), second.octets());
    assertEquals(first.mailId(), second.mailId());
    assertEquals(1, second.attempts());
    assertEquals("4.4.1", second.lastStatus());
    assertEquals("no answer", second.lastWords());
    assertEquals(Optional.of(T0.plusSeconds(60)), bundles.nextTry());
  }

  @Test
  void ofEachRecipientTheEldestThatIsDueComesFirst() {
    long one = closed(1, "bob@example.org");
    long two = closed(2, "bob@example.org");
    long eve = closed(3, "eve@example.org");
    bundles.deferred(one, "4.4.1", "no answer", T0.plusSeconds(60), T0);

    assertEquals(List.of(two, eve), due(T0).stream().map(Bundle::id).toList());
    assertEquals(List.of(one, eve), due(T0.plusSeconds(60)).stream().map(Bundle::id).toList());
    assertEquals(3, bundles.count(OutboxState.BUNDLED));
    assertEquals(0, bundles.count(OutboxState.DEAD));
  }

  @Test
  void whatIsDeliveredIsDueNoMore() {
    long id = closed(1);

    assertTrue(bundles.delivered(id, "250 2.0.0 queued", T0));

    assertEquals(List.of(), due(T0.plusSeconds(3600)));
    assertEquals(Optional.empty(), bundles.nextTry());
    assertEquals(OutboxState.DELIVERED, bundles.byId(id).orElseThrow().state());
    assertEquals(0, bundles.byId(id).orElseThrow().octets().length, "the disk does not fill");
    assertEquals(Optional.of(OutboxState.DELIVERED), outbox.state(line(1)));
  }

  @Test
  void aRefusalIsNewsOnce() {
    long id = closed(1);

    assertTrue(bundles.refused(id, "5.1.1", "no such user", T0));
    assertFalse(bundles.refused(id, "5.1.1", "no such user", T0));
    assertEquals(Optional.of(OutboxState.REFUSED), outbox.state(line(1)));
  }

  @Test
  void onlyWhatWasDeliveredBouncesAndOnlyOnce() {
    long id = closed(1);
    assertFalse(bundles.bounced(id, "5.1.1", "no such user", T0));
    bundles.delivered(id, "250 ok", T0);

    assertTrue(bundles.bounced(id, "5.1.1", "no such user", T0));
    assertFalse(bundles.bounced(id, "5.1.1", "no such user", T0));
    assertEquals(1, bundles.byId(id).orElseThrow().attempts());
  }

  @Test
  void theDeadMayBeTriedAgainFromTheBeginning() {
    long id = closed(1);
    bundles.deferred(id, "4.4.1", "no answer", T0, T0);
    assertTrue(bundles.dead(id, "4.4.7", "given up after 48 h", T0));
    assertEquals(List.of(id), bundles.dead(5).stream().map(DeadBundle::id).toList());
    assertEquals(List.of(), due(T0.plusSeconds(3600)));

    assertTrue(bundles.retry(id, T0.plusSeconds(9)));
    assertFalse(bundles.retry(id, T0.plusSeconds(9)));

    var again = due(T0.plusSeconds(9)).get(0);
    assertEquals(0, again.attempts());
    assertEquals(T0.plusSeconds(9), again.closedAt());
    assertEquals(Optional.of(OutboxState.BUNDLED), outbox.state(line(1)));
  }

  @Test
  void theDeadLetterBoxTellsAllButTheContentTheNewestFirst() {
    long one = closed(1, "bob@example.org");
    long two = closed(2, "eve@example.org");
    bundles.dead(one, "5.4.7", "4.4.1 no answer", T0.plusSeconds(1));
    bundles.dead(two, "5.4.7", "4.4.1 no answer", T0.plusSeconds(2));

    var dead = bundles.dead(5);

    assertEquals(List.of(two, one), dead.stream().map(DeadBundle::id).toList());
    assertEquals(List.of(two), bundles.dead(1).stream().map(DeadBundle::id).toList());
    var first = dead.get(0);
    assertEquals(bundles.byId(two).orElseThrow().octets().length, first.octets());
    assertEquals("eve@example.org", first.recipient().toString());
    assertEquals("4.4.1 no answer", first.reason());
    assertEquals(Optional.of(first), bundles.findDead(two));
    assertEquals(Optional.empty(), bundles.findDead(closed(3)));
  }

  private boolean drop(long id) {
    return database
        .jdbi()
        .<Boolean, RuntimeException>inTransaction(handle -> bundles.drop(handle, id));
  }

  @Test
  void whatIsDroppedOrExpiresIsGoneWithItsLines() {
    long dropped = closed(1);
    long old = closed(2);
    long young = closed(3);
    long waiting = closed(4);
    bundles.dead(dropped, "5.4.7", "no answer", T0);
    bundles.dead(old, "5.4.7", "no answer", T0);
    bundles.dead(young, "5.4.7", "no answer", T0.plusSeconds(60));

    assertTrue(drop(dropped));
    assertFalse(drop(dropped));
    assertFalse(drop(waiting));
    assertEquals(1, bundles.expireDead(T0.plusSeconds(60)));

    assertEquals(List.of(young), bundles.dead(5).stream().map(DeadBundle::id).toList());
    assertEquals(Optional.empty(), outbox.state(line(1)));
    assertEquals(Optional.empty(), outbox.state(line(2)));
    assertTrue(bundles.byId(waiting).isPresent());
  }

  @ParameterizedTest
  @EnumSource(
      value = OutboxState.class,
      names = {"DELIVERED", "REFUSED", "DEAD"})
  void noTryChangesWhatHasEnded(OutboxState end) {
    long id = closed(1);
    end(id, end);

    assertFalse(bundles.delivered(id, "250 ok", T0));
    assertFalse(bundles.deferred(id, "4.4.1", "no answer", T0, T0));
    assertFalse(bundles.refused(id, "5.1.1", "no such user", T0));
    assertFalse(bundles.dead(id, "4.4.7", "given up", T0));
    assertEquals(end, bundles.byId(id).orElseThrow().state());
  }

  @Test
  void aCrashBetweenTheAnswerAndItsNoteTriesAgainWithTheSameMail() throws Exception {
    long id = closed(1);
    var sent = due(T0).get(0);

    assertThrows(
        MappingDatabase.Crash.class,
        () ->
            database
                .jdbi()
                .useTransaction(
                    handle -> {
                      assertTrue(bundles.delivered(handle, id, "250 ok", T0));
                      throw new MappingDatabase.Crash();
                    }));
    database.crash();
    open();

    var again = due(T0).get(0);
    assertEquals(sent.mailId(), again.mailId());
    assertArrayEquals(sent.octets(), again.octets());
    assertEquals(0, again.attempts());
    assertEquals(Optional.of(OutboxState.BUNDLED), outbox.state(line(1)));
  }

  @Test
  void aBounceFindsEveryRecipientOfTheMail() {
    closed(1);

    assertEquals(
        List.of(List.of(message(1))),
        bundles.byMailId(new MailId("<X-1@bridge.example>")).stream()
            .map(Bundle::messageIds)
            .toList());
    assertEquals(List.of(), bundles.byMailId(new MailId("<x-2@bridge.example>")));
  }

  @Test
  void aMailFromTheNullSenderStaysOne() {
    outbox.add(line(1));
    var mail = new ClosedMail(new MailId("<n-1@x>"), Optional.empty(), new byte[] {1});
    long id = outbox.close(outbox.due(T0).get(0), mail, T0).orElseThrow();

    assertEquals(Optional.empty(), bundles.byId(id).orElseThrow().envelope().reversePath());
  }

  @Test
  void aLargeMailStaysWhole() {
    var octets = new byte[5_000_000];
    new SplittableRandom(7).nextBytes(octets);
    outbox.add(line(1));
    var mail = new ClosedMail(new MailId("<n-1@x>"), Optional.empty(), octets);
    outbox.close(outbox.due(T0).get(0), mail, T0);

    assertArrayEquals(octets, due(T0).get(0).octets());
  }

  @Test
  void expiryKeepsWhatIsUnderWayOrDead() {
    long delivered = closed(1);
    long refused = closed(2);
    long dead = closed(3);
    long waiting = closed(4);
    end(delivered, OutboxState.DELIVERED);
    end(refused, OutboxState.REFUSED);
    end(dead, OutboxState.DEAD);

    assertEquals(0, bundles.expire(T0));
    assertEquals(2, bundles.expire(T0.plusSeconds(1)));

    assertEquals(Optional.empty(), bundles.byId(delivered));
    assertEquals(Optional.empty(), outbox.state(line(1)));
    assertEquals(Optional.empty(), bundles.byId(refused));
    assertTrue(bundles.byId(dead).isPresent());
    assertTrue(bundles.byId(waiting).isPresent());
  }

  private void end(long id, OutboxState state) {
    switch (state) {
      case DELIVERED -> bundles.delivered(id, "250 ok", T0);
      case REFUSED -> bundles.refused(id, "5.1.1", "no such user", T0);
      case DEAD -> bundles.dead(id, "4.4.7", "given up", T0);
      default -> throw new IllegalArgumentException(state + " is no end");
    }
  }

  private long closed(int n) {
    return closed(n, "bob@example.org");
  }

  private long closed(int n, String recipient) {
    outbox.add(line(n, recipient));
    var mail =
        new ClosedMail(
            new MailId("<x-" + n + "@bridge.example>"),
            Optional.of(mailbox("bounce@bridge.example")),
            new byte[] {(byte) n, 0, -1});
    return outbox.close(outbox.due(T0).get(0), mail, T0).orElseThrow();
  }

  private List<Bundle> due(Instant now) {
    return bundles.due(now).values().stream().map(id -> bundles.byId(id).orElseThrow()).toList();
  }

  private static OutboxLine line(int n) {
    return line(n, "bob@example.org");
  }

  private static OutboxLine line(int n, String recipient) {
    return new OutboxLine(
        installation(1),
        message(n),
        mailbox(recipient),
        ConversationId.ofGroup(group(1)),
        inbox(4),
        T0,
        T0,
        0);
  }
}

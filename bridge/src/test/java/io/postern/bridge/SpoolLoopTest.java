package io.postern.bridge;

import static io.postern.bridge.CarriedMail.ALICE;
import static io.postern.bridge.CarriedMail.AWAY;
import static io.postern.bridge.CarriedMail.BOB;
import static io.postern.bridge.CarriedMail.BUSY;
import static io.postern.bridge.CarriedMail.CAROL;
import static io.postern.bridge.CarriedMail.DAVE;
import static io.postern.bridge.CarriedMail.DOMAIN;
import static io.postern.bridge.CarriedMail.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.postern.interop.EachDatabase;
import io.postern.interop.OnEachDatabase;
import io.postern.mail.Body;
import io.postern.mail.Envelope;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mapping.Journey;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.SpoolRow;
import io.postern.smtp.SpoolId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.LocalTransactionHandler;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jdbi.v3.core.transaction.TransactionHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of accepted mail. */
@OnEachDatabase
class SpoolLoopTest {
  @TempDir Path folder;
  private CarriedMail world;

  @BeforeEach
  void open() throws Exception {
    world = new CarriedMail(folder);
  }

  @AfterEach
  void close() throws Exception {
    world.close();
  }

  @Test
  void endsAMailThatHasReachedAll() throws Exception {
    var id = world.arrive(BOB, "one", List.of(ALICE, CAROL), "Message-ID: <1@example.org>");

    world.turn(Duration.ZERO);

    assertThat(world.outcomes(id)).containsValues(Outcome.DELIVERED).hasSize(2);
    assertThat(world.spool.size()).isZero();
    assertThat(world.journeys.find("<1@example.org>")).extracting(Journey::id).containsExactly(id);
    assertThat(world.sent).isEmpty();
  }

  @Test
  void readsAMailOnceForAllItsRecipients() throws Exception {
    world.arrive(BOB, "one", List.of(ALICE, CAROL, DAVE));
    world.arrive(BOB, "two", List.of(ALICE, CAROL, DAVE));

    world.turn(Duration.ZERO);

    assertThat(world.tried).hasSize(6);
    assertThat(world.read).hasSize(2);
  }

  @Test
  void theFilesOfALargeMailLieOnTheDiskWhileItIsCarriedAndNoLonger() throws Exception {
    var file = "QUJD".repeat(19);
    world.accept(
        Envelope.of(BOB, List.of(ALICE)), largeMail("one", (file + "\r\n").repeat(10_000)));
    var lying = new ArrayList<Long>();
    world.whileCarrying = () -> lying.add(world.carrying().toFile().listFiles()[0].length());

    world.turn(Duration.ZERO);

    var body = Body.of("ABC".repeat(19 * 10_000).getBytes(StandardCharsets.UTF_8));
    assertThat(lying).containsExactly((long) body.size());
    assertThat(world.whole).containsExactly(List.of(body.digest()));
    assertThat(world.spool.size()).isZero();
    assertThat(world.carrying().toFile().list()).isEmpty();
  }

  private void assertWaits() throws Exception {
    assertThat(world.tried).isEmpty();
    assertThat(world.spool.due(Instant.MAX, 10))
        .singleElement()
        .satisfies(mail -> assertThat(mail.attempts()).isEqualTo(1));
    assertThat(world.sent).isEmpty();
  }

  @Test
  void aMailIsNotTakenApartWhereTheDiskHasHardlyRoomForMore() throws Exception {
    world.accept(Envelope.of(BOB, List.of(ALICE)), largeMail("one", "QUJD".repeat(100_000)));
    world.room = DiskRoom.NEEDED + 300_000;

    world.turn(Duration.ZERO);

    assertWaits();
    world.room = DiskRoom.NEEDED + 1_000_000;
    world.turn(Duration.ofHours(1));
    assertThat(world.whole).hasSize(1);
    assertThat(world.spool.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10})
  void aMailWhoseFilesFindNoRoomOnTheDiskWaits(int files) throws Exception {
    var next = "\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    var all = Collections.nCopies(files, "QUJD".repeat(100_000 / files));
    world.accept(Envelope.of(BOB, List.of(ALICE)), largeMail("one", String.join(next, all)));
    Files.delete(world.carrying()); // As a full disk, no file can be made.

    world.turn(Duration.ZERO);

    assertWaits();

    Files.createDirectory(world.carrying());
    world.turn(Duration.ofHours(1));

    assertThat(world.whole).hasSize(1);
    assertThat(world.spool.size()).isZero();
  }

  @Test
  void whatACrashHasLeftOfDecodedFilesGoesAtTheStart() throws Exception {
    Files.write(world.carrying().resolve("left"), new byte[10]);

    Arrivals.open(world.carrying(), octets -> true);

    assertThat(world.carrying()).isEmptyDirectory();
  }

  private static String largeMail(String subject, String base64) {
    return "From: <"
        + BOB
        + ">\r\nSubject: "
        + subject
        + "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n"
        + "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64
        + "\r\n--b--\r\n";
  }

  @Test
  void settlesEachRecipientByItselfAlsoAcrossARestart() throws Exception {
    world.outcomes.put(CAROL, BUSY);
    world.outcomes.put(DAVE, REFUSED);
    var id = world.arrive(BOB, "one", List.of(ALICE, CAROL, DAVE));
    world.turn(Duration.ZERO);
    assertThat(world.outcomes(id))
        .containsEntry("alice", Outcome.DELIVERED)
        .containsEntry("carol", Outcome.PENDING)
        .containsEntry("dave", Outcome.REFUSED);
    assertThat(world.sent).hasSize(1);
    world.tried.clear();

    world.stop();
    world.start();
    world.outcomes.clear();
    world.turn(Duration.ofMinutes(1));

    assertThat(world.tried).containsExactly("one>carol");
    assertThat(world.outcomes(id)).containsEntry("carol", Outcome.DELIVERED);
    assertThat(world.spool.size()).isZero();
    assertThat(world.sent).hasSize(1);
  }

  @Test
  void givesUpAfterFortyEightHoursWithOneReportAndKeepsTheMail() throws Exception {
    world.outcomes.put(ALICE, BUSY);
    world.outcomes.put(CAROL, BUSY);
    var id = world.arrive(BOB, "one", List.of(ALICE, CAROL, DAVE));

    for (int hours = 0; hours <= 60 && world.spool.size() > 0; hours++) {
      world.turn(Duration.ofHours(1));
    }

    assertThat(world.outcomes(id))
        .containsEntry("alice", Outcome.DEAD)
        .containsEntry("carol", Outcome.DEAD)
        .containsEntry("dave", Outcome.DELIVERED);
    assertThat(world.spool.dead())
        .extracting(dead -> dead.mail().id().toString())
        .containsExactly(id);
    assertThat(world.sent).hasSize(2); // A word after four hours is the first.
    assertThat(MailReader.read(world.sent.get(1)).report().orElseThrow().recipients())
        .extracting("status")
        .containsExactly("5.4.7", "5.4.7");
    assertThat(Duration.between(TestClock.START, world.clock.instant()))
        .isBetween(Duration.ofHours(44), Duration.ofHours(49));
  }

  @Test
  void givesUpWhileTheNetworkIsAwayToo() throws Exception {
    world.outcomes.put(ALICE, AWAY);
    var id = world.arrive(BOB, "one", List.of(ALICE));

    for (int hours = 0; hours <= 60 && world.spool.size() > 0; hours++) {
      world.turn(Duration.ofHours(1));
    }

    assertThat(world.outcomes(id)).containsEntry("alice", Outcome.DEAD);
    assertThat(world.sent).hasSize(2);
  }

  @Test
  void tellsTheSenderOnceAfterFourHoursAlsoAcrossARestart() throws Exception {
    world.outcomes.put(ALICE, BUSY);
    var id = world.arrive(BOB, "one", List.of(ALICE, CAROL), "Message-ID: <1@example.org>");
    world.turn(Duration.ZERO);
    world.turn(Duration.ofHours(3));
    assertThat(world.sent).isEmpty();

    world.turn(Duration.ofHours(2));
    world.stop();
    world.start();
    world.turn(Duration.ofHours(5));

    assertThat(world.sent).hasSize(1);
    var report = MailReader.read(world.sent.get(0)).report().orElseThrow();
    assertThat(report.delayed()).isTrue();
    assertThat(report.failed()).isFalse();
    assertThat(report.recipients())
        .extracting("recipient", "status")
        .containsExactly(tuple(ALICE.toString(), "4.3.0"));
    assertThat(report.original().orElseThrow().value()).isEqualTo("<1@example.org>");
    assertThat(world.outcomes(id)).containsEntry("alice", Outcome.PENDING);
    assertThat(world.journey(id).steps())
        .extracting(Journey.Step::words)
        .contains("not delivered for 4 hours; its sender is told");
  }

  @Test
  void ofADelayAMachineIsNotTold() throws Exception {
    world.outcomes.put(ALICE, BUSY);
    var id = world.arrive(BOB, "one", List.of(ALICE), "Auto-Submitted: auto-generated");
    world.turn(Duration.ZERO);

    world.turn(Duration.ofHours(5));
    world.turn(Duration.ofHours(5));

    assertThat(world.sent).isEmpty();
    assertThat(world.journey(id).steps())
        .extracting(Journey.Step::words)
        .containsOnlyOnce("not delivered for 4 hours; its sender is not told: a machine made it");
  }

  @Test
  void allWhoWaitForTheNetworkAreToldNotOnlyTheFirst() throws Exception {
    world.outcomes.put(ALICE, AWAY);
    world.arrive(BOB, "one", List.of(ALICE));
    world.arrive(BOB, "two", List.of(ALICE));
    world.turn(Duration.ZERO);

    world.turn(Duration.ofHours(5));
    world.turn(Duration.ofHours(1));

    assertThat(world.sent).hasSize(2);
  }

  @Test
  void aCrashBeforeTheDeadLetterBoxDoesNotLoseWhatWasGivenUp() throws Exception {
    world.outcomes.put(ALICE, BUSY);
    var id = world.arrive(BOB, "one", List.of(ALICE));
    world.turn(Duration.ZERO);
    world.journeys.end(
        id,
        ALICE,
        Outcome.DEAD,
        new Journey.Step(world.clock.instant(), Journey.Place.MAIL_TO_XMTP, "given up"));

    world.turn(Duration.ofMinutes(1));

    assertThat(world.spool.size()).isZero();
    assertThat(world.spool.dead()).hasSize(1);
    assertThat(world.sent).isEmpty();
  }

  @Test
  void whatAMistakeOfOursHoldsUpIsGivenUpToo() throws Exception {
    world.bug = new IllegalStateException("a mistake");
    var id = world.arrive(BOB, "one", List.of(ALICE));

    for (int hours = 0; hours <= 60 && world.spool.size() > 0; hours++) {
      world.turn(Duration.ofHours(1));
    }

    assertThat(world.outcomes(id)).containsEntry("alice", Outcome.DEAD);
    assertThat(world.spool.dead()).hasSize(1);
    assertThat(world.tried).hasSizeLessThan(40);
  }

  /** A connection broke: these mails failed, and the database has answered since. */
  @Test
  void whatFailedForADatabaseThatDidNotAnswerIsToldWithoutATrace() throws Exception {
    world.arrive(BOB, "one", List.of(ALICE));
    world.arrive(CAROL, "two", List.of(ALICE));
    world.bug = new ConnectionException(new SQLException("closed"));

    try (var said = LogLines.of(SpoolLoop.class)) {
      world.turn(Duration.ZERO);

      assertThat(said.read()).filteredOn(line -> line.startsWith("WARN deferred")).hasSize(2);
      assertThat(said.read()).filteredOn(line -> line.endsWith("closed")).hasSize(2);
      assertThat(said.read()).hasSize(4);
    }
    world.bug = null;
    world.turn(Duration.ofHours(1));
    assertThat(world.spool.size()).isZero();
  }

  /** As where a carrier has lost its hold, and all that is in work fails. */
  @Test
  void aDatabaseThatIsAwayIsToldInOneLineForAllMails() throws Exception {
    for (var each : List.of("one", "two", "three")) {
      world.arrive(BOB, each, List.of(ALICE));
    }
    world.whileCarrying =
        () -> {
          world.store.jdbi().setTransactionHandler(new LostHold());
          throw LostHold.told();
        };

    try (var said = LogLines.of(SpoolLoop.class);
        var saidOnce = LogLines.of(Outage.class)) {
      world.turn(Duration.ZERO);

      assertThat(said.read()).isEmpty();
      assertThat(saidOnce.read())
          .containsExactly(
              "WARN the spool or the database is away reason=the hold on the database is lost");
    }
  }

  /** No transaction begins any more. */
  private static final class LostHold extends LocalTransactionHandler {
    @Override
    public TransactionHandler specialize(Handle handle) {
      return this;
    }

    @Override
    public void begin(Handle handle) {
      throw told();
    }

    static TransactionException told() {
      return new TransactionException("the hold on the database is lost");
    }
  }

  @Test
  void whileTheNetworkIsAwayNothingOvertakes() throws Exception {
    world.outcomes.put(ALICE, AWAY);
    world.arrive(BOB, "one", List.of(ALICE));
    world.arrive(BOB, "two", List.of(ALICE));
    world.arrive(BOB, "three", List.of(ALICE));
    world.turn(Duration.ZERO);
    assertThat(world.tried).containsExactly("one>alice");
    world.turn(Duration.ofMillis(500));
    assertThat(world.tried).hasSize(1);

    world.outcomes.clear();
    world.tried.clear();
    world.turn(Duration.ofSeconds(1));

    assertThat(world.tried).containsExactly("one>alice", "two>alice", "three>alice");
    assertThat(world.spool.size()).isZero();
  }

  @Test
  void theNetworkIsAskedOnceForAMailToManyWhileItIsAway() throws Exception {
    world.outcomes.put(ALICE, AWAY);
    world.outcomes.put(CAROL, AWAY);
    world.arrive(BOB, "one", List.of(ALICE, CAROL));

    world.turn(Duration.ZERO);

    assertThat(world.tried).containsExactly("one>alice");
  }

  @Test
  void aMailThatFailsByItselfHoldsUpNoOther() throws Exception {
    world.outcomes.put(ALICE, BUSY);
    world.arrive(BOB, "one", List.of(ALICE));
    world.arrive(BOB, "two", List.of(CAROL));

    world.turn(Duration.ZERO);

    assertThat(world.tried).containsExactly("one>alice", "two>carol");
    assertThat(world.spool.size()).isEqualTo(1);
  }

  @Test
  void aDamagedFileIsSetAsideAndSaysSo() throws Exception {
    var id = world.arrive(BOB, "one", List.of(ALICE));
    world.spool.defer(SpoolId.parse(id).orElseThrow(), world.clock.instant(), "busy");
    damage(id);

    world.turn(Duration.ZERO);

    assertThat(world.outcomes(id)).containsEntry("alice", Outcome.DEAD);
    assertThat(world.spool.size()).isZero();
    assertThat(world.tried).isEmpty();
    assertThat(isSetAside(id)).isTrue();
  }

  private void damage(String id) throws Exception {
    if (EachDatabase.isPostgres()) {
      world.store.jdbi().useHandle(handle -> handle.execute("delete from spool_part"));
      return;
    }
    var file = folder.resolve("spool").resolve("ready").resolve(id + ".mail");
    var octets = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(file, octets.replace("text\r\n", "tent\r\n"), StandardCharsets.ISO_8859_1);
  }

  private boolean isSetAside(String id) throws Exception {
    var place = folder.resolve("spool");
    return EachDatabase.isPostgres()
        ? StoredSpool.rows(place, world.store.jdbi(), world.store.source())
                .row(id)
                .orElseThrow()
                .place()
            == SpoolRow.Place.DAMAGED
        : Files.exists(place.resolve("damaged").resolve(id + ".mail"));
  }

  @Test
  void aStopDefersNothing() throws Exception {
    var id = world.arrive(BOB, "one", List.of(ALICE));
    world.outcomes.put(ALICE, BUSY);
    var stopping = new CompletableFuture<?>[1];
    world.whileCarrying =
        () -> {
          stopping[0] = CompletableFuture.runAsync(world.loop::close);
          await().until(world.loop::isStopped);
        };

    world.loop.turn();

    stopping[0].get(10, TimeUnit.SECONDS);
    var spooled = world.spool.find(SpoolId.parse(id).orElseThrow()).orElseThrow();
    assertThat(spooled.attempts()).isZero();
    assertThat(world.outcomes(id)).containsEntry("alice", Outcome.PENDING);
  }

  @Test
  void aBounceToAnUnknownReturnPathEndsQuietly() throws Exception {
    var path = new Mailbox("b-" + "a".repeat(32), DOMAIN);
    var id = world.arrive(Envelope.fromNobody(List.of(path)), "bounce");

    world.turn(Duration.ZERO);

    assertThat(world.journey(id).outcomes()).containsEntry(path, Outcome.WITHHELD);
    assertThat(world.spool.size()).isZero();
    assertThat(world.sent).isEmpty();
  }

  @Test
  void whatNobodyHasSentStandsInALaneOfWhomItIsFor() throws Exception {
    var one = new Mailbox("b-" + "a".repeat(32), DOMAIN);
    var other = new Mailbox("b-" + "b".repeat(32), DOMAIN);
    for (var path : List.of(one, other, one)) {
      world.arrive(Envelope.fromNobody(List.of(path)), "bounce");
    }
    var begun = new ArrayList<Runnable>();
    try (var loop = world.loop(begun::add)) {
      loop.turn();

      assertThat(begun).hasSize(2);
    }
  }

  @Test
  void findsAllOfAQueueLongerThanOneLook() throws Exception {
    for (int i = 0; i < 300; i++) {
      world.arrive(new Mailbox("writer" + i % 7, "example.org"), "mail " + i, List.of(ALICE));
    }
    world.clock.goOn(Duration.ofSeconds(1)); // A burst is over.

    Optional<Duration> wait = Optional.empty();
    while (wait.isEmpty() || wait.get().isZero()) {
      wait = Optional.of(world.loop.turn());
    }

    assertThat(world.tried).hasSize(300);
    assertThat(world.spool.size()).isZero();
  }
}

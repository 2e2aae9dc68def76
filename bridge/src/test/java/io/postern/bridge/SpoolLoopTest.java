package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.postern.mail.AcceptedMail;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.AddressRules;
import io.postern.mapping.Journey;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.ThreadIds;
import io.postern.smtp.Spool;
import io.postern.smtp.SpoolId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of accepted mail. The loop takes its turns in the test's own thread. */
class SpoolLoopTest {
  private static final String DOMAIN = "bridge.example";
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Mailbox ALICE = new Mailbox("alice", DOMAIN);
  private static final Mailbox CAROL = new Mailbox("carol", DOMAIN);
  private static final Mailbox DAVE = new Mailbox("dave", DOMAIN);
  private static final Delivery DELIVERED = new Delivery.Delivered("ok");
  private static final Delivery AWAY = new Delivery.Deferred(SpoolLoop.NETWORK_AWAY, "no network");
  private static final Delivery BUSY = new Delivery.Deferred("4.3.0", "not just now");
  private static final Delivery REFUSED = new Delivery.Refused("5.1.1", "nobody there");

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final Map<Mailbox, Delivery> outcomes = new HashMap<>();
  private final List<String> tried = new ArrayList<>();
  private final List<byte[]> sent = new ArrayList<>();
  private Delivery ofReports = DELIVERED;
  private RuntimeException bug;
  private Runnable whileCarrying = () -> {};
  private TestStore store;
  private JourneyStore journeys;
  private Spool spool;
  private Spool reportSpool;
  private SenderReports senderReports;
  private SpoolLoop loop;

  @BeforeEach
  void open() throws Exception {
    store = new TestStore();
    journeys = new JourneyStore(store.jdbi());
    start();
  }

  private void start() throws Exception {
    var time = clock.asClock();
    spool = Spool.open(folder.resolve("spool"), time);
    reportSpool = Spool.open(folder.resolve("reports"), time);
    var threadIds = new ThreadIds(List.of(DOMAIN));
    var rules = new AddressRules(List.of(DOMAIN), List.of());
    senderReports =
        new SenderReports(reportSpool, to -> this::send, rules, threadIds, DOMAIN, clock);
    var notices = new Notices(new Consents(store.store()), store.client(TestStore.away()));
    loop =
        new SpoolLoop(
            spool,
            this::deliver,
            new Reports(store.jdbi(), threadIds, notices, clock),
            senderReports,
            store.jdbi(),
            Runnable::run,
            clock);
  }

  @AfterEach
  void close() throws Exception {
    stop();
    store.close();
  }

  private void stop() throws Exception {
    loop.close();
    spool.close();
    reportSpool.close();
  }

  private Delivery deliver(Arrival arrival, Mailbox recipient) {
    tried.add(arrival.mail().subject() + ">" + recipient.localPart());
    whileCarrying.run();
    if (bug != null) {
      throw bug;
    }
    return outcomes.getOrDefault(recipient, DELIVERED);
  }

  private Delivery send(Envelope envelope, byte[] octets) {
    assertThat(envelope.reversePath()).isEmpty();
    if (ofReports instanceof Delivery.Delivered) {
      sent.add(octets);
    }
    return ofReports;
  }

  private String arrive(Mailbox from, String subject, List<Mailbox> to, String... fields)
      throws Exception {
    return arrive(Envelope.of(from, to), subject, fields);
  }

  private String arrive(Envelope envelope, String subject, String... fields) throws Exception {
    var before = all();
    var text = new StringBuilder("From: <" + BOB + ">\r\nSubject: " + subject + "\r\n");
    for (var field : fields) {
      text.append(field).append("\r\n");
    }
    text.append("\r\ntext\r\n");
    var received = new Received(clock.instant(), "127.0.0.1", "h", false, Verdict.none());
    spool.accept(
        new AcceptedMail(envelope, text.toString().getBytes(StandardCharsets.UTF_8), received));
    return all().stream().filter(id -> !before.contains(id)).findFirst().orElseThrow();
  }

  private List<String> all() throws Exception {
    return spool.due(Instant.MAX, 1000).stream().map(mail -> mail.id().toString()).toList();
  }

  private Map<String, Outcome> outcomes(String id) {
    var by = new LinkedHashMap<String, Outcome>();
    journey(id).outcomes().forEach((mailbox, outcome) -> by.put(mailbox.localPart(), outcome));
    return by;
  }

  private Journey journey(String id) {
    return journeys.byId(id).orElseThrow();
  }

  private void turn(Duration later) throws Exception {
    clock.goOn(later);
    loop.turn();
    senderReports.turn();
  }

  @Test
  void endsAMailThatHasReachedAll() throws Exception {
    var id = arrive(BOB, "one", List.of(ALICE, CAROL), "Message-ID: <1@example.org>");

    turn(Duration.ZERO);

    assertThat(outcomes(id)).containsValues(Outcome.DELIVERED).hasSize(2);
    assertThat(spool.size()).isZero();
    assertThat(journeys.find("<1@example.org>")).extracting(Journey::id).containsExactly(id);
    assertThat(sent).isEmpty();
  }

  @Test
  void settlesEachRecipientByItselfAlsoAcrossARestart() throws Exception {
    outcomes.put(CAROL, BUSY);
    outcomes.put(DAVE, REFUSED);
    var id = arrive(BOB, "one", List.of(ALICE, CAROL, DAVE));
    turn(Duration.ZERO);
    assertThat(outcomes(id))
        .containsEntry("alice", Outcome.DELIVERED)
        .containsEntry("carol", Outcome.PENDING)
        .containsEntry("dave", Outcome.REFUSED);
    assertThat(sent).hasSize(1);
    tried.clear();

    stop();
    start();
    outcomes.clear();
    turn(Duration.ofMinutes(1));

    assertThat(tried).containsExactly("one>carol");
    assertThat(outcomes(id)).containsEntry("carol", Outcome.DELIVERED);
    assertThat(spool.size()).isZero();
    assertThat(sent).hasSize(1);
  }

  @Test
  void namesInTheReportWhoWasNotReachedAndWhy() throws Exception {
    outcomes.put(CAROL, REFUSED);
    outcomes.put(DAVE, new Delivery.Refused("5.7.1", "not you"));
    arrive(BOB, "one", List.of(ALICE, CAROL, DAVE), "Message-ID: <1@example.org>");

    turn(Duration.ZERO);

    var mail = MailReader.read(sent.get(0));
    assertThat(sent).hasSize(1);
    assertThat(mail.to().get(0).mailbox()).isEqualTo(BOB);
    assertThat(mail.automatic()).isTrue();
    var report = mail.report().orElseThrow();
    assertThat(report.recipients())
        .extracting("recipient", "status")
        .containsExactly(tuple(CAROL.toString(), "5.1.1"), tuple(DAVE.toString(), "5.7.1"));
    assertThat(report.original().orElseThrow().value()).isEqualTo("<1@example.org>");
  }

  @Test
  void givesUpAfterFortyEightHoursWithOneReportAndKeepsTheMail() throws Exception {
    outcomes.put(ALICE, BUSY);
    outcomes.put(CAROL, BUSY);
    var id = arrive(BOB, "one", List.of(ALICE, CAROL, DAVE));

    for (int hours = 0; hours <= 60 && spool.size() > 0; hours++) {
      turn(Duration.ofHours(1));
    }

    assertThat(outcomes(id))
        .containsEntry("alice", Outcome.DEAD)
        .containsEntry("carol", Outcome.DEAD)
        .containsEntry("dave", Outcome.DELIVERED);
    assertThat(spool.dead()).extracting(dead -> dead.mail().id().toString()).containsExactly(id);
    assertThat(sent).hasSize(1);
    assertThat(MailReader.read(sent.get(0)).report().orElseThrow().recipients())
        .extracting("status")
        .containsExactly("5.4.7", "5.4.7");
    assertThat(Duration.between(TestClock.START, clock.instant()))
        .isBetween(Duration.ofHours(44), Duration.ofHours(49));
  }

  @Test
  void givesUpWhileTheNetworkIsAwayToo() throws Exception {
    outcomes.put(ALICE, AWAY);
    var id = arrive(BOB, "one", List.of(ALICE));

    for (int hours = 0; hours <= 60 && spool.size() > 0; hours++) {
      turn(Duration.ofHours(1));
    }

    assertThat(outcomes(id)).containsEntry("alice", Outcome.DEAD);
    assertThat(sent).hasSize(1);
  }

  @Test
  void aCrashBeforeTheDeadLetterBoxDoesNotLoseWhatWasGivenUp() throws Exception {
    outcomes.put(ALICE, BUSY);
    var id = arrive(BOB, "one", List.of(ALICE));
    turn(Duration.ZERO);
    journeys.end(
        id,
        ALICE,
        Outcome.DEAD,
        new Journey.Step(clock.instant(), Journey.Place.MAIL_TO_XMTP, "given up"));

    turn(Duration.ofMinutes(1));

    assertThat(spool.size()).isZero();
    assertThat(spool.dead()).hasSize(1);
    assertThat(sent).isEmpty();
  }

  @Test
  void whatAMistakeOfOursHoldsUpIsGivenUpToo() throws Exception {
    bug = new IllegalStateException("a mistake");
    var id = arrive(BOB, "one", List.of(ALICE));

    for (int hours = 0; hours <= 60 && spool.size() > 0; hours++) {
      turn(Duration.ofHours(1));
    }

    assertThat(outcomes(id)).containsEntry("alice", Outcome.DEAD);
    assertThat(spool.dead()).hasSize(1);
    assertThat(tried).hasSizeLessThan(40);
  }

  @Test
  void whileTheNetworkIsAwayNothingOvertakes() throws Exception {
    outcomes.put(ALICE, AWAY);
    arrive(BOB, "one", List.of(ALICE));
    arrive(BOB, "two", List.of(ALICE));
    arrive(BOB, "three", List.of(ALICE));
    turn(Duration.ZERO);
    assertThat(tried).containsExactly("one>alice");
    turn(Duration.ofMillis(500));
    assertThat(tried).hasSize(1);

    outcomes.clear();
    tried.clear();
    turn(Duration.ofSeconds(1));

    assertThat(tried).containsExactly("one>alice", "two>alice", "three>alice");
    assertThat(spool.size()).isZero();
  }

  @Test
  void theNetworkIsAskedOnceForAMailToManyWhileItIsAway() throws Exception {
    outcomes.put(ALICE, AWAY);
    outcomes.put(CAROL, AWAY);
    arrive(BOB, "one", List.of(ALICE, CAROL));

    turn(Duration.ZERO);

    assertThat(tried).containsExactly("one>alice");
  }

  @Test
  void aMailThatFailsByItselfHoldsUpNoOther() throws Exception {
    outcomes.put(ALICE, BUSY);
    arrive(BOB, "one", List.of(ALICE));
    arrive(BOB, "two", List.of(CAROL));

    turn(Duration.ZERO);

    assertThat(tried).containsExactly("one>alice", "two>carol");
    assertThat(spool.size()).isEqualTo(1);
  }

  @Test
  void noReportLeavesForAMachineAListNobodyOrADomainOfTheBridge() throws Exception {
    outcomes.put(ALICE, REFUSED);
    var ids =
        List.of(
            arrive(BOB, "machine", List.of(ALICE), "Auto-Submitted: auto-generated"),
            arrive(BOB, "list", List.of(ALICE), "List-Id: <talk.example.org>"),
            arrive(BOB, "bulk", List.of(ALICE), "Precedence: bulk"),
            arrive(new Mailbox("b-" + "0".repeat(32), DOMAIN), "own", List.of(ALICE)));
    arrive(Envelope.fromNobody(List.of(ALICE)), "null sender");

    turn(Duration.ZERO);

    assertThat(sent).isEmpty();
    assertThat(reportSpool.size()).isZero();
    assertThat(spool.size()).isZero();
    for (var id : ids) {
      var steps = journey(id).steps();
      assertThat(steps.get(steps.size() - 1).words()).contains("its sender is not told");
    }
  }

  @Test
  void aReportOutlivesARestartWhileItsServerIsAway() throws Exception {
    outcomes.put(ALICE, REFUSED);
    ofReports = new Delivery.Deferred("4.4.1", "no route");
    arrive(BOB, "one", List.of(ALICE));
    turn(Duration.ZERO);
    assertThat(spool.size()).isZero();

    stop();
    start();
    ofReports = DELIVERED;
    turn(Duration.ofMinutes(1));
    turn(Duration.ofMinutes(1));

    assertThat(sent).hasSize(1);
    assertThat(reportSpool.size()).isZero();
  }

  @Test
  void aReportThatNobodyTakesEndsWithoutAnother() throws Exception {
    outcomes.put(ALICE, REFUSED);
    ofReports = new Delivery.Deferred("4.4.1", "no route");
    arrive(BOB, "one", List.of(ALICE));

    for (int hours = 0; hours <= 60 && (hours == 0 || reportSpool.size() > 0); hours++) {
      turn(Duration.ofHours(1));
    }

    assertThat(reportSpool.size()).isZero();
    assertThat(reportSpool.dead()).isEmpty();
    assertThat(spool.size()).isZero();
  }

  @Test
  void theReportAfterACrashHasTheSameId() throws Exception {
    outcomes.put(ALICE, REFUSED);
    var id = arrive(BOB, "one", List.of(ALICE));
    var spooled = spool.due(clock.instant(), 1).get(0);
    var failures = List.of(SenderReports.failed(ALICE, "5.1.1", "nobody there"));
    senderReports.tell(spooled, failures); // Here the process dies.

    turn(Duration.ZERO);

    assertThat(outcomes(id)).containsEntry("alice", Outcome.REFUSED);
    assertThat(sent).hasSize(2);
    assertThat(MailReader.read(sent.get(0)).id()).isEqualTo(MailReader.read(sent.get(1)).id());
  }

  @Test
  void aDamagedFileIsSetAsideAndSaysSo() throws Exception {
    var id = arrive(BOB, "one", List.of(ALICE));
    var file = folder.resolve("spool").resolve("ready").resolve(id + ".mail");
    var octets = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(file, octets.replace("text\r\n", "tent\r\n"), StandardCharsets.ISO_8859_1);

    turn(Duration.ZERO);

    assertThat(outcomes(id)).containsEntry("alice", Outcome.DEAD);
    assertThat(spool.size()).isZero();
    assertThat(tried).isEmpty();
    try (var aside = Files.list(folder.resolve("spool").resolve("damaged"))) {
      assertThat(aside).isNotEmpty();
    }
  }

  @Test
  void aStopDefersNothing() throws Exception {
    var id = arrive(BOB, "one", List.of(ALICE));
    outcomes.put(ALICE, BUSY);
    var stopping = new CompletableFuture<?>[1];
    whileCarrying =
        () -> {
          stopping[0] = CompletableFuture.runAsync(loop::close);
          await().until(loop::isStopped);
        };

    loop.turn();

    stopping[0].get(10, TimeUnit.SECONDS);
    var spooled = spool.find(SpoolId.parse(id).orElseThrow()).orElseThrow();
    assertThat(spooled.attempts()).isZero();
    assertThat(outcomes(id)).containsEntry("alice", Outcome.PENDING);
  }

  @Test
  void aBounceToAnUnknownReturnPathEndsQuietly() throws Exception {
    var path = new Mailbox("b-" + "a".repeat(32), DOMAIN);
    var id = arrive(Envelope.fromNobody(List.of(path)), "bounce");

    turn(Duration.ZERO);

    assertThat(journey(id).outcomes()).containsEntry(path, Outcome.WITHHELD);
    assertThat(spool.size()).isZero();
    assertThat(sent).isEmpty();
  }

  @Test
  void findsAllOfAQueueLongerThanOneLook() throws Exception {
    for (int i = 0; i < 300; i++) {
      arrive(new Mailbox("writer" + i % 7, "example.org"), "mail " + i, List.of(ALICE));
    }

    Optional<Duration> wait = Optional.empty();
    while (wait.isEmpty() || wait.get().isZero()) {
      wait = Optional.of(loop.turn());
    }

    assertThat(tried).hasSize(300);
    assertThat(spool.size()).isZero();
  }
}

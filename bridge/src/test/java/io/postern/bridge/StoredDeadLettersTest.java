package io.postern.bridge;

import static io.postern.bridge.CarriedMail.ALICE;
import static io.postern.bridge.CarriedMail.BOB;
import static io.postern.bridge.CarriedMail.BUSY;
import static io.postern.bridge.CarriedMail.CAROL;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.bridge.web.DeadLetter;
import io.postern.interop.OnEachDatabase;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.mapping.BundleStore;
import io.postern.mapping.ClosedMail;
import io.postern.mapping.ConversationId;
import io.postern.mapping.Journey;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.OpenBundle;
import io.postern.mapping.Outbox;
import io.postern.mapping.OutboxLine;
import io.postern.mapping.OutboxState;
import io.postern.mapping.Quiet;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was given up, either way, and what its operator does about it. */
@OnEachDatabase
class StoredDeadLettersTest {
  private static final InboxId PEER = new InboxId("ab".repeat(32));
  private static final InstallationId OURS = InstallationId.of(new byte[32]);
  private static final Mailbox DORA = new Mailbox("dora", "b\u00fccher.example");

  @TempDir Path folder;
  private final AtomicInteger woken = new AtomicInteger();
  private CarriedMail world;
  private BundleStore bundles;
  private StoredDeadLetters letters;

  @BeforeEach
  void open() throws Exception {
    world = new CarriedMail(folder);
    bundles = new BundleStore(world.store.jdbi());
    letters =
        new StoredDeadLetters(world.store.jdbi(), world.spool, woken::incrementAndGet, world.clock);
  }

  @AfterEach
  void close() throws Exception {
    world.close();
  }

  /** A mail that never reached its two recipients on XMTP. */
  private String deadInTheSpool() throws Exception {
    world.outcomes.put(ALICE, BUSY);
    var id = world.arrive(BOB, "one", List.of(ALICE, CAROL));
    for (int hours = 0; hours <= 60 && world.spool.size() > 0; hours++) {
      world.turn(Duration.ofHours(1));
    }
    return id;
  }

  private long dead(int number, Mailbox to) {
    var now = world.clock.instant();
    var message = "%064x".formatted(number);
    var line =
        new OutboxLine(OURS, message, to, new ConversationId("0".repeat(32)), PEER, now, now, 0);
    var journey = world.arrived(OURS, message, to, List.of());
    world.journeys.end(
        journey, to, Outcome.DEAD, new Journey.Step(now, Journey.Place.MAIL_SENDER, "given up"));
    var outbox = new Outbox(world.store.jdbi(), new Quiet(Duration.ZERO));
    outbox.add(line);
    long id =
        outbox
            .close(
                new OpenBundle(List.of(line), now),
                new ClosedMail(new MailId("<" + number + "@x>"), Optional.empty(), new byte[77]),
                now)
            .orElseThrow();
    bundles.dead(id, "5.4.7", "4.4.1 no answer", now);
    return id;
  }

  private List<String> ids(String to) throws Exception {
    return letters.find(to, 10).stream().map(DeadLetter::id).toList();
  }

  @Test
  void bothDirectionsAreListedTheNewestFirst() throws Exception {
    var spooled = deadInTheSpool();
    world.clock.goOn(Duration.ofMinutes(1));
    long bundle = dead(1, DORA);

    var found = letters.find("", 10);

    assertThat(ids("")).containsExactly(Long.toString(bundle), spooled);
    assertThat(found.get(0).from()).isEqualTo("inbox " + PEER);
    assertThat(found.get(0).octets()).isEqualTo(77);
    assertThat(found.get(0).reason()).isEqualTo("5.4.7 4.4.1 no answer");
    assertThat(found.get(1).from()).isEqualTo(BOB.toString());
    assertThat(found.get(1).reason()).isEqualTo("5.4.7 4.3.0 not just now");
    assertThat(letters.find("", 1)).hasSize(1);
    assertThat(letters.byId(spooled)).contains(found.get(1));
    assertThat(letters.byId(" " + bundle)).contains(found.get(0));
    for (var other : List.of("", "x", "-1", "9".repeat(30), "../../etc", "0".repeat(26))) {
      assertThat(letters.byId(other)).as(other).isEmpty();
      assertThat(letters.retry(other)).as(other).isFalse();
      assertThat(letters.drop(other)).as(other).isFalse();
    }
  }

  @Test
  void theyAreFoundByDomainInEitherFormAndByMailbox() throws Exception {
    var spooled = deadInTheSpool();
    var bundle = Long.toString(dead(1, DORA));

    assertThat(ids("b\u00fccher.example")).containsExactly(bundle);
    assertThat(ids("XN--BCHER-KVA.example")).containsExactly(bundle);
    assertThat(ids(CarriedMail.DOMAIN)).containsExactly(spooled);
    assertThat(ids("Alice@bridge.example")).containsExactly(spooled);
    assertThat(ids("example")).isEmpty();
    assertThat(ids("a@b@c")).isEmpty();
    assertThat(ids("%")).isEmpty();
  }

  @Test
  void aMailFromAPersonIsTriedAgainAsIfItWereNewAndOnlyForWhomItHadFailed() throws Exception {
    var id = deadInTheSpool();
    world.tried.clear();

    assertThat(letters.retry(id)).isTrue();
    assertThat(letters.retry(id)).isFalse();
    world.turn(Duration.ZERO);
    world.turn(Duration.ofHours(40));
    assertThat(world.spool.size()).as("not given up by its old age").isEqualTo(1);
    world.outcomes.clear();
    world.turn(Duration.ofHours(5));

    assertThat(world.outcomes(id))
        .containsOnlyKeys("alice", "carol")
        .containsValues(Outcome.DELIVERED);
    assertThat(world.tried).allMatch("one>alice"::equals);
    assertThat(ids("")).isEmpty();
  }

  @Test
  void aMailToAPersonIsTriedAgainAsIfItWereNew() throws Exception {
    long id = dead(1, DORA);
    world.clock.goOn(Duration.ofDays(3));

    assertThat(letters.retry(Long.toString(id))).isTrue();
    assertThat(letters.retry(Long.toString(id))).isFalse();

    var bundle = bundles.byId(id).orElseThrow();
    assertThat(bundle.state()).isEqualTo(OutboxState.BUNDLED);
    assertThat(bundle.closedAt()).isEqualTo(world.clock.instant());
    assertThat(bundle.attempts()).isZero();
    assertThat(world.journeys.find("%064x".formatted(1)).isEmpty()).isTrue();
    assertThat(world.journeys.byId(MessageJourneys.id(OURS, "%064x".formatted(1))).orElseThrow())
        .extracting(Journey::outcome)
        .isEqualTo(Outcome.PENDING);
    assertThat(woken).hasValue(1);
  }

  @Test
  void allToADomainAreTriedAgain() throws Exception {
    deadInTheSpool();
    dead(1, DORA);
    dead(2, new Mailbox("x", DORA.domain()));
    var other = Long.toString(dead(3, new Mailbox("x", "other.example")));

    assertThat(letters.retryAll("b\u00fccher.example")).isEqualTo(2);
    assertThat(ids("")).hasSize(2).contains(other);
    assertThat(letters.retryAll("")).isEqualTo(2);
    assertThat(letters.retryAll("")).isZero();
  }

  @Test
  void whatIsForgottenOrExpiresIsGone() throws Exception {
    var spooled = deadInTheSpool();
    var bundle = Long.toString(dead(1, DORA));
    dead(2, DORA);

    assertThat(letters.drop(bundle)).isTrue();
    assertThat(letters.drop(bundle)).isFalse();
    assertThat(world.journeys.byId(MessageJourneys.id(OURS, "%064x".formatted(1))).orElseThrow())
        .satisfies(
            journey ->
                assertThat(journey.steps().get(2).words()).isEqualTo("forgotten by the operator"));
    letters.expire(world.clock.instant().minusSeconds(1));
    assertThat(ids("")).hasSize(2);
    letters.expire(world.clock.instant().plusSeconds(1));

    assertThat(ids("")).isEmpty();
    assertThat(letters.byId(spooled)).isEmpty();
    assertThat(folder.resolve("spool").resolve("dead")).isEmptyDirectory();
  }
}

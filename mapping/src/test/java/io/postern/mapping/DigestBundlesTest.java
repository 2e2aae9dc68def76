package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.group;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.installation;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.xmtp.store.Lease;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines that are collected, and bundles that go together as one mail. */
@OnEachDatabase
class DigestBundlesTest {
  private static final Mailbox BOB = mailbox("bob@example.org");
  private static final Instant HOUR = T0.plus(Duration.ofHours(2));
  private static final DigestSchedule NOON =
      new DigestSchedule(Duration.ofDays(1), LocalTime.NOON, ZoneOffset.UTC);
  private static final byte[] OCTETS = "the digest".getBytes(StandardCharsets.UTF_8);
  private static final ClosedMail DIGEST =
      new ClosedMail(
          new MailId("<d-1@bridge.example>"), Optional.of(mailbox("b-1@bridge.example")), OCTETS);

  @TempDir Path folder;
  private MappingDatabase database;
  private Outbox outbox;
  private BundleStore bundles;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    outbox =
        new Outbox(
            database.jdbi(),
            new Quiet(Duration.ofSeconds(20)),
            person -> Optional.of(NOON).filter(unused -> person.equals(BOB)),
            Lease.ALL);
    bundles = new BundleStore(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static OutboxLine line(int message, Mailbox recipient, int sender, Instant at) {
    return new OutboxLine(
        installation(1),
        message(message),
        recipient,
        ConversationId.ofGroup(group(sender)),
        inbox(sender),
        at,
        at,
        100);
  }

  private List<OpenBundle> collected(int senders) {
    for (int i = 1; i <= senders; i++) {
      outbox.add(line(i, BOB, i, T0));
    }
    return outbox.open(HOUR);
  }

  private Optional<Long> closed(List<OpenBundle> open) {
    var parts = new ArrayList<Outbox.Part>();
    for (var bundle : open) {
      parts.add(new Outbox.Part(bundle, new MailId("<x-" + parts.size() + "@bridge.example>")));
    }
    var id =
        database.jdbi().inTransaction(handle -> outbox.closeTogether(handle, parts, DIGEST, HOUR));
    return id.isPresent() ? Optional.of(id.getAsLong()) : Optional.empty();
  }

  private long closed(int senders) {
    return closed(collected(senders)).orElseThrow();
  }

  private List<OutboxState> states(long id) {
    return bundles.parts(bundles.byId(id).orElseThrow()).stream().map(Bundle::state).toList();
  }

  @Test
  void nothingIsOpenBeforeTheHourAndAllOfItThen() {
    outbox.add(line(1, BOB, 1, T0));
    outbox.add(line(2, BOB, 1, T0.plusSeconds(3000)));
    outbox.add(line(3, BOB, 2, T0.plusSeconds(5000)));

    assertThat(outbox.open(HOUR.minusSeconds(1))).isEmpty();
    assertThat(outbox.nextRelease(T0)).contains(HOUR);
    assertThat(outbox.open(HOUR)).hasSize(2).allMatch(OpenBundle::collected);
    assertThat(outbox.due(HOUR).get(0).messageIds()).containsExactly(message(1), message(2));
    assertThat(outbox.nextRelease(HOUR)).isEmpty();
  }

  @Test
  void whatComesAfterTheHourIsForTheNextOne() {
    outbox.add(line(1, BOB, 1, T0));
    outbox.add(line(2, BOB, 1, HOUR));

    assertThat(outbox.open(HOUR.plusSeconds(60)))
        .singleElement()
        .satisfies(bundle -> assertThat(bundle.messageIds()).containsExactly(message(1)));
    assertThat(outbox.nextRelease(HOUR)).contains(HOUR.plus(Duration.ofDays(1)));
  }

  @Test
  void theHourStandsFromWhenALineComesInWhateverTheSettingsSayLater() {
    outbox.add(line(1, BOB, 1, T0));

    var without = new Outbox(database.jdbi(), new Quiet(Duration.ofSeconds(20)));

    assertThat(without.open(HOUR.minusSeconds(1))).isEmpty();
    assertThat(without.open(HOUR)).singleElement().matches(OpenBundle::collected);
  }

  @Test
  void othersGetTheirMailsAsTheyCome() {
    outbox.add(line(1, BOB, 1, T0));
    outbox.add(line(2, mailbox("eve@example.org"), 1, T0));

    assertThat(outbox.due(T0.plusSeconds(20)))
        .singleElement()
        .matches(bundle -> !bundle.collected());
  }

  @Test
  void aLongThreadIsSeveralBundles() {
    for (int i = 1; i <= Quiet.MAX_LINES + 1; i++) {
      outbox.add(line(i, BOB, 1, T0.plusMillis(i)));
    }

    assertThat(outbox.open(HOUR).stream().map(bundle -> bundle.lines().size()))
        .containsExactly(Quiet.MAX_LINES, 1);
  }

  @Test
  void bundlesThatAreClosedTogetherAreOneMail() {
    long id = closed(3);

    assertThat(bundles.due(HOUR)).containsExactly(Map.entry(BOB, id));
    assertThat(bundles.count(OutboxState.BUNDLED)).isEqualTo(1);
    assertThat(bundles.nextTry()).contains(HOUR);
    assertThat(bundles.byId(id).orElseThrow().octets()).isEqualTo(OCTETS);
    assertThat(bundles.parts(bundles.byId(id).orElseThrow()))
        .hasSize(3)
        .allMatch(part -> part.envelope().reversePath().equals(DIGEST.reversePath()))
        .extracting(Bundle::messageIds)
        .containsExactly(List.of(message(1)), List.of(message(2)), List.of(message(3)));
    assertThat(outbox.open(HOUR)).isEmpty();
  }

  @Test
  void theyAreClosedAllOrNone() {
    var open = collected(3);
    outbox.withhold(open.get(2).lines(), "denied", HOUR);

    assertThat(closed(open)).isEmpty();

    assertThat(outbox.open(HOUR)).hasSize(2);
    assertThat(bundles.count(OutboxState.BUNDLED)).isZero();
  }

  @Test
  void thePartsChangeTheirStateWithTheMail() {
    long id = closed(2);

    assertThat(bundles.deferred(id, "4.2.0", "later", HOUR.plusSeconds(60), HOUR)).isTrue();
    assertThat(bundles.due(HOUR)).isEmpty();
    assertThat(bundles.dead(id, "5.4.7", "no", HOUR)).isTrue();
    assertThat(states(id)).containsOnly(OutboxState.DEAD);
    assertThat(bundles.dead(10)).hasSize(1);
    assertThat(bundles.retry(id, HOUR)).isTrue();
    assertThat(states(id)).containsOnly(OutboxState.BUNDLED);
    assertThat(bundles.delivered(id, "250 ok", HOUR)).isTrue();
    assertThat(states(id)).containsOnly(OutboxState.DELIVERED);
    assertThat(outbox.state(line(2, BOB, 2, T0))).contains(OutboxState.DELIVERED);
    assertThat(bundles.delivered(id, "250 ok", HOUR)).isFalse();
  }

  @Test
  void aDeadDigestIsDroppedWithAllItsMessages() {
    long id = closed(2);
    bundles.dead(id, "5.4.7", "no", HOUR);

    var messages = database.jdbi().withHandle(handle -> BundleStore.messages(handle, id));
    boolean dropped = database.jdbi().inTransaction(handle -> bundles.drop(handle, id));

    assertThat(messages).containsExactlyInAnyOrder(message(1), message(2));
    assertThat(dropped).isTrue();
    assertThat(bundles.dead(10)).isEmpty();
    assertThat(outbox.state(line(2, BOB, 2, T0))).isEmpty();
  }

  @Test
  void aBounceIsToldOfEachPart() {
    long id = closed(2);
    bundles.delivered(id, "250 ok", HOUR);

    for (var part : bundles.parts(bundles.byId(id).orElseThrow())) {
      assertThat(bundles.bounced(part.id(), "5.2.2", "full", HOUR)).isTrue();
      assertThat(bundles.bounced(part.id(), "5.2.2", "full", HOUR)).isFalse();
    }

    assertThat(states(id)).containsOnly(OutboxState.REFUSED);
  }

  @Test
  void aDigestIsOpenedAgainOnlyWhileItIsUnderWay() {
    long id = closed(2);

    assertThat(reopened(id)).isTrue();
    assertThat(outbox.open(HOUR)).hasSize(2).allMatch(OpenBundle::collected);
    assertThat(bundles.byId(id)).isEmpty();
    assertThat(reopened(id)).isFalse();
    long again = closed(outbox.open(HOUR)).orElseThrow();
    bundles.delivered(again, "250 ok", HOUR);
    assertThat(reopened(again)).isFalse();
    assertThat(outbox.open(HOUR)).isEmpty();
  }

  private boolean reopened(long id) {
    return database.jdbi().inTransaction(handle -> bundles.reopened(handle, id, HOUR));
  }

  @Test
  void whatWasDeliveredIsForgottenWhole() {
    long id = closed(2);
    bundles.delivered(id, "250 ok", HOUR);

    bundles.expire(HOUR.plusSeconds(1));

    assertThat(bundles.byId(id)).isEmpty();
    assertThat(outbox.state(line(2, BOB, 2, T0))).isEmpty();
  }
}

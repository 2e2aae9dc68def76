package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.mailbox;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import io.postern.mapping.Suppression.Reason;
import io.postern.xmtp.identity.InboxId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnEachDatabase
class SuppressionListTest {
  private static final Mailbox BOB = mailbox("bob@example.org");
  private static final InboxId ALICE = new InboxId("a1".repeat(32));
  private static final InboxId MALLORY = new InboxId("bad0".repeat(16));

  @TempDir Path folder;
  private MappingDatabase database;
  private SuppressionList list;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    list = new SuppressionList(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private boolean failed(String status, Instant at) {
    return database.jdbi().inTransaction(h -> list.failed(h, BOB, status, "no such user", at));
  }

  private Optional<Reason> reason(InboxId peer) {
    return database.jdbi().withHandle(h -> list.of(h, BOB, peer)).map(Suppression::reason);
  }

  private void add(Reason reason, Optional<InboxId> peer) {
    list.add(new Suppression(BOB, peer, reason, "", T0));
  }

  @Test
  void nobodyIsOnItAtFirst() {
    assertThat(reason(ALICE)).isEmpty();
    assertThat(list.find("", 10)).isEmpty();
  }

  @Test
  void aMailboxThatWasNeverHeardOfComesOntoItAtTheFirstFailure() {
    assertThat(failed("5.1.1", T0)).isTrue();

    assertThat(reason(ALICE)).contains(Reason.BOUNCED);
    assertThat(list.find("", 10).get(0).detail()).isEqualTo("5.1.1 no such user");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.2.2", "5.7.1", "5.0.0", "4.1.1", "5.1.11", "5.1.3"})
  void otherFailuresSayNothingOfTheMailbox(String status) {
    assertThat(failed(status, T0)).isFalse();

    assertThat(reason(ALICE)).isEmpty();
  }

  @Test
  void aKnownMailboxMustFailThreeTimesInAWeek() {
    list.heard(BOB);

    assertThat(failed("5.1.1", T0)).isFalse();
    assertThat(failed("5.1.1", T0.plus(Duration.ofDays(1)))).isFalse();
    assertThat(failed("5.1.10", T0.plus(Duration.ofDays(6)))).isTrue();
    assertThat(reason(ALICE)).contains(Reason.BOUNCED);
  }

  @Test
  void failuresThatLieFurtherApartBeginAnew() {
    list.heard(BOB);
    failed("5.1.1", T0);
    failed("5.1.1", T0.plus(Duration.ofDays(1)));

    assertThat(failed("5.1.1", T0.plus(Duration.ofDays(7)))).isFalse();
    assertThat(reason(ALICE)).isEmpty();
  }

  @Test
  void aMailFromTheMailboxShowsThatItExists() {
    failed("5.1.1", T0);

    assertThat(list.heard(BOB)).isTrue();

    assertThat(reason(ALICE)).isEmpty();
    assertThat(list.heard(BOB)).isFalse();
    assertThat(failed("5.1.1", T0)).as("it is known now").isFalse();
  }

  @Test
  void aMailFromTheMailboxBeginsTheCountAnew() {
    list.heard(BOB);
    failed("5.1.1", T0);
    failed("5.1.1", T0);
    list.heard(BOB);

    assertThat(failed("5.1.1", T0)).isFalse();
  }

  @Test
  void aMailLiftsNothingButTheBounce() {
    add(Reason.OPERATOR, Optional.empty());
    add(Reason.BLOCKED, Optional.of(MALLORY));

    list.heard(BOB);

    assertThat(reason(ALICE)).contains(Reason.OPERATOR);
    assertThat(reason(MALLORY)).contains(Reason.BLOCKED);
  }

  @Test
  void aBlockIsOfOnePeerAndEndsWhenThePersonWritesToThem() {
    add(Reason.BLOCKED, Optional.of(MALLORY));
    add(Reason.COMPLAINED, Optional.of(MALLORY));
    assertThat(reason(ALICE)).isEmpty();
    assertThat(reason(MALLORY)).isPresent();

    database.jdbi().useTransaction(h -> list.lift(h, BOB, ALICE));
    assertThat(reason(MALLORY)).isPresent();
    database.jdbi().useTransaction(h -> list.lift(h, BOB, MALLORY));

    assertThat(reason(MALLORY)).isEmpty();
  }

  @Test
  void whatThePeerMayNotHearOfCountsFirst() {
    add(Reason.BOUNCED, Optional.empty());
    add(Reason.COMPLAINED, Optional.of(MALLORY));

    assertThat(reason(MALLORY)).contains(Reason.COMPLAINED);
    assertThat(reason(ALICE)).contains(Reason.BOUNCED);
  }

  @Test
  void theOperatorTakesOffWhatIsNotThePersonsWord() {
    add(Reason.OPERATOR, Optional.empty());
    add(Reason.BOUNCED, Optional.empty());
    add(Reason.BLOCKED, Optional.of(MALLORY));

    assertThat(list.remove(BOB)).isEqualTo(2);

    assertThat(reason(ALICE)).isEmpty();
    assertThat(reason(MALLORY)).contains(Reason.BLOCKED);
  }

  @Test
  void theSameTwiceIsOneEntryAndCaseDoesNotMatter() {
    add(Reason.OPERATOR, Optional.empty());

    boolean again =
        list.add(
            new Suppression(
                mailbox("BOB@EXAMPLE.ORG"), Optional.empty(), Reason.OPERATOR, "x", T0));

    assertThat(again).isFalse();
    assertThat(list.find("", 10)).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void whatThePersonSaidIsWhatTheOperatorCannotTakeOff(Reason reason) {
    add(reason, Optional.of(MALLORY));

    assertThat(list.remove(BOB)).isEqualTo(reason.isPersonsWord() ? 0 : 1);
  }

  @Test
  void entriesAreFoundByMailboxByAPartOfItAndByPeer() {
    add(Reason.BLOCKED, Optional.of(MALLORY));
    list.add(
        new Suppression(
            mailbox("carol@b\u00fccher.example"), Optional.empty(), Reason.BOUNCED, "", T0));

    assertThat(list.find(" BOB@Example.org ", 10)).hasSize(1);
    assertThat(list.find("example.org", 10)).hasSize(1);
    assertThat(list.find("b\u00fccher.example", 10)).hasSize(1);
    assertThat(list.find(MALLORY.toString(), 10)).hasSize(1);
    assertThat(list.find("", 10)).hasSize(2);
    assertThat(list.find("", 1)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "_", "'", "b_b@example.org", "dave@example.org", "b\u0000b"})
  void whatNobodyIsCalledFindsNobody(String name) {
    add(Reason.BOUNCED, Optional.empty());

    assertThat(list.find(name, 10)).isEmpty();
  }

  @Test
  void theNewestEntryIsFoundFirst() {
    add(Reason.BOUNCED, Optional.empty());
    list.add(
        new Suppression(BOB, Optional.empty(), Reason.OPERATOR, "", T0.plus(Duration.ofDays(1))));

    assertThat(list.find("", 10))
        .extracting(Suppression::reason)
        .containsExactly(Reason.OPERATOR, Reason.BOUNCED);
  }

  @Test
  void whatAFarServerSaidStaysOneShortLine() {
    var said = "no\r\nsuch\u0000user" + "x".repeat(5000);

    var entry = new Suppression(BOB, Optional.empty(), Reason.BOUNCED, said, T0);

    assertThat(entry.detail()).hasSizeLessThanOrEqualTo(301).doesNotContain("\n", "\r", "\u0000");
  }
}

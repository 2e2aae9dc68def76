package io.postern.bridge;

import static io.postern.bridge.Correspondence.AWAY;
import static io.postern.bridge.Correspondence.BOB;
import static io.postern.bridge.Correspondence.BUSY;
import static io.postern.bridge.Correspondence.CAROL;
import static io.postern.bridge.Correspondence.DOMAIN;
import static io.postern.bridge.Correspondence.NO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.mail.Delivery;
import io.postern.mail.DeliveryReport;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mapping.BundleStore;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Quiet;
import io.postern.mapping.ThreadIds;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.store.ConsentStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second journey where it does not end well: deferrals, refusals, bounces. */
class UndeliveredMailIT {
  @TempDir Path folder;
  private Correspondence world;

  @BeforeEach
  void open() throws Exception {
    world = new Correspondence(folder);
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void aRefusalIsToldToThePeerOnce() throws Exception {
    var message = world.says("to nobody");
    world.answers.add(NO);

    world.arrive();
    world.turns();

    assertThat(world.notices()).singleElement().asString().contains("no such user here");
    await()
        .until(
            () -> {
              world.alice.inbox().sync();
              return world.alice.heard().stream().anyMatch(Reply.class::isInstance);
            });
    assertThat(world.outcome(message)).isEqualTo(Outcome.REFUSED);
    assertThat(world.lastWords(message)).endsWith("the peer is told");
    assertThat(world.mails).isEmpty();
  }

  @Test
  void aPeerWhoIsDeniedMeanwhileIsNotTold() throws Exception {
    var message = world.says("to nobody");
    world.arrive();
    world.bob.consent(world.alice.inbox().id(), ConsentStore.State.DENIED);

    bounce(world.envelopes.get(0).reversePath().orElseThrow(), BOB);

    assertThat(world.notices()).isEmpty();
    assertThat(world.outcome(message)).isEqualTo(Outcome.REFUSED);
    assertThat(world.bob.consent(world.alice.inbox().id())).isEqualTo(ConsentStore.State.DENIED);
  }

  @Test
  void whatHasNotLeftWhenThePersonSaysNoDoesNotLeave() throws Exception {
    var waiting = world.says("a line");
    world.bob.sync();
    world.turns();
    world.bob.consent(world.alice.inbox().id(), ConsentStore.State.DENIED);

    world.clock.goOn(Duration.ofSeconds(11));
    world.turns();

    assertThat(world.mails).isEmpty();
    assertThat(world.notices()).isEmpty();
    assertThat(world.outcome(waiting)).isEqualTo(Outcome.WITHHELD);
  }

  @Test
  void noDeferredMailIsTriedAgainWhenThePersonSaysNo() throws Exception {
    world.answers.add(BUSY);
    var message = world.says("a line");
    world.arrive();
    world.bob.consent(world.alice.inbox().id(), ConsentStore.State.DENIED);

    world.clock.goOn(Duration.ofHours(1));
    world.turns();

    assertThat(world.mails).isEmpty();
    assertThat(world.notices()).isEmpty();
    assertThat(world.outcome(message)).isEqualTo(Outcome.WITHHELD);
    assertThat(world.lastWords(message)).contains("denied");
  }

  @Test
  void aMailboxThatDoesNotExistIsMailedNoMoreAndThePeerHearsOfItOnce() throws Exception {
    world.answers.add(NO);
    world.says("to nobody");
    world.arrive();
    var second = world.says("still there?");
    world.arrive();
    var third = world.says("hello?");
    world.arrive();

    assertThat(world.mails).isEmpty();
    assertThat(List.of(world.outcome(second), world.outcome(third))).containsOnly(Outcome.WITHHELD);
    assertThat(world.lastWords(second)).contains("no such mailbox", "the peer is told");
    assertThat(world.lastWords(third)).doesNotContain("told");
    assertThat(world.notices()).hasSize(2);
    assertThat(world.notices().get(1)).contains("no mail is sent to this person");
  }

  @Test
  void aRefusalThatIsNotAboutTheRecipientEndsNoMailsToThem() throws Exception {
    world.answers.add(new Delivery.Refused("5.1.1", "we do not know your sender"));
    world.says("one");
    world.arrive();

    world.says("two");
    world.arrive();

    assertThat(world.texts()).hasSize(1);
  }

  @Test
  void aMailboxThatIsFullIsMailedOn() throws Exception {
    world.answers.add(new Delivery.Refused("5.2.2", "mailbox full"));
    world.says("one");
    world.arrive();

    world.says("two");
    world.arrive();

    assertThat(world.texts()).hasSize(1);
  }

  @Test
  void aDeferredMailHoldsUpWhatFollowsIt() throws Exception {
    world.answers.add(BUSY);
    world.says("first");
    world.arrive();
    world.says("second");
    world.bob.sync();
    world.turns(); // The second waits for its quiet time, the first for its next try.
    assertThat(world.mails).isEmpty();

    world.clock.goOn(Duration.ofSeconds(11));
    world.turns();

    assertThat(world.texts()).hasSize(2);
    assertThat(world.texts().get(0)).contains("first");
    assertThat(world.texts().get(1)).contains("second");
  }

  @Test
  void aDomainWhereNobodyWasReachedIsTriedWithOneMail() throws Exception {
    var carol = world.host(CAROL, 1);
    Correspondence.say(carol, world.alice.inbox().id(), "from Carol");
    world.alice.inbox().sync();
    world.answers.add(AWAY);
    world.answers.add(AWAY);
    world.says("to bob");
    world.arrive();
    var other = Correspondence.say(world.alice.inbox(), carol.id(), "to carol");
    carol.sync();
    world.turns(); // Bob's mail waits for its next try, Carol's for its quiet time.

    world.clock.goOn(Duration.ofSeconds(11));
    world.turns();

    assertThat(world.answers).isEmpty();
    assertThat(world.mails).isEmpty();
    assertThat(world.lastWords(other)).contains("waits").contains("cannot reach mx");
    world.clock.goOn(Duration.ofSeconds(31));
    world.turns();
    assertThat(world.mails).hasSize(2);
  }

  @Test
  void aMailThatIsNeverTakenStopsNoOtherForLong() throws Exception {
    for (int i = 0; i < 30; i++) {
      world.answers.add(BUSY);
    }
    var first = world.says("first");
    world.arrive();
    while (world.outcome(first) == Outcome.PENDING && world.answers.size() > 22) {
      world.clock.goOn(Duration.ofMinutes(16));
      world.turns(); // Its pauses are long by now.
    }
    assertThat(world.answers).hasSize(22);
    world.answers.clear();
    world.says("second");

    world.arrive();
    world.clock.goOn(Duration.ofMinutes(16));
    world.turns();

    assertThat(world.texts()).anyMatch(text -> text.contains("second"));
  }

  @Test
  void whatIsGivenUpIsToldOnce() throws Exception {
    for (int i = 0; i < 40; i++) {
      world.answers.add(BUSY);
    }
    var message = world.says("first");
    world.arrive();

    for (int hours = 0; hours < 60 && world.outcome(message) == Outcome.PENDING; hours++) {
      world.clock.goOn(Duration.ofHours(1));
      world.turns();
    }

    assertThat(world.outcome(message)).isEqualTo(Outcome.DEAD);
    assertThat(world.notices()).hasSize(2);
    assertThat(world.notices().get(0)).startsWith("Still trying");
    assertThat(world.notices().get(1)).contains("48 hours");
  }

  @Test
  void aDayOfWaitingIsToldOnceAlsoAcrossARestart() throws Exception {
    for (int i = 0; i < 40; i++) {
      world.answers.add(BUSY);
    }
    world.says("first");
    world.arrive();
    for (int hours = 0; hours < 23; hours++) {
      world.clock.goOn(Duration.ofHours(1));
      world.turns();
    }
    assertThat(world.notices()).isEmpty();

    for (int hours = 0; hours < 12; hours++) {
      world.clock.goOn(Duration.ofHours(1));
      world.turns();
      world.wire(new Quiet(Duration.ofSeconds(10))); // As after a restart.
    }

    assertThat(world.notices())
        .singleElement()
        .asString()
        .startsWith("Still trying to deliver this message to " + BOB);
  }

  @Test
  void aReportOfADelayIsToldOnceAndNotBeforeADayIsOver() throws Exception {
    var message = world.says("first");
    world.arrive();
    var path = world.envelopes.get(0).reversePath().orElseThrow();
    var delay = delay();

    assertThat(report(path, delay)).isPresent();
    assertThat(report(path, delay)).isEmpty();
    assertThat(world.notices()).isEmpty();
    world.clock.goOn(Duration.ofHours(25));
    report(path, delay);
    report(path, delay);

    assertThat(world.notices()).singleElement().asString().contains("Still trying", "greylisted");
    assertThat(world.outcome(message)).isEqualTo(Outcome.DELIVERED);
  }

  @Test
  void ofWhatHasFailedNoDelayIsTold() throws Exception {
    world.says("first");
    world.arrive();
    var path = world.envelopes.get(0).reversePath().orElseThrow();
    world.clock.goOn(Duration.ofHours(25));
    bounce(path, BOB);

    report(path, delay());

    assertThat(world.notices()).singleElement().asString().contains("mailbox is full");
  }

  private static DeliveryReport delay() {
    return new DeliveryReport(
        "mx.example.org",
        "",
        Optional.empty(),
        List.of(
            new DeliveryReport.RecipientStatus(
                BOB.toString(), "", DeliveryReport.Action.DELAYED, "4.2.0", "greylisted")));
  }

  @Test
  void aReportThatGivesTheEnvelopeIdCountsWhereverItComesTo() throws Exception {
    var message = world.says("first");
    world.arrive();
    var id = world.envelopes.get(0).reversePath().orElseThrow().toString();

    report(
        new Mailbox("postmaster", DOMAIN),
        DeliveryReport.failed("mx.example.org", id, BOB, "5.2.2", "mailbox is full"));

    assertThat(world.notices()).singleElement().asString().contains("mailbox is full");
    assertThat(world.outcome(message)).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void aVacationReplyFromNobodyIsNoBounce() throws Exception {
    var message = world.says("first");
    world.arrive();
    var path = world.envelopes.get(0).reversePath().orElseThrow();

    arrives(
        path,
        ("From: <"
                + BOB
                + ">\r\nTo: <"
                + path
                + ">\r\nSubject: Away\r\nAuto-Submitted: auto-replied (vacation)\r\n\r\n"
                + "I am unable to answer. Write to "
                + BOB
                + " again in May.\r\n")
            .getBytes(StandardCharsets.UTF_8));

    assertThat(world.notices()).isEmpty();
    assertThat(world.outcome(message)).isEqualTo(Outcome.DELIVERED);
  }

  @Test
  void aVacationReplyWithoutAnySignFromAnOddAddressIsNoBounceEither() throws Exception {
    var office = new Mailbox("mail", "example.org");
    var inbox = world.host(office, 1);
    Correspondence.say(inbox, world.alice.inbox().id(), "hello");
    world.alice.inbox().sync();
    var message =
        world.alice.inbox().dm(inbox.id()).send(EncodedMessage.of(new Text("anybody?"), "1"));
    inbox.sync();
    world.arrive();
    var path = world.envelopes.get(0).reversePath().orElseThrow();

    arrives(
        path,
        ("From: <"
                + office
                + ">\r\nTo: <"
                + path
                + ">\r\nSubject: Re: delivery status\r\n\r\nWe are closed. "
                + "Mail to "
                + office
                + " cannot be answered before May.\r\n")
            .getBytes(StandardCharsets.UTF_8));

    assertThat(world.notices()).isEmpty();
    assertThat(world.outcome(message)).isEqualTo(Outcome.DELIVERED);
  }

  @Test
  void aBounceIsToldOnceAndEndsTheJourney() throws Exception {
    var message = world.says("first");
    world.arrive();
    assertThat(world.outcome(message)).isEqualTo(Outcome.DELIVERED);
    var path = world.envelopes.get(0).reversePath().orElseThrow();

    bounce(path, BOB);
    bounce(path, BOB);

    assertThat(world.notices()).singleElement().asString().contains("mailbox is full");
    assertThat(world.outcome(message)).isEqualTo(Outcome.REFUSED);
    assertThat(world.lastWords(message)).contains("bounced: 5.2.2");
  }

  @Test
  void aBounceOfAnAddressThatItWasForwardedToCountsToo() throws Exception {
    world.says("first");
    world.arrive();

    bounce(
        world.envelopes.get(0).reversePath().orElseThrow(), new Mailbox("b.smith", "far.example"));

    assertThat(world.notices()).hasSize(1);
  }

  @Test
  void aBounceInWordsForPeopleCountsAsWell() throws Exception {
    var message = world.says("anybody?");
    world.arrive();
    var path = world.envelopes.get(0).reversePath().orElseThrow();
    var text =
        "From: MAILER-DAEMON@example.org\r\nTo: <"
            + path
            + ">\r\nSubject: failure notice\r\n\r\nI could not deliver your mail.\r\n\r\n<"
            + BOB
            + ">:\r\n550 5.2.2 mailbox is full\r\n";

    arrives(path, text.getBytes(StandardCharsets.UTF_8));

    assertThat(world.outcome(message)).isEqualTo(Outcome.REFUSED);
    assertThat(world.lastWords(message)).contains("bounced: 5.2.2", "mailbox is full");
  }

  @Test
  void aBounceThatCameToAnotherPathTellsNobody() throws Exception {
    var message = world.says("first");
    world.arrive();

    bounce(new Mailbox("postmaster", DOMAIN), BOB);
    bounce(ReturnPath.draw(DOMAIN), BOB);

    assertThat(world.notices()).isEmpty();
    assertThat(world.outcome(message)).isEqualTo(Outcome.DELIVERED);
  }

  /** A report of a far server about the first mail. */
  private void bounce(Mailbox path, Mailbox failed) throws Exception {
    report(path, DeliveryReport.failed("mx.example.org", "", failed, "5.2.2", "mailbox is full"));
  }

  private Optional<Reports.Later> report(Mailbox path, DeliveryReport report) throws Exception {
    var from = new NamedMailbox("", new Mailbox("mailer-daemon", "example.org"));
    var ids = new ThreadIds(List.of("mx.example.org"));
    var original =
        ("Message-ID: " + world.mails.get(0).id().orElseThrow().asWritten() + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8);
    var octets =
        report.write(from, path, world.clock.instant(), ids.notice(UUID.randomUUID()), original);
    return arrives(path, octets);
  }

  private Optional<Reports.Later> arrives(Mailbox path, byte[] octets) throws Exception {
    return world.reported(path, octets).later();
  }

  /** Two people who cannot be reached, both hosted here. */
  @Test
  void ofANoticeThatFailsNoNoticeIsMade() throws Exception {
    var full = new Delivery.Refused("5.2.2", "mailbox is full");
    var carol = world.host(CAROL, 1);
    Correspondence.say(world.bob, carol.id(), "hello");
    carol.sync();
    Correspondence.say(carol, world.bob.id(), "hello to you");
    for (int i = 0; i < 50; i++) {
      world.answers.add(full);
    }

    for (int round = 0; round < 6; round++) {
      carol.sync();
      world.arrive();
      world.clock.goOn(Duration.ofHours(1));
    }

    var said = carol.findDm(world.bob.id()).orElseThrow().messages(1000);
    var notices = said.stream().filter(NoticeKind::isNotice).toList();
    assertThat(notices).as("one for each of the two that failed").hasSize(2);
    assertThat(said.stream().map(m -> ContentCodec.decode(m.content())).toList())
        .filteredOn(Reply.class::isInstance)
        .hasSize(2);
    assertThat(world.answers).as("the notices were mailed, too").hasSizeBetween(46, 47);
    assertThat(world.mails).isEmpty();
  }

  @Test
  void whatWasGivenUpIsTriedAnewForAsLongWhenItsOperatorSaysSo() throws Exception {
    var bundles = new BundleStore(world.store.jdbi());
    var message = world.says("late");
    world.answers.add(BUSY);
    world.arrive();
    world.clock.goOn(Duration.ofHours(49));
    world.answers.add(BUSY);
    world.turns();
    assertThat(world.outcome(message)).isEqualTo(Outcome.DEAD);
    var id = bundles.dead(1).get(0).id();

    assertThat(bundles.retry(id, world.clock.instant())).isTrue();
    world.answers.add(BUSY);
    world.turns();
    assertThat(bundles.dead(1)).as("one more failure does not end it").isEmpty();
    world.clock.goOn(Duration.ofHours(1));
    world.turns();

    assertThat(world.outcome(message)).isEqualTo(Outcome.DELIVERED);
    assertThat(world.texts()).containsExactly("late");
  }

  @Test
  void aMailIsWrittenOnceHoweverOftenItIsTried() throws Exception {
    world.answers.add(BUSY);
    world.answers.add(BUSY);
    world.says("once");
    world.arrive();
    world.clock.goOn(Duration.ofMinutes(1));
    world.turns();
    world.wire(new Quiet(Duration.ofSeconds(10))); // As after a restart.

    world.clock.goOn(Duration.ofMinutes(1));
    world.turns();
    world.clock.goOn(Duration.ofMinutes(1));
    world.turns();

    assertThat(world.mails).hasSize(1);
  }

  @Test
  void aMailWhoseDeliveryCannotBeNotedIsNotSentAgain() throws Exception {
    var message = world.says("once");
    world.sql("alter table outbox_bundle add constraint no_room check (state <> 'DELIVERED')");
    world.arrive();
    world.clock.goOn(Duration.ofMinutes(2));
    world.turns();
    assertThat(world.outcome(message)).isEqualTo(Outcome.PENDING);

    world.sql("alter table outbox_bundle drop constraint no_room");
    world.clock.goOn(Duration.ofMinutes(2));
    world.turns();

    assertThat(world.outcome(message)).isEqualTo(Outcome.DELIVERED);
    assertThat(world.mails).hasSize(1);
  }
}

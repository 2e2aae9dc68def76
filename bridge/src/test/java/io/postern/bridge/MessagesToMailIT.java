package io.postern.bridge;

import static io.postern.bridge.Correspondence.BOB;
import static io.postern.bridge.Correspondence.CAROL;
import static io.postern.bridge.Correspondence.DOMAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.auth.Dkim;
import io.postern.mail.auth.SignedMail;
import io.postern.mapping.Journey.Outcome;
import io.postern.xmtp.content.DeleteMessage;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Octets;
import io.postern.xmtp.content.ReadReceipt;
import io.postern.xmtp.content.RemoteAttachment;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.store.ConsentStore;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second journey: which messages become mail, and when. */
class MessagesToMailIT {
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
  void linesThatFollowEachOtherBecomeOneMail() throws Exception {
    var one = world.says("one");
    var two = world.says("two");

    world.arrive();

    assertThat(world.texts()).singleElement().asString().contains("one").contains("two");
    assertThat(List.of(world.outcome(one), world.outcome(two))).containsOnly(Outcome.DELIVERED);
    var path = world.envelopes.get(0).reversePath().orElseThrow();
    assertThat(ReturnPath.isOurs(path.localPart())).isTrue();
    assertThat(one.toString()).doesNotContain(path.localPart().substring(2));
    assertThat(world.mails.get(0).header().first("X-XMTP-Bridge")).contains(DOMAIN);
  }

  @Test
  void theOctetsThatLeaveAreSignedForTheDomainInFrom() throws Exception {
    world.says("signed?");

    world.arrive();

    var mail = SignedMail.read(new ByteArrayInputStream(world.octets.get(0)));
    var dns = new TestDns().txt("sel._domainkey." + DOMAIN, world.key.record());
    assertThat(Dkim.verify(mail, dns, world.clock.instant()))
        .singleElement()
        .satisfies(
            signature -> {
              assertThat(signature.passed()).isTrue();
              assertThat(signature.domain()).isEqualTo(DOMAIN);
              assertThat(signature.names(BOB)).isTrue();
            });
    assertThat(world.mails.get(0).author().orElseThrow().mailbox().domain()).isEqualTo(DOMAIN);
  }

  @Test
  void aDeniedPeerIsNotMailed() throws Exception {
    world.bob.consent(world.alice.inbox().id(), ConsentStore.State.DENIED);
    var message = world.says("hello?");

    world.arrive();

    assertThat(world.mails).isEmpty();
    assertThat(world.outcome(message)).isEqualTo(Outcome.WITHHELD);
  }

  @Test
  void aPeerToWhomThePersonNeverWroteIsNotMailed() throws Exception {
    var carol = world.host(CAROL, 1);
    var message =
        world
            .alice
            .inbox()
            .dm(carol.id())
            .send(EncodedMessage.of(new Text("may I?"), UUID.randomUUID().toString()));
    carol.sync();
    world.arrive();

    assertThat(world.mails).isEmpty();
    assertThat(world.outcome(message)).isEqualTo(Outcome.WITHHELD);
    assertThat(world.lastWords(message)).contains("invite is closed", "the peer is told");
    assertThat(carol.consent(world.alice.inbox().id())).isEqualTo(ConsentStore.State.UNKNOWN);
  }

  @Test
  void aReceiptAloneMakesNoMail() throws Exception {
    var receipt = world.says(new ReadReceipt());

    world.arrive();

    assertThat(world.mails).isEmpty();
    assertThat(world.outcome(receipt)).isEqualTo(Outcome.WITHHELD);
    assertThat(world.lastWords(receipt)).contains("receipt");
  }

  @Test
  void aReceiptAmongLinesIsWithheldAndTheLinesAreMailed() throws Exception {
    var text = world.says("a line");
    var receipt = world.says(new ReadReceipt());

    world.arrive();

    assertThat(world.texts()).singleElement().asString().contains("a line");
    assertThat(world.outcome(text)).isEqualTo(Outcome.DELIVERED);
    assertThat(world.outcome(receipt)).isEqualTo(Outcome.WITHHELD);
  }

  @Test
  void whatIsDeletedInTheQuietTimeIsNotMailed() throws Exception {
    var regretted = world.says("regretted");
    world.says(DeleteMessage.of(regretted));

    world.arrive();

    assertThat(world.mails).isEmpty();
    assertThat(world.outcome(regretted)).isEqualTo(Outcome.WITHHELD);
  }

  @Test
  void whatIsDeletedAmongLinesIsLeftOut() throws Exception {
    var regretted = world.says("regretted");
    world.says("meant");
    world.says(DeleteMessage.of(regretted));

    world.arrive();

    assertThat(world.texts())
        .singleElement()
        .asString()
        .contains("meant")
        .doesNotContain("regretted");
    assertThat(world.outcome(regretted)).isEqualTo(Outcome.WITHHELD);
  }

  @Test
  void anEditInTheQuietTimeJustHappens() throws Exception {
    var wrong = world.says("a tyop");
    var edit = world.edits(wrong, "a typo");

    world.arrive();

    assertThat(world.texts()).singleElement().asString().contains("a typo").doesNotContain("tyop");
    assertThat(List.of(world.outcome(wrong), world.outcome(edit))).containsOnly(Outcome.DELIVERED);
  }

  @Test
  void whatHasDisappearedIsNotMailed() throws Exception {
    var gone = world.says("gone in a second");
    var stays = world.says("stays");
    world.bob.sync();
    world.toMail.turn();
    world
        .store
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate("update message set expire_at_ns = 1 where message_id = ?")
                    .bind(0, gone.toByteArray())
                    .execute());

    world.clock.goOn(Duration.ofSeconds(11));
    world.turns();

    assertThat(world.texts()).singleElement().asString().contains("stays").doesNotContain("gone");
    assertThat(world.outcome(gone)).isEqualTo(Outcome.WITHHELD);
    assertThat(world.lastWords(gone)).contains("expired");
    assertThat(world.outcome(stays)).isEqualTo(Outcome.DELIVERED);
  }

  @Test
  void whileTheNetworkIsAwayMailOfKnownPeersGoesOut() throws Exception {
    world.says("makes her known");
    world.arrive();
    world.says("second");
    world.bob.sync();
    world.away.set(true);

    world.turns();
    world.clock.goOn(Duration.ofSeconds(11));
    world.turns();

    assertThat(world.texts()).hasSize(2);
  }

  @Test
  void whileTheNetworkIsAwayMailOfUnknownPeersWaits() throws Exception {
    world.says("first");
    world.bob.sync();
    world.away.set(true);
    world.turns();
    world.clock.goOn(Duration.ofSeconds(11));
    world.turns();
    assertThat(world.mails).isEmpty();

    world.away.set(false);
    world.clock.goOn(Duration.ofSeconds(2));
    world.turns();

    assertThat(world.texts()).singleElement().asString().contains("first");
  }

  @Test
  void aFileThatCannotBeHadIsNamedInTheMail() throws Exception {
    world.says(
        new RemoteAttachment(
            "https://127.0.0.1:1/private",
            "0".repeat(64),
            Octets.of(new byte[32]),
            Octets.of(new byte[32]),
            Octets.of(new byte[12]),
            "https://",
            OptionalLong.of(5),
            Optional.of("holiday.jpg")));

    world.arrive();

    assertThat(world.texts()).singleElement().asString().contains("holiday.jpg");
  }

  @Test
  void betweenTwoPersonsOfOneBridgeEachMessageIsDeliveredOnce() throws Exception {
    var carol = world.host(CAROL, 1);
    var unasked = Correspondence.say(world.bob, carol.id(), "from Bob, unasked");
    carol.sync();
    world.arrive();
    assertThat(world.outcome(unasked)).isEqualTo(Outcome.WITHHELD);

    Correspondence.say(carol, world.bob.id(), "from Carol");
    world.arrive();
    Correspondence.say(world.bob, carol.id(), "from Bob again");
    carol.sync();
    world.arrive();
    carol.sync();
    world.arrive();

    assertThat(world.envelopes)
        .extracting(envelope -> envelope.forwardPaths().get(0))
        .containsExactly(BOB, CAROL);
    assertThat(world.texts().get(0)).contains("from Carol");
    assertThat(world.texts().get(1)).contains("from Bob again");
  }

  @Test
  void aMessageThatCannotBeTakenStopsNoOther() throws Exception {
    var odd = world.says("odd");
    world.says("fine");
    world.sql("alter table outbox_line add constraint odd check (message_id <> '" + odd + "')");
    world.arrive();
    assertThat(world.texts()).singleElement().asString().contains("fine");

    world.sql("alter table outbox_line drop constraint odd");
    world.arrive();

    assertThat(world.texts()).hasSize(2);
    assertThat(world.texts().get(1)).contains("odd");
  }

  @Test
  void aBundleThatCannotBeWrittenStopsNoOther() throws Exception {
    var carol = world.host(CAROL, 1);
    Correspondence.say(carol, world.alice.inbox().id(), "hello from Carol");
    world.alice.inbox().sync();
    world.sql("alter table outbox_bundle add constraint odd check (recipient <> '" + BOB + "')");
    world.says("to Bob");
    Correspondence.say(world.alice.inbox(), carol.id(), "to Carol");
    carol.sync();
    world.arrive();
    assertThat(world.texts()).singleElement().asString().contains("to Carol");

    world.sql("alter table outbox_bundle drop constraint odd");
    world.arrive();

    assertThat(world.texts()).hasSize(2);
    assertThat(world.texts().get(1)).contains("to Bob");
  }
}

package io.postern.bridge;

import static io.postern.bridge.Correspondence.BOB;
import static io.postern.bridge.Correspondence.BUSY;
import static io.postern.bridge.Correspondence.DOMAIN;
import static io.postern.bridge.Correspondence.NO;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.DeliveryReport;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mapping.DigestSchedule;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Quiet;
import io.postern.mapping.ThreadIds;
import io.postern.mapping.ThreadLinks;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.store.ConsentStore.State;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What several peers write to a person who wants one mail per interval. */
class DigestIT {
  private static final Quiet QUIET = new Quiet(Duration.ofSeconds(10));
  private static final DigestSchedule HOURLY =
      new DigestSchedule(Duration.ofHours(1), LocalTime.MIDNIGHT, ZoneOffset.UTC);

  @TempDir Path folder;
  private Correspondence world;
  private TestPeer carla;

  @BeforeEach
  void open() throws Exception {
    world = new Correspondence(folder);
    world.digests = person -> Optional.of(HOURLY);
    world.carriesReceipts = true;
    world.wire(QUIET);
    carla = world.peer("carla");
    Correspondence.say(world.bob, carla.inbox().id(), "hello");
    carla.inbox().sync();
  }

  @AfterEach
  void close() {
    carla.close();
    world.close();
  }

  private MessageId carlaSays(String text) throws Exception {
    return Correspondence.say(carla.inbox(), world.bob.id(), text);
  }

  /** What was said has come in, and waits. */
  private void collect() throws Exception {
    world.bob.sync();
    world.turns();
  }

  private void hourLater() throws Exception {
    world.clock.goOn(Duration.ofHours(1));
    world.turns();
  }

  private String page(int mail) {
    return world.mails.get(mail).bodies().get(0).plain().orElseThrow();
  }

  private List<String> toldTo(TestPeer peer) throws Exception {
    return world.bob.dm(peer.inbox().id()).messages(1000).stream()
        .filter(message -> message.sender().equals(world.bob.id()))
        .map(message -> ContentCodec.decode(message.content()))
        .filter(Reply.class::isInstance)
        .map(content -> ((Text) ((Reply) content).content()).text())
        .toList();
  }

  @Test
  void whatSeveralPeersSaidIsOneMailAtTheHourAndEachPartCanBeAnswered() throws Exception {
    var first = world.says("Noon?");
    var other = carlaSays("Tea?");
    world.says("Or at one?");
    collect();
    world.clock.goOn(Duration.ofMinutes(2));
    world.turns();
    assertThat(world.mails).isEmpty();

    hourLater();
    hourLater();

    assertThat(world.mails).hasSize(1);
    assertThat(page(0))
        .contains("| Noon?\n", "| Or at one?\n", "| Tea?\n")
        .contains(world.alice.mailbox(DOMAIN).toString(), carla.mailbox(DOMAIN).toString());
    assertThat(world.mails.get(0).from().get(0).mailbox()).isEqualTo(DigestAddress.of(DOMAIN));
    assertThat(world.mails.get(0).automatic()).isTrue();
    assertThat(world.mails.get(0).receiptTo()).isEmpty();
    for (var message : List.of(first, other)) {
      var id = new ThreadIds(List.of(DOMAIN)).message(message.toString());
      assertThat(world.octets.get(0)).asString().contains("Message-ID: " + id.asWritten());
      assertThat(new ThreadLinks(world.store.jdbi()).known(BOB, List.of(id), List.of()))
          .singleElement()
          .satisfies(link -> assertThat(link.messageIds()).contains(message.toString()));
      assertThat(world.outcome(message)).isEqualTo(Outcome.DELIVERED);
    }
  }

  @Test
  void whatCameInOneConversationAloneIsAMailLikeAnyOther() throws Exception {
    world.says("Noon?");
    world.says("Or at one?");
    collect();

    hourLater();

    assertThat(world.texts()).containsExactly("Noon?\n\nOr at one?");
    assertThat(world.mails.get(0).from().get(0).mailbox()).isEqualTo(world.alice.mailbox(DOMAIN));
    assertThat(world.mails.get(0).automatic()).isFalse();
  }

  @Test
  void aCrashWhileItIsClosedLeavesNoMailAndThenThereIsOne() throws Exception {
    world.says("Noon?");
    carlaSays("Tea?");
    collect();
    world.sql("alter table thread_link add constraint no_room check (direction <> 'XMTP_TO_MAIL')");
    hourLater();
    assertThat(world.mails).isEmpty();

    world.sql("alter table thread_link drop constraint no_room");
    world.wire(QUIET); // As after a restart.
    world.turns();
    world.wire(QUIET);
    hourLater();

    assertThat(world.mails).hasSize(1);
    assertThat(page(0)).contains("| Noon?", "| Tea?");
  }

  @Test
  void aCrashBeforeItLeavesSendsTheSameMail() throws Exception {
    world.answers.add(BUSY);
    world.says("Noon?");
    carlaSays("Tea?");
    collect();
    hourLater();
    assertThat(world.mails).isEmpty();

    world.wire(QUIET);
    world.clock.goOn(Duration.ofMinutes(5));
    world.turns();
    hourLater();

    assertThat(world.mails).hasSize(1);
  }

  @Test
  void aRefusalIsToldToEachPeerOnce() throws Exception {
    var noon = world.says("Noon?");
    var tea = carlaSays("Tea?");
    collect();
    world.answers.add(NO);

    hourLater();
    hourLater();

    assertThat(toldTo(world.alice)).singleElement().asString().contains("no such user here");
    assertThat(toldTo(carla)).singleElement().asString().contains("no such user here");
    assertThat(world.outcome(noon)).isEqualTo(Outcome.REFUSED);
    assertThat(world.outcome(tea)).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void aBounceIsToldToEachPeerOnceAndCountsOnce() throws Exception {
    world.says("Noon?");
    carlaSays("Tea?");
    collect();
    hourLater();
    world.sql("insert into heard_mailbox (mailbox, failures) values ('bob@example.org', 0)");
    var path = world.envelopes.get(0).reversePath().orElseThrow();

    bounce(path);
    bounce(path);

    assertThat(toldTo(world.alice)).singleElement().asString().contains("mailbox is gone");
    assertThat(toldTo(carla)).singleElement().asString().contains("mailbox is gone");
    assertThat(failures()).isEqualTo(1);
  }

  private int failures() {
    return world
        .store
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("select failures from heard_mailbox")
                    .mapTo(Integer.class)
                    .one());
  }

  private void bounce(Mailbox path) throws Exception {
    var report = DeliveryReport.failed("mx.example.org", "", BOB, "5.1.1", "mailbox is gone");
    var from = new NamedMailbox("", new Mailbox("mailer-daemon", "example.org"));
    var id = new ThreadIds(List.of("mx.example.org")).notice(UUID.randomUUID());
    var original = "Subject: s\r\n\r\n".getBytes(StandardCharsets.UTF_8);
    world.reported(path, report.write(from, path, world.clock.instant(), id, original));
  }

  @Test
  void aPeerWhoIsDeniedWhileItIsUnderWayIsLeftOutAndTheOthersArrive() throws Exception {
    world.answers.add(BUSY);
    var noon = world.says("Noon?");
    var tea = carlaSays("Tea?");
    collect();
    hourLater();
    world.bob.consent(carla.inbox().id(), State.DENIED);

    world.clock.goOn(Duration.ofMinutes(5));
    world.turns();
    world.turns();

    assertThat(world.texts()).containsExactly("Noon?");
    var mail = world.mails.get(0);
    assertThat(mail.inReplyTo()).as("the digest that was not sent is no mail").isEmpty();
    assertThat(mail.bodies().get(0).plain().orElseThrow()).contains("block-");
    assertThat(world.outcome(noon)).isEqualTo(Outcome.DELIVERED);
    assertThat(world.outcome(tea)).isEqualTo(Outcome.WITHHELD);
    assertThat(toldTo(carla)).isEmpty();
  }

  @Test
  void whoeverIsDeniedBeforeTheHourIsNotInIt() throws Exception {
    world.says("Noon?");
    carlaSays("Tea?");
    collect();
    world.bob.consent(world.alice.inbox().id(), State.DENIED);

    hourLater();

    assertThat(world.texts()).containsExactly("Tea?");
  }

  @Test
  void aReceiptForADigestTellsNobodyThatTheirsWasRead() throws Exception {
    world.says("Noon?");
    carlaSays("Tea?");
    collect();
    hourLater();
    var lines =
        ReceiptsToXmtpIT.notification(
            world.mails.get(0).id().orElseThrow().asWritten(), "displayed");
    var text = String.join("\r\n", lines) + "\r\n";

    var reported =
        world.reported(
            world.envelopes.get(0).reversePath().orElseThrow(),
            text.getBytes(StandardCharsets.UTF_8));

    assertThat(reported.words()).contains("no mail of ours");
  }
}

package io.postern.bridge;

import static io.postern.bridge.Correspondence.BOB;
import static io.postern.bridge.Correspondence.CAROL;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mapping.ConversationId;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.LeavingSettings;
import io.postern.mapping.Outbox;
import io.postern.mapping.OutboxLine;
import io.postern.mapping.Quiet;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one peer whom a person has accepted may make leave, and leave lying. */
class LeavingBoundsIT {
  @TempDir Path folder;
  private Correspondence world;
  private TestPeer eve;

  @BeforeEach
  void open() throws Exception {
    world = new Correspondence(folder);
    eve = world.peer("eve");
    Correspondence.say(world.bob, eve.inbox().id(), "hello");
    eve.inbox().sync();
    world.leaving = new LeavingSettings(2, 100, 1 << 20, 1 << 30);
    world.wire(new Quiet(Duration.ofSeconds(10)));
    // So that the hour does not end in the middle.
    var now = world.clock.instant();
    world.clock.goOn(
        Duration.between(now, now.truncatedTo(ChronoUnit.HOURS).plus(Duration.ofHours(1))));
  }

  @AfterEach
  void close() {
    eve.close();
    world.close();
  }

  private void eveSays(String text) throws Exception {
    eve.inbox()
        .dm(world.bob.id())
        .send(EncodedMessage.of(new Text(text), UUID.randomUUID().toString()));
  }

  @Test
  void whatIsMoreThanAnHourTakesWaitsAndHoldsUpNobodyElse() throws Exception {
    world.says("one");
    world.arrive();
    world.says("two");
    world.arrive();
    var third = world.says("three");
    world.arrive();
    eveSays("of eve");
    world.arrive();

    assertThat(world.texts()).containsExactly("one", "two", "of eve");
    assertThat(world.outcome(third)).isEqualTo(Outcome.PENDING);
    assertThat(world.lastWords(third)).startsWith("held until ").contains("there were 2 mails of");
    world.wire(new Quiet(Duration.ofSeconds(10))); // As after a restart.
    world.arrive();
    assertThat(world.mails).hasSize(3);
    world.clock.goOn(Duration.ofHours(1));
    world.turns();

    assertThat(world.texts()).containsExactly("one", "two", "of eve", "three");
    assertThat(world.notices()).isEmpty();
  }

  @Test
  void whoseMessagesWaitInMassesIsToldOnceThatNoMoreAreTaken() throws Exception {
    var now = world.clock.instant();
    var outbox = new Outbox(world.store.jdbi(), new Quiet(Duration.ZERO));
    var peer = world.alice.inbox().id();
    outbox.add(
        new OutboxLine(
            world.bob.installation(),
            "0".repeat(64),
            CAROL,
            ConversationId.ofDm(world.bob.id(), peer),
            peer,
            now,
            now.plus(Duration.ofDays(1)),
            256L << 20));

    var first = world.says("one too many");
    world.arrive();
    var second = world.says("and another");
    eveSays("of eve");
    world.arrive();

    assertThat(world.notices()).singleElement().asString().contains("so many of yours wait");
    assertThat(world.outcome(first)).isEqualTo(Outcome.WITHHELD);
    assertThat(world.lastWords(first)).endsWith("the peer is told");
    assertThat(world.lastWords(second)).isEqualTo("as much of this peer waits as may");
    assertThat(world.texts()).contains("of eve");
    world.sql("delete from outbox_line where octets > 1000000");
    world.says("room again");
    world.arrive();
    assertThat(world.texts()).contains("room again").doesNotContain("and another");
  }

  private int heard() {
    return world.bob.findDm(world.alice.inbox().id()).orElseThrow().messages(100).size();
  }

  @Test
  void whileTheDiskIsNearlyFullTheNetworkKeepsWhatIsSaid() throws Exception {
    world.says("said before");
    world.bob.sync();
    world.turns();
    int before = heard();
    world.room.set(false);
    world.says("said meanwhile");
    world.clock.goOn(Duration.ofSeconds(11));

    try {
      world.arrive();
    } catch (XmtpException nothingIsRead) {
      assertThat(nothingIsRead).hasMessageContaining("nearly full");
    }
    world.turns();
    assertThat(world.mails).isEmpty();
    assertThat(heard()).as("of the second message nothing is stored").isEqualTo(before);
    world.room.set(true);
    world.arrive();

    assertThat(String.join("\n", world.texts())).contains("said before", "said meanwhile");
    assertThat(world.envelopes).allMatch(to -> to.forwardPaths().contains(BOB));
  }
}

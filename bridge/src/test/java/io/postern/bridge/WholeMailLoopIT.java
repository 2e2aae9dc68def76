package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mapping.AskedMails;
import io.postern.mapping.ConversationId;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Quiet;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer asks for a mail: nobody waits while it is read, and trouble of ours is no answer. */
class WholeMailLoopIT {
  private static final String LARGE =
      "Subject: big\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
          + "--b\r\nContent-Type: video/mp4\r\n\r\n"
          + "0123456789abcd\r\n".repeat(100_000)
          + "--b\r\n\r\nthe words\r\n--b--\r\n";

  private static final String SMALL = "Subject: small\r\n\r\nthe words\r\n";

  private static final String GIVEN = "the peer got mail s1";

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

  private void keeps(String mail) {
    keeps("s1", mail, world.alice, "ab".repeat(32));
  }

  private void keeps(String spoolId, String mail, TestPeer peer, String messageId) {
    var octets = mail.getBytes(StandardCharsets.US_ASCII);
    var written = world.kept.write(spoolId, () -> new ByteArrayInputStream(octets)).orElseThrow();
    var conversation = ConversationId.ofDm(world.bob.id(), peer.inbox().id());
    world
        .store
        .jdbi()
        .useTransaction(
            handle -> world.kept.keep(handle, written, conversation, List.of(messageId)));
  }

  /** And the command is taken. */
  private MessageId asks() throws Exception {
    var command = world.says("/whole");
    world.bob.sync();
    world.toMail.turn();
    assertThat(said()).isEmpty();
    return command;
  }

  private List<String> asked() {
    return new AskedMails(world.store.jdbi())
        .eldest(10, 10).stream().map(asked -> asked.messageId()).toList();
  }

  private List<MessageId> pending() {
    return world
        .store
        .jdbi()
        .withHandle(handle -> world.store.store().messages().pending(handle, 0, 10))
        .stream()
        .map(waiting -> waiting.message().id())
        .toList();
  }

  private List<Content> said() throws Exception {
    return said(world.alice);
  }

  /** What Bob's inbox has said since it greeted a peer. */
  private List<Content> said(TestPeer peer) throws Exception {
    return world.bob.dm(peer.inbox().id()).messages(1000).stream()
        .filter(message -> message.sender().equals(world.bob.id()))
        .map(message -> ContentCodec.decode(message.content()))
        .filter(content -> content instanceof Attachment || content instanceof Text)
        .filter(content -> !content.equals(new Text("hello")))
        .toList();
  }

  private void assertTheWordsAreGiven() throws Exception {
    world.wholeMails.turn();

    assertThat(asked()).isEmpty();
    assertThat(said()).hasSize(2);
    assertThat(said())
        .filteredOn(Attachment.class::isInstance)
        .singleElement()
        .satisfies(
            file ->
                assertThat(((Attachment) file).octets().toByteArray())
                    .asString(StandardCharsets.UTF_8)
                    .contains("the words"));
  }

  @Test
  void nobodyWaitsUntilItIsRead() throws Exception {
    keeps(LARGE);
    var command = world.says("/whole");
    var next = world.says("and now this");
    world.bob.sync();

    world.toMail.turn();

    assertThat(pending()).isEmpty();
    assertThat(world.outcome(next)).isEqualTo(Outcome.PENDING);
    assertThat(world.outcome(command)).isEqualTo(Outcome.WITHHELD);
    assertThat(said()).isEmpty();
    assertThat(asked()).containsExactly(command.toString());
    assertTheWordsAreGiven();
    assertThat(world.lastWords(command)).isEqualTo(GIVEN);
    assertThat(world.outcome(command)).isEqualTo(Outcome.WITHHELD);
  }

  @Test
  void whatWasAskedForIsGivenAfterTheNextStartAndOnce() throws Exception {
    keeps(LARGE);
    asks();

    world.wire(new Quiet(Duration.ofSeconds(10)));

    assertTheWordsAreGiven();
    world.wholeMails.turn();
    assertThat(said()).hasSize(2);
  }

  @Test
  void anAnswerThatCannotBeStoredIsGivenLaterAndWhole() throws Exception {
    keeps(LARGE);
    var command = asks();
    world.sql("alter table journey_step add constraint odd check (words <> '" + GIVEN + "')");

    world.wholeMails.turn();

    assertThat(said()).isEmpty();
    assertThat(asked()).containsExactly(command.toString());
    world.sql("alter table journey_step drop constraint odd");
    world.clock.goOn(Duration.ofMinutes(2));
    assertTheWordsAreGiven();
  }

  @Test
  void aMailIsNotGivenAgainWhileItIsStillToBeGiven() throws Exception {
    keeps(SMALL);
    asks();

    var again = asks();

    assertThat(world.lastWords(again)).contains("again within minutes");
    world.wholeMails.turn();
    assertThat(said()).singleElement().isInstanceOf(Attachment.class);
  }

  /** Else it would come once for each time. */
  @Test
  void aMailThatIsAskedForAgainAndAgainBeforeItIsGivenIsGivenOnce() throws Exception {
    keeps(LARGE);
    var command = asks();
    Files.delete(world.carrying());
    world.wholeMails.turn();
    world.clock.goOn(Duration.ofMinutes(11));

    var again = asks();

    assertThat(world.lastWords(again)).contains("still to be given");
    assertThat(asked()).containsExactly(command.toString());
    Files.createDirectory(world.carrying());
    assertTheWordsAreGiven();
  }

  @Test
  void aFileThatCannotBeReadIsNoDamagedOneAndIsReadLater() throws Exception {
    keeps(LARGE);
    var command = asks();
    Path file;
    try (var files = Files.list(folder.resolve("kept"))) {
      file = files.findFirst().orElseThrow();
    }
    var away = Files.move(file, folder.resolve("away"));
    Files.createDirectory(file);

    world.wholeMails.turn();

    assertThat(said()).isEmpty();
    assertThat(asked()).containsExactly(command.toString());
    Files.delete(file);
    Files.move(away, file);
    world.clock.goOn(Duration.ofMinutes(2));
    assertTheWordsAreGiven();
  }

  @Test
  void whereNothingCanBeWrittenNothingIsSaidUntilItCan() throws Exception {
    keeps(LARGE);
    var command = asks();
    Files.delete(world.carrying());

    var wait = world.wholeMails.turn();

    assertThat(wait).isZero();
    assertThat(said()).isEmpty();
    assertThat(asked()).containsExactly(command.toString());
    Files.createDirectory(world.carrying());
    assertThat(world.wholeMails.turn()).isPositive();
    assertThat(said()).isEmpty();
    world.clock.goOn(Duration.ofMinutes(2));
    assertTheWordsAreGiven();
  }

  @Test
  void aFullDiskIsNotFilledAndNothingIsSaidUntilThereIsRoom() throws Exception {
    keeps(LARGE);
    var command = asks();
    world.room.set(false);

    world.wholeMails.turn();

    assertThat(said()).isEmpty();
    assertThat(asked()).containsExactly(command.toString());
    assertThat(world.carrying()).isEmptyDirectory();
    world.room.set(true);
    world.clock.goOn(Duration.ofMinutes(2));
    assertTheWordsAreGiven();
  }

  @Test
  void aDiskThatIsFullForDaysIsNotWaitedForAnyLonger() throws Exception {
    keeps(LARGE);
    asks();
    world.room.set(false);
    world.wholeMails.turn();

    world.clock.goOn(Duration.ofHours(49));
    world.wholeMails.turn();

    assertThat(said()).containsExactly(new Text("No whole mail is kept here."));
    assertThat(asked()).isEmpty();
  }

  @Test
  void aSmallMailIsGivenOnAFullDiskToo() throws Exception {
    keeps(SMALL);
    asks();
    world.room.set(false);

    world.wholeMails.turn();

    assertThat(said()).singleElement().isInstanceOf(Attachment.class);
    assertThat(asked()).isEmpty();
  }

  @Test
  void ofAFileThatIsDamagedItIsSaidThatNothingIsKept() throws Exception {
    keeps(LARGE);
    var command = asks();
    try (var files = Files.list(folder.resolve("kept"))) {
      Files.write(files.findFirst().orElseThrow(), new byte[] {1, 2, 3});
    }

    world.wholeMails.turn();

    assertThat(said()).containsExactly(new Text("No whole mail is kept here."));
    assertThat(asked()).isEmpty();
    assertThat(world.lastWords(command)).isEqualTo("the mail is not kept");
  }

  @Test
  void whomThePersonHasDeniedMeanwhileIsToldNothing() throws Exception {
    keeps(LARGE);
    var command = asks();
    var consents = new Consents(world.store.store());
    world
        .store
        .jdbi()
        .useTransaction(
            handle ->
                consents.deny(
                    handle,
                    world.bob.installation(),
                    world.alice.inbox().id(),
                    world.clock.instant()));

    world.wholeMails.turn();

    assertThat(said()).isEmpty();
    assertThat(asked()).isEmpty();
    assertThat(world.lastWords(command)).contains("does not want to hear");
  }

  @Test
  void whoeverAsksForMuchHasTheOthersGoBefore() throws Exception {
    try (var carol = world.peer("carol")) {
      Correspondence.say(world.bob, carol.inbox().id(), "hello");
      carol.inbox().sync();
      for (int i = 1; i <= 3; i++) {
        var message = MessageId.parse(("a" + i).repeat(32)).orElseThrow();
        keeps("s" + i, SMALL, world.alice, message.toString());
        world.says(Reply.to(message, world.bob.id().value(), new Text("/whole")));
      }
      keeps("s4", SMALL, carol, "cc".repeat(32));
      world.bob.sync();
      world.toMail.turn();
      world.clock.goOn(Duration.ofSeconds(1));
      Correspondence.say(carol.inbox(), world.bob.id(), "/whole");
      world.bob.sync();
      world.toMail.turn();
      assertThat(asked()).hasSize(4);

      world.wholeMails.turn();

      assertThat(said()).hasSize(1);
      assertThat(said(carol)).hasSize(1);
      world.wholeMails.turn();
      world.wholeMails.turn();
      assertThat(said()).hasSize(3);
      assertThat(asked()).isEmpty();
    }
  }
}

package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mapping.ConversationId;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Text;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer asks for a large mail while our own disk is in trouble: that is no answer. */
class WholeMailScratchIT {
  private static final String LARGE =
      "Subject: big\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
          + "--b\r\nContent-Type: video/mp4\r\n\r\n"
          + "0123456789abcd\r\n".repeat(100_000)
          + "--b\r\n\r\nthe words\r\n--b--\r\n";

  private static final String SMALL = "Subject: small\r\n\r\nthe words\r\n";

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
    var octets = mail.getBytes(StandardCharsets.US_ASCII);
    var written = world.kept.write("s1", () -> new ByteArrayInputStream(octets)).orElseThrow();
    var conversation = ConversationId.ofDm(world.bob.id(), world.alice.inbox().id());
    world
        .store
        .jdbi()
        .useTransaction(
            handle -> world.kept.keep(handle, written, conversation, List.of("ab".repeat(32))));
  }

  private MessageId asks() throws Exception {
    var command = world.says("/whole");
    world.bob.sync();
    return command;
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

  /** What Bob's inbox has said since it greeted Alice. */
  private List<Content> said() throws Exception {
    return world.bob.dm(world.alice.inbox().id()).messages(1000).stream()
        .filter(message -> message.sender().equals(world.bob.id()))
        .map(message -> ContentCodec.decode(message.content()))
        .filter(content -> content instanceof Attachment || content instanceof Text)
        .filter(content -> !content.equals(new Text("hello")))
        .toList();
  }

  private void assertTheWordsAreGiven() throws Exception {
    world.toMail.turn();

    assertThat(pending()).isEmpty();
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
  void whereNothingCanBeWrittenNothingIsSaidUntilItCan() throws Exception {
    keeps(LARGE);
    var command = asks();
    Files.delete(world.carrying());

    world.toMail.turn();

    assertThat(said()).isEmpty();
    assertThat(pending()).containsExactly(command);

    Files.createDirectory(world.carrying());
    assertTheWordsAreGiven();
  }

  @Test
  void aFullDiskIsNotFilledAndNothingIsSaidUntilThereIsRoom() throws Exception {
    keeps(LARGE);
    var command = asks();
    world.room.set(false);

    world.toMail.turn();

    assertThat(said()).isEmpty();
    assertThat(pending()).containsExactly(command);
    assertThat(world.carrying()).isEmptyDirectory();

    world.room.set(true);
    assertTheWordsAreGiven();
  }

  @Test
  void aSmallMailIsGivenOnAFullDiskToo() throws Exception {
    keeps(SMALL);
    asks();
    world.room.set(false);

    world.toMail.turn();

    assertThat(said()).singleElement().isInstanceOf(Attachment.class);
    assertThat(pending()).isEmpty();
  }

  @Test
  void ofAFileThatIsDamagedItIsSaidThatNothingIsKept() throws Exception {
    keeps(LARGE);
    asks();
    try (var files = Files.list(folder.resolve("kept"))) {
      Files.write(files.findFirst().orElseThrow(), new byte[] {1, 2, 3});
    }

    world.toMail.turn();

    assertThat(said()).containsExactly(new Text("No whole mail is kept here."));
    assertThat(pending()).isEmpty();
  }
}

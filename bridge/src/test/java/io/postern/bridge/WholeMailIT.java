package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.mail.Mailbox;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.store.MessageStore.Message;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was cut from a mail is not lost: its reader asks for the whole of it. */
class WholeMailIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");

  @TempDir Path folder;
  private TestBridge bridge;
  private TestPeer alice;

  @BeforeEach
  void open() throws Exception {
    bridge = TestBridge.open(folder.resolve("bridge"));
    alice = new TestPeer(folder, bridge.nodeUrl());
  }

  @AfterEach
  void close() {
    alice.close();
    bridge.close();
  }

  private void bobWrites(String id, String subject, String... text) {
    var lines = new ArrayList<String>();
    lines.add("From: Bob <" + BOB + ">");
    lines.add("To: " + alice.mailbox());
    lines.add("Subject: " + subject);
    lines.add("Message-ID: <" + id + "@example.org>");
    lines.add("");
    lines.addAll(List.of(text));
    bridge.mail(BOB, alice.mailbox(), lines.toArray(String[]::new));
  }

  private void heard(int count) {
    await().atMost(PATIENCE).until(() -> alice.heard().size() == count);
  }

  private static String words(Object content) {
    return new String(((Attachment) content).octets().toByteArray(), StandardCharsets.UTF_8);
  }

  private Message lastOfBob() {
    return alice.messages().stream()
        .filter(message -> !message.sender().equals(alice.inbox().id()))
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  @Test
  void aPeerAsksForWhatWasCutAndThePersonIsNotMailed() throws Exception {
    bobWrites(
        "1",
        "Re: Lunch",
        "Alice, what do you think?",
        "",
        "On Mon, 2 Feb 2026 at 10:00, Carol <carol@example.net> wrote:",
        "> The place by the river.",
        "-- ",
        "Bob, extension 12");
    heard(1);
    assertThat(alice.heardTexts().get(0))
        .contains("what do you think?")
        .doesNotContain("river", "extension")
        .endsWith("[…] /whole shows the rest");

    alice.answer(" /Whole\n");

    heard(2);
    var file = (Attachment) alice.heard().get(1);
    assertThat(file.safeFilename()).isEqualTo("Re: Lunch.eml");
    assertThat(file.mimeType()).isEqualTo("message/rfc822");
    assertThat(words(file))
        .startsWith("Return-Path: <" + BOB + ">")
        .contains("> The place by the river.", "Bob, extension 12", "\r\nMessage-ID: <1@");
    alice.answer("The river is fine.");
    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
    assertThat(bridge.captured().get(0).bodies().get(0).plain().orElseThrow())
        .contains("The river is fine.")
        .doesNotContainIgnoringCase("/whole");
    assertThat(bridge.status()).contains("withheld");
  }

  @Test
  void anAnswerToAMessageMeansItsMail() throws Exception {
    bobWrites("1", "First", "the first mail");
    heard(1);
    var first = lastOfBob();
    bobWrites("2", "Second", "the second mail");
    heard(2);

    alice.say(Reply.to(first.id(), first.sender().value(), new Text("/whole")));

    heard(3);
    assertThat(words(alice.heard().get(2))).contains("the first mail");
  }

  @Test
  void askingAgainAndAgainIsNoWayToFlood() throws Exception {
    bobWrites("1", "First", "the first mail");
    heard(1);

    alice.answer("/whole");
    alice.answer("/whole");
    alice.answer("/whole");
    bobWrites("2", "Second", "the second mail");

    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 2);
    alice.answer("/whole");
    heard(4);
    assertThat(alice.heard().stream().filter(Attachment.class::isInstance).map(WholeMailIT::words))
        .satisfiesExactly(
            one -> assertThat(one).contains("the first mail"),
            two -> assertThat(two).contains("the second mail"));
  }

  @Test
  void ofAMailThatIsTooLargeForAMessageAllWordsAreGiven() throws Exception {
    var lines = new ArrayList<String>();
    lines.add("Only this is new.");
    lines.add("");
    lines.add("On Mon, 2 Feb 2026 at 10:00, Carol <carol@example.net> wrote:");
    lines.add("> Cut words.");
    lines.add("--");
    bobWrites("1", "Re: Big", lines.toArray(String[]::new));
    heard(1);
    var big = new ArrayList<String>();
    big.add("MIME-Version: 1.0");
    big.add("In-Reply-To: <other@example.net>");
    big.add("Content-Type: multipart/mixed; boundary=b");
    big.add("From: Bob <" + BOB + ">");
    big.add("To: " + alice.mailbox());
    big.add("Subject: Re: Big");
    big.add("Message-ID: <2@example.org>");
    big.add("");
    big.add("--b");
    big.add("");
    big.addAll(lines.subList(0, 4));
    big.add("--b");
    big.add("Content-Type: application/octet-stream; name=a.bin");
    big.add("");
    for (int i = 0; i < 20_000; i++) {
      big.add("0123456789012345678901234567890123456789012345678901234567890123456789");
    }
    big.add("--b--");
    bridge.mail(BOB, alice.mailbox(), big.toArray(String[]::new));
    heard(2);

    alice.answer("/whole");

    heard(4);
    assertThat(alice.heardTexts().get(2)).contains("Re: Big.eml", "too large");
    assertThat(words(alice.heard().get(3))).contains("Only this is new.", "> Cut words.");
  }

  @Test
  void whereNothingIsKeptThePeerIsToldSoOnce() throws Exception {
    bobWrites("1", "First", "the first mail");
    heard(1);

    alice.say(new Reply("ab".repeat(32), Optional.empty(), new Text("/whole")));
    heard(2);
    assertThat(ContentCodec.decode(lastOfBob().content()))
        .isEqualTo(new Text("No whole mail is kept here."));
    alice.say(new Reply(lastOfBob().id().toString(), Optional.empty(), new Text("/whole")));
    alice.answer("an end");

    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
    bobWrites("2", "Second", "the second mail");
    heard(3);
  }
}

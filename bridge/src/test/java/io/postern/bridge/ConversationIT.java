package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.Octets;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.ReadReceipt;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
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

/** Both journeys over real SMTP, real MLS and real files. */
@OnEachDatabase
class ConversationIT {
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

  private Delivery bobWrites(String id, String subject, String text, String... more) {
    var lines = new ArrayList<String>();
    lines.add("From: Bob <" + BOB + ">");
    lines.add("To: " + alice.mailbox());
    lines.add("Subject: " + subject);
    lines.add("Message-ID: <" + id + "@example.org>");
    lines.addAll(List.of(more));
    lines.add("");
    lines.add(text);
    return bridge.mail(BOB, alice.mailbox(), lines.toArray(String[]::new));
  }

  @Test
  void aMailIsReadOnXmtpAnsweredThereAndTheAnswerIsAnsweredByMail() throws Exception {
    assertThat(bobWrites("1", "Lunch?", "Shall we meet at noon?"))
        .isInstanceOf(Delivery.Delivered.class);
    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);
    assertThat(alice.heardTexts().get(0))
        .contains("bob@example.org, by mail via " + TestBridge.DOMAIN)
        .contains("Subject: Lunch?")
        .endsWith("Shall we meet at noon?");

    alice.answer("Noon is fine.");
    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
    var answer = bridge.captured().get(0);
    assertThat(answer.subject()).isEqualTo("Re: Lunch?");
    assertThat(answer.inReplyTo()).extracting("value").containsExactly("<1@example.org>");
    assertThat(answer.from().get(0).mailbox()).isEqualTo(alice.mailbox());
    assertThat(TestBridge.said(answer)).isEqualTo("Noon is fine.");

    bobWrites(
        "2",
        "Re: Lunch?",
        "See you there.",
        "In-Reply-To: " + answer.id().orElseThrow().asWritten());
    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 2);
    assertThat(alice.heardTexts().get(1)).isEqualTo("See you there.");
  }

  @Test
  void aMailThatAnswersAnOlderMessageBecomesAReply() throws Exception {
    bobWrites("1", "Lunch?", "Shall we meet at noon?");
    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);
    alice.answer("Noon is fine.");
    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
    var first = bridge.captured().get(0);
    alice.answer("Or one?");
    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 2);

    bobWrites("2", "Re: Lunch?", "Noon.", "In-Reply-To: " + first.id().orElseThrow().asWritten());

    await().atMost(PATIENCE).until(() -> alice.heard().size() == 2);
    var reply = (Reply) alice.heard().get(1);
    assertThat(reply.content()).isEqualTo(new Text("Noon."));
    assertThat(reply.reference()).isEqualTo(messageIdOf("Noon is fine."));
  }

  @Test
  void aReactionTakenBackIsMailedToWhoReadsReactions() throws Exception {
    bobWrites("1", "Lunch?", "Are you free?");
    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);
    var asked = alice.messages().get(0);
    alice.answer("Noon is fine.");
    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
    bridge.mail(
        BOB,
        alice.mailbox(),
        "From: Bob <" + BOB + ">",
        "To: " + alice.mailbox(),
        "Message-ID: <2@example.org>",
        "In-Reply-To: " + bridge.captured().get(0).id().orElseThrow().asWritten(),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Disposition: reaction",
        "",
        "👍");
    await()
        .atMost(PATIENCE)
        .until(() -> alice.heard().stream().anyMatch(Reaction.class::isInstance));

    alice.say(Reaction.emoji(asked.id(), asked.sender().value(), Reaction.Action.ADDED, "🎉"));
    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 2);
    alice.say(Reaction.emoji(asked.id(), asked.sender().value(), Reaction.Action.REMOVED, "🎉"));

    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 3);
    var added = bridge.captured().get(1).reaction().orElseThrow();
    var removed = bridge.captured().get(2).reaction().orElseThrow();
    assertThat(added.emoji()).containsExactly("🎉");
    assertThat(removed.completeSet()).isTrue();
    assertThat(removed.emoji()).isEmpty();
    assertThat(removed.target().value()).isEqualTo("<1@example.org>");
  }

  private String messageIdOf(String text) {
    return alice.messages().stream()
        .filter(message -> ContentCodec.decode(message.content()).equals(new Text(text)))
        .findFirst()
        .orElseThrow()
        .id()
        .toString();
  }

  @Test
  void filesTravelBothWays() throws Exception {
    bobWrites("1", "Hello", "Hi");
    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);
    var octets = "a picture".getBytes(StandardCharsets.UTF_8);

    alice.say(new Attachment(Optional.of("a.png"), "image/png", Octets.of(octets)));

    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
    var file = bridge.captured().get(0).attachments().get(0);
    assertThat(file.filename()).isEqualTo("a.png");
    assertThat(file.octets()).isEqualTo(octets);
    bridge.mail(
        BOB,
        alice.mailbox(),
        "From: Bob <" + BOB + ">",
        "To: " + alice.mailbox(),
        "Subject: Re: Hello",
        "Message-ID: <2@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "A file.",
        "--b",
        "Content-Type: application/pdf; name=x.pdf",
        "Content-Disposition: attachment; filename=x.pdf",
        "Content-Transfer-Encoding: base64",
        "",
        "JVBERi0xLjcK",
        "--b--");
    await().atMost(PATIENCE).until(() -> alice.heard().size() == 3);
    var received = (Attachment) alice.heard().get(2);
    assertThat(received.safeFilename()).isEqualTo("x.pdf");
    assertThat(received.octets()).isEqualTo(Octets.ofHex("255044462d312e370a"));
  }

  @Test
  void theSameMailTwiceIsOneMessage() throws Exception {
    bobWrites("1", "Hello", "once");
    bobWrites("1", "Hello", "once");
    bobWrites("2", "Re: Hello", "after");

    await().atMost(PATIENCE).until(() -> alice.heardTexts().contains("after"));

    assertThat(alice.heardTexts()).hasSize(2);
  }

  @Test
  void aReceiptIsWithheldAndADeniedPeerIsNotMailed() throws Exception {
    bobWrites("1", "Hello", "Hi");
    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);

    alice.say(new ReadReceipt());
    alice.answer("after the receipt");

    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
    assertThat(bridge.captured().get(0).bodies().get(0).plain().orElseThrow())
        .contains("after the receipt");
  }

  @Test
  void whoHasNoInboxIsRefusedAtRcpt() {
    var nobody = new Mailbox("0x00000000000000000000000000000000000000aa", TestBridge.DOMAIN);

    var answer =
        bridge.mail(BOB, nobody, "From: <" + BOB + ">", "To: <" + nobody + ">", "", "text");

    assertThat(answer)
        .isInstanceOfSatisfying(
            Delivery.Refused.class, refused -> assertThat(refused.status()).isEqualTo("5.1.1"));
  }

  @Test
  void aFromAtTheBridgeDomainNeedsALogin() {
    var forged = new Mailbox("eve", TestBridge.DOMAIN);

    var answer =
        bridge.mail(
            BOB, alice.mailbox(), "From: <" + forged + ">", "To: " + alice.mailbox(), "", "x");

    assertThat(answer)
        .isInstanceOfSatisfying(
            Delivery.Refused.class, refused -> assertThat(refused.status()).isEqualTo("5.7.1"));
  }
}

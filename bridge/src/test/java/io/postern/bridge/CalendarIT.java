package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.store.MessageStore.Message;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An invitation is read in XMTP, answered there, and changed by mail. */
class CalendarIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
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

  private void bobSends(String id, String method, String organizer) {
    bridge.mail(
        BOB,
        alice.mailbox(),
        "From: Bob <" + BOB + ">",
        "To: " + alice.mailbox(),
        "Subject: Lunch",
        "Message-ID: <" + id + "@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: text/calendar; charset=utf-8; method=" + method,
        "",
        "BEGIN:VCALENDAR",
        "METHOD:" + method,
        "BEGIN:VEVENT",
        "UID:lunch-1@example.org",
        "SUMMARY:Lunch",
        "DTSTART:20260204T110000Z",
        "ORGANIZER:mailto:" + organizer,
        "ATTENDEE:mailto:" + alice.mailbox(),
        "END:VEVENT",
        "END:VCALENDAR");
  }

  /** The card and the file beside it. */
  private Message card() {
    await().atMost(PATIENCE).until(() -> alice.heard().size() == 2);
    assertThat(alice.heardTexts().get(0)).contains("📅 Lunch\nWhen: 2026-02-04 11:00 UTC");
    return alice.messages().get(0);
  }

  private Mail answer() throws Exception {
    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
    return bridge.captured().get(0);
  }

  private static String calendar(Mail mail) {
    return new String(mail.attachments().get(0).octets(), StandardCharsets.UTF_8);
  }

  @Test
  void aReactionToAnInvitationAnswersItAndItsEndAnswersTheCard() throws Exception {
    bobSends("1", "REQUEST", BOB.toString());
    var card = card();

    alice.say(
        new Reaction(
            card.id().toString(),
            Optional.empty(),
            Reaction.Action.ADDED,
            "👍",
            Reaction.Schema.UNICODE));

    var answer = answer();
    assertThat(answer.to()).extracting(to -> to.mailbox()).containsExactly(BOB);
    assertThat(answer.inReplyTo()).extracting("value").containsExactly("<1@example.org>");
    assertThat(answer.attachments().get(0).mediaType()).isEqualTo("text/calendar; method=REPLY");
    assertThat(calendar(answer).replace("\r\n ", ""))
        .contains("\r\nUID:lunch-1@example.org\r\n")
        .contains("\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:" + alice.mailbox() + "\r\n");

    bobSends("2", "CANCEL", BOB.toString());

    await().atMost(PATIENCE).until(() -> alice.heard().size() == 4);
    var end = (Reply) alice.heard().get(2);
    assertThat(end.reference()).isEqualTo(card.id().toString());
    assertThat(((Text) end.content()).text()).contains("📅 Cancelled: Lunch");
  }

  @Test
  void aWordAfterAnInvitationAnswersIt() throws Exception {
    bobSends("1", "REQUEST", BOB.toString());
    card();

    alice.answer("Decline");

    assertThat(calendar(answer())).contains("PARTSTAT=DECLINED");
  }

  @Test
  void anOrganizerWhoDidNotWriteGetsNoAnswer() throws Exception {
    bobSends("1", "REQUEST", "victim@elsewhere.example");
    card();

    alice.answer("Decline");

    var answer = answer();
    assertThat(answer.to()).extracting(to -> to.mailbox()).containsExactly(BOB);
    assertThat(answer.attachments()).isEmpty();
    assertThat(TestBridge.said(answer)).isEqualTo("Decline");
  }
}

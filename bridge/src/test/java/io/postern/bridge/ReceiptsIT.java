package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.Receipts;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import io.postern.out.DnsJava;
import io.postern.xmtp.content.ReadReceipt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Read receipts over real SMTP and real MLS, both ways. */
class ReceiptsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");

  @TempDir Path folder;
  private TestBridge bridge;
  private TestPeer alice;

  private void open(Receipts receipts) throws Exception {
    var config =
        new TestConfig(folder.resolve("bridge"), new NetworkSettings.Local())
            .receipts(receipts)
            .get();
    bridge = TestBridge.open(config, DnsJava.plain(List.of()));
    alice = new TestPeer(folder, bridge.nodeUrl());
  }

  @AfterEach
  void close() {
    alice.close();
    bridge.close();
  }

  private void bobWrites(String id, String text, String... more) throws Exception {
    int before = alice.heardTexts().size();
    var lines = new ArrayList<String>();
    lines.add("From: Bob <" + BOB + ">");
    lines.add("To: " + alice.mailbox());
    lines.add("Subject: Lunch?");
    lines.add("Message-ID: <" + id + "@example.org>");
    lines.addAll(List.of(more));
    lines.add("");
    lines.add(text);
    assertThat(bridge.mail(BOB, alice.mailbox(), lines.toArray(String[]::new)))
        .isInstanceOf(Delivery.Delivered.class);
    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() > before);
  }

  private List<Mail> captured(int count) {
    await().atMost(PATIENCE).until(() -> bridge.captured().size() >= count);
    try {
      return bridge.captured();
    } catch (Exception unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private void bobsProgramShows(Mail mail, Mailbox path) {
    var sent =
        TestBridge.mail(
            bridge.smtpPort(),
            Envelope.fromNobody(List.of(path)),
            ReceiptsToXmtpIT.notification(mail.id().orElseThrow().asWritten(), "displayed"));
    assertThat(sent).isInstanceOf(Delivery.Delivered.class);
  }

  private long receiptsHeard() {
    return alice.heard().stream().filter(ReadReceipt.class::isInstance).count();
  }

  @Test
  void thePeerSeesOnceThatTheirMailWasDisplayed() throws Exception {
    open(Receipts.ON);
    bobWrites("1", "Shall we meet at noon?");
    alice.answer("Noon is fine.");
    var mail = captured(1).get(0);
    var path = bridge.returnPaths().get(0);
    assertThat(mail.receiptTo()).contains(path);

    bobsProgramShows(mail, path);
    await().atMost(PATIENCE).until(() -> receiptsHeard() == 1);
    bobsProgramShows(mail, path);
    bobWrites("2", "See you there.");

    assertThat(receiptsHeard()).isEqualTo(1);
    assertThat(alice.heardTexts()).hasSize(2);
    alice.answer("Yes.");
    assertThat(captured(2)).hasSize(2);
  }

  @Test
  void theAuthorOfTheNewestMailIsToldOnceThatItWasDisplayed() throws Exception {
    open(Receipts.ON);
    var asks = "Disposition-Notification-To: <" + BOB + ">";
    bobWrites("1", "Shall we meet at noon?", asks);
    bobWrites("2", "Or at one?", asks);

    alice.say(new ReadReceipt());
    var receipt = captured(1).get(0);
    alice.say(new ReadReceipt());
    alice.answer("At one.");
    var mails = captured(2);

    assertThat(receipt.from().get(0).mailbox()).isEqualTo(alice.mailbox());
    assertThat(receipt.to().get(0).mailbox()).isEqualTo(BOB);
    assertThat(receipt.receipt().orElseThrow().displayed()).isTrue();
    assertThat(receipt.receipt().orElseThrow().original().orElseThrow().value())
        .isEqualTo("<2@example.org>");
    assertThat(mails).hasSize(2);
    assertThat(mails.get(1).bodies().get(0).plain().orElseThrow()).contains("At one.");
    bobWrites("3", "Who is next?");
    alice.say(new ReadReceipt());
    alice.answer("Nobody asked.");
    assertThat(captured(3)).hasSize(3);
  }

  @Test
  void nothingOfThatIsDoneWhereNobodyWantsIt() throws Exception {
    open(Config.localProfile(folder).receipts());
    bobWrites("1", "Shall we meet at noon?", "Disposition-Notification-To: <" + BOB + ">");

    alice.say(new ReadReceipt());
    alice.answer("Noon is fine.");
    var mail = captured(1).get(0);
    bobsProgramShows(mail, bridge.returnPaths().get(0));
    bobWrites("2", "See you there.");

    assertThat(bridge.captured()).hasSize(1);
    assertThat(mail.receiptTo()).isEmpty();
    assertThat(receiptsHeard()).isZero();
  }
}

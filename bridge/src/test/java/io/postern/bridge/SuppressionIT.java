package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.Provision;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.Verdict;
import io.postern.out.Deliver;
import io.postern.out.TlsMode;
import io.postern.smtp.LoopCheck;
import io.postern.smtp.MailJudge;
import io.postern.smtp.Reception;
import io.postern.smtp.RecipientCheck;
import io.postern.smtp.SmtpReceiver;
import io.postern.smtp.SmtpSettings;
import io.postern.smtp.Spool;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole daemon and mailboxes that are gone, or whose people complain. */
class SuppressionIT {
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Mailbox PROVIDER = new Mailbox("fbl", "provider.example");
  private static final Mailbox ABUSE = new Mailbox("abuse", TestBridge.DOMAIN);
  private static final Mailbox UNKNOWN =
      new Mailbox("b-0123456789abcdef0123456789abcdef", TestBridge.DOMAIN);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestDns dns = new TestDns().txt("example.org", "v=spf1 ip4:127.0.0.1 -all");
  @TempDir Path folder;

  private static List<String> notices(TestPeer peer) {
    return peer.heard().stream()
        .filter(Reply.class::isInstance)
        .map(content -> ((Text) ((Reply) content).content()).text())
        .toList();
  }

  @Test
  void aMailboxThatIsGoneIsMailedNoMoreUntilMailComesFromIt() throws Exception {
    var gone = new AtomicBoolean(true);
    var workers = Executors.newCachedThreadPool();
    RecipientCheck far =
        (recipient, soFar) ->
            gone.get()
                ? new RecipientCheck.Refused("5.1.1", "no such user")
                : new RecipientCheck.Served();
    try (var inboxes = Spool.open(folder.resolve("far"), Clock.systemUTC());
        var server =
            SmtpReceiver.open(
                SmtpSettings.of("127.0.0.1:0", "mx.example.org"),
                new Reception(
                    far,
                    arrived -> new MailJudge.Taken(Verdict.none()),
                    new LoopCheck(List.of("example.org")),
                    inboxes),
                workers);
        var bridge =
            Bridge.open(
                new TestConfig(folder.resolve("data"))
                    .provision(Provision.VERIFIED)
                    .deliver(
                        new Deliver.Smarthost(
                            "127.0.0.1", server.port(), Optional.empty(), TlsMode.NONE))
                    .get(),
                dns,
                Clock.systemUTC(),
                checkpoint -> {});
        var alice =
            new TestPeer(
                folder, "http://127.0.0.1:" + bridge.nodeAddress().orElseThrow().getPort())) {
      int port = bridge.smtpAddress().getPort();
      TestBridge.mail(port, BOB, alice.mailbox(), "From: <" + BOB + ">", "", "hello");
      await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);
      for (int i = 1; i <= 4; i++) {
        int told = i;
        alice.answer("message " + i);
        await().atMost(PATIENCE).until(() -> notices(alice).size() == told);
      }
      gone.set(false);
      TestBridge.mail(port, BOB, alice.mailbox(), "From: <" + BOB + ">", "", "here I am");
      await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 2);
      alice.answer("message 5");

      await().atMost(PATIENCE).until(() -> inboxes.size() == 1);
      assertThat(notices(alice).subList(0, 3)).allMatch(words -> words.contains("no such user"));
      assertThat(notices(alice).get(3)).contains("no mail is sent to this person");
      assertThat(notices(alice)).hasSize(4);
    } finally {
      workers.shutdownNow();
    }
  }

  /** A complaint with that return path, and these lines of the mail. */
  private static Delivery complain(
      TestBridge bridge, String name, Mailbox path, String... returned) {
    var lines =
        List.of(
            "From: <" + PROVIDER + ">",
            "Message-ID: " + name,
            "Subject: complaint",
            "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
            "",
            "--b",
            "Content-Type: message/feedback-report",
            "",
            "Feedback-Type: abuse",
            "Version: 1",
            "Original-Mail-From: <" + path + ">",
            "--b",
            "Content-Type: message/rfc822",
            "",
            String.join("\r\n", returned),
            "",
            "text",
            "--b--");
    return bridge.mail(PROVIDER, ABUSE, lines.toArray(String[]::new));
  }

  private static Mail mailWith(TestBridge bridge, String words) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                bridge.captured().stream()
                    .filter(mail -> mail.bodies().get(0).plain().orElse("").contains(words))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void whoComplainsOfAMailByItsReturnPathAndNotByItsIdGetsNoMoreOfItsPeer() throws Exception {
    try (var bridge = TestBridge.verifying(folder.resolve("data"), dns);
        var alice = new TestPeer(folder, bridge.nodeUrl())) {
      bridge.mail(BOB, alice.mailbox(), "From: <" + BOB + ">", "", "hello");
      await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);
      alice.answer("buy now");
      var id = mailWith(bridge, "buy now").id().orElseThrow().asWritten();
      var path = bridge.firstReturnPath();

      var noComplaint =
          bridge.mail(PROVIDER, ABUSE, "From: <" + PROVIDER + ">", "", "I complain of " + id);
      // Forged ones: another path, with the id that whoever got an answer knows.
      complain(bridge, "<1@provider.example>", UNKNOWN, "Message-ID: " + id);
      complain(bridge, "<2@provider.example>", UNKNOWN, "X-Note: <" + path + ">");
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  bridge
                      .journey("<1@provider.example>")
                      .contains("is named without its return path, so nothing changes"));
      await()
          .atMost(PATIENCE)
          .until(() -> bridge.journey("<2@provider.example>").contains("about 0 mail(s)"));
      alice.answer("second");
      mailWith(bridge, "second");
      complain(bridge, "<3@provider.example>", UNKNOWN, "Return-Path: <" + path + ">");
      await()
          .atMost(PATIENCE)
          .until(() -> bridge.journey("<3@provider.example>").contains("about 1 mail(s)"));
      alice.answer("third");
      var messages = alice.messages();
      var third = messages.get(messages.size() - 1).id().toString();
      await().atMost(PATIENCE).until(() -> bridge.journey(third).contains("complained of this"));

      assertThat(noComplaint)
          .isInstanceOfSatisfying(
              Delivery.Refused.class, refused -> assertThat(refused.status()).isEqualTo("5.7.1"));
      assertThat(bridge.captured()).hasSize(2);
      assertThat(notices(alice)).isEmpty();
    }
  }
}

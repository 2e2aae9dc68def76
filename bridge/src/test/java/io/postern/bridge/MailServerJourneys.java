package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.DkimSettings;
import io.postern.config.NetworkSettings;
import io.postern.interop.MailServer;
import io.postern.interop.MailServer.User;
import io.postern.interop.Servers;
import io.postern.interop.TestAuthority;
import io.postern.mail.Bounce;
import io.postern.mail.Delivery;
import io.postern.mail.DeliveryReport;
import io.postern.mail.Envelope;
import io.postern.mail.Mail;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.Dkim;
import io.postern.mail.auth.DkimResult;
import io.postern.mail.auth.SignedMail;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.out.Deliver;
import io.postern.out.SmarthostSender;
import io.postern.out.TlsMode;
import io.postern.smtp.SmtpSettings;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import java.io.ByteArrayInputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A mail server that people use between their mailboxes and the bridge: it hands mail on to us over
 * STARTTLS, believing only the test's authority, and is the smarthost that takes ours.
 */
abstract class MailServerJourneys {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Mailbox BOB = new Mailbox("bob", MailServer.DOMAIN);
  private static final Mailbox JUERGEN = new Mailbox("jürgen", MailServer.DOMAIN);
  private static final Mailbox UNKNOWN = new Mailbox("carol", MailServer.DOMAIN);
  private static final Mailbox NOBODY =
      new Mailbox("0x00000000000000000000000000000000000000aa", TestBridge.DOMAIN);
  private static final int MAX_MAIL_BYTES = 100_000;
  private static final int MAX_RECIPIENTS = 10;

  @TempDir Path folder;
  @RegisterExtension final Servers servers = new Servers();
  private final TestDns dns = new TestDns();
  private SSLContext trusted;
  private MailServer server;
  private LocalNode node;
  private Bridge bridge;
  private TestPeer alice;
  private int mails;

  abstract MailServer start(TestAuthority authority, List<MailServer.Relay> relays)
      throws Exception;

  @BeforeEach
  void open() throws Exception {
    trusted = SSLContext.getDefault();
    var authority = TestAuthority.in(folder.resolve("authority"), "Test Authority");
    int port = Servers.freePort();
    server = servers.add(start(authority, List.of(new MailServer.Relay(TestBridge.DOMAIN, port))));
    SSLContext.setDefault(authority.trusting());
    node = LocalNode.open(nodeSettings(0));
    bridge = openBridge(authority, port);
    alice = new TestPeer(folder, url());
  }

  private Bridge openBridge(TestAuthority authority, int port) throws Exception {
    var tls = authority.forLocalhost();
    var key = TestKey.write(folder.resolve("dkim.pem"));
    dns.txt("sel._domainkey." + TestBridge.DOMAIN, key.record());
    var config =
        new TestConfig(folder.resolve("bridge"), new NetworkSettings.At(URI.create(url())))
            .smtp(
                SmtpSettings.of("127.0.0.1:" + port, TestBridge.DOMAIN)
                    .withLimits(MAX_MAIL_BYTES, MAX_RECIPIENTS)
                    .withTls(new SmtpSettings.TlsFiles(tls.certificate(), tls.key())))
            .deliver(
                new Deliver.Smarthost(
                    "localhost", server.port(), Optional.empty(), TlsMode.REQUIRED),
                List.of(new DkimSettings("sel", folder.resolve("dkim.pem"))))
            .get();
    return Bridge.open(config, Clock.systemUTC());
  }

  private NodeSettings nodeSettings(int port) {
    return NodeSettings.of(new InetSocketAddress("127.0.0.1", port), folder.resolve("node"));
  }

  private String url() {
    return "http://127.0.0.1:" + node.port();
  }

  @AfterEach
  void close() {
    SSLContext.setDefault(trusted);
    if (alice != null) {
      alice.close();
    }
    if (bridge != null) {
      bridge.close();
    }
    if (node != null) {
      node.close();
    }
  }

  @Test
  void aMailReachesThePeerAndTheAnswerComesBackSigned() throws Exception {
    submit(BOB, List.of(alice.mailbox()), "Lunch?", "Shall we meet at noon?");
    await().atMost(PATIENCE).until(() -> heard("Shall we meet at noon?"));

    alice.answer("Noon is fine. Grüße");

    var octets = only(User.BOB);
    var mail = MailReader.read(octets);
    assertThat(text(mail)).isEqualTo("Noon is fine. Grüße");
    assertThat(mail.author().orElseThrow().mailbox()).isEqualTo(alice.mailbox());
    assertThat(mail.subject()).isEqualTo("Re: Lunch?");
    assertThat(mail.inReplyTo().get(0).value()).isEqualTo("<m1@example.org>");
    assertThat(verified(octets))
        .singleElement()
        .satisfies(result -> assertThat(result.passed()).as(result.reason()).isTrue());
    assertThat(received(octets)).containsPattern("TLSv?1[.]3");
  }

  @Test
  void addressesAndHeadersInUtf8TravelBothWays() throws Exception {
    submit(JUERGEN, List.of(alice.mailbox()), "Grüße aus Köln", "Schöner Text");
    await().atMost(PATIENCE).until(() -> heard("Schöner Text"));
    assertThat(alice.heardTexts().get(0)).contains("jürgen@example.org", "Subject: Grüße aus Köln");

    alice.answer("Danke, Jürgen");

    var octets = only(User.JUERGEN);
    assertThat(text(MailReader.read(octets))).isEqualTo("Danke, Jürgen");
    assertThat(verified(octets))
        .singleElement()
        .satisfies(result -> assertThat(result.passed()).as(result.reason()).isTrue());
  }

  /** Both commands travel in one piece: each recipient has an answer of its own. */
  @Test
  void aRecipientWhoIsNobodyIsReportedWhileTheOtherHears() throws Exception {
    submit(BOB, List.of(NOBODY, alice.mailbox()), "Both", "To both of you");

    await().atMost(PATIENCE).until(() -> heard("To both of you"));
    var report = reportToBob();
    assertThat(report.recipients())
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.recipient()).isEqualTo(NOBODY.toString());
              assertThat(reason(failed)).contains("5.1.1");
            });
  }

  @Test
  void aMailBeyondOurSizeIsReportedToItsAuthor() throws Exception {
    submit(BOB, List.of(alice.mailbox()), "Large", ("x".repeat(70) + "\r\n").repeat(2_000));

    var report = reportToBob();

    assertThat(report.recipients())
        .singleElement()
        .satisfies(failed -> assertThat(reason(failed)).contains("5.3.4"));
    assertThat(alice.heard()).isEmpty();
  }

  @Test
  void theServerComesAgainWhileTheNetworkIsAwayAndThePeerHearsOnce() throws Exception {
    int port = node.port();
    node.close();
    submit(BOB, List.of(alice.mailbox()), "Later", "First try");
    await().atMost(PATIENCE).until(() -> server.log().contains("4.4.1"));

    node = LocalNode.open(nodeSettings(port));

    await().atMost(PATIENCE).until(() -> heard("First try"));
    submit(BOB, List.of(alice.mailbox()), "Re: Later", "Second mail");
    await().atMost(PATIENCE).until(() -> heard("Second mail"));
    assertThat(alice.heardTexts()).filteredOn(text -> text.endsWith("First try")).hasSize(1);
  }

  @Test
  void aReportOfTheServerAboutOurMailIsToldInTheConversation() throws Exception {
    submit(UNKNOWN, List.of(alice.mailbox()), "Hello", "I have no mailbox");
    await().atMost(PATIENCE).until(() -> heard("I have no mailbox"));

    alice.answer("Are you there?");

    await().atMost(PATIENCE).until(() -> !notices().isEmpty());
    assertThat(notices()).singleElement().asString().contains(UNKNOWN.toString());
  }

  /** Hands a mail to the server as a mail program does. */
  private void submit(Mailbox from, List<Mailbox> to, String subject, String text) {
    var lines = new ArrayList<String>();
    lines.add("From: " + from);
    lines.add("To: " + String.join(", ", to.stream().map(Mailbox::toString).toList()));
    lines.add("Subject: " + subject);
    lines.add("Date: Sun, 29 Nov 2026 12:00:00 +0000");
    lines.add("Message-ID: <m" + ++mails + "@example.org>");
    lines.add("MIME-Version: 1.0");
    lines.add("Content-Type: text/plain; charset=utf-8");
    lines.add("Content-Transfer-Encoding: 8bit");
    lines.add("");
    lines.add(text);
    var smtp =
        new SmarthostSender(
            new Deliver.Smarthost("localhost", server.port(), Optional.empty(), TlsMode.REQUIRED),
            "client.localhost");
    var octets = (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8);

    var answer = smtp.send(Envelope.of(from, to), octets);

    assertThat(answer).isInstanceOf(Delivery.Delivered.class);
  }

  private boolean heard(String text) {
    return alice.heardTexts().stream().anyMatch(heard -> heard.strip().endsWith(text));
  }

  /** What Bob's or another's inbox has said by itself about what Alice had said. */
  private List<String> notices() {
    return alice.heard().stream()
        .filter(Reply.class::isInstance)
        .map(content -> noticeText(((Reply) content).content()))
        .toList();
  }

  private static String noticeText(Content content) {
    return ((Text) content).text();
  }

  private byte[] only(User user) throws Exception {
    await().atMost(PATIENCE).until(() -> !server.mails(user).isEmpty());
    var all = server.mails(user);
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  private DeliveryReport reportToBob() throws Exception {
    return Bounce.read(MailReader.read(only(User.BOB))).orElseThrow();
  }

  /** Exim says 5.0.0 of everything, and repeats what it was told. */
  private static String reason(DeliveryReport.RecipientStatus failed) {
    return failed.status() + " " + failed.diagnostic();
  }

  private List<DkimResult> verified(byte[] octets) throws Exception {
    return Dkim.verify(SignedMail.read(new ByteArrayInputStream(octets)), dns, Instant.now());
  }

  private static String text(Mail mail) {
    return TestBridge.said(mail);
  }

  /** The trace field of the server that has it. */
  private static String received(byte[] octets) {
    var text = new String(octets, StandardCharsets.UTF_8);
    var from = text.indexOf("Received: ");
    return text.substring(from, text.indexOf("\r\n\r\n", from)).split("\r\n(?! |\t)", 2)[0];
  }
}

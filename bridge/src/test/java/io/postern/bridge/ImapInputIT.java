package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.icegreen.greenmail.store.MailFolder;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.postern.config.Mapping;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.DkimSigner;
import io.postern.mapping.AddressPattern;
import io.postern.mapping.MappingRule;
import io.postern.out.Deliver;
import io.postern.out.ImapPoll;
import io.postern.out.Login;
import io.postern.out.TlsMode;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Where no mail server sends to us: folders of a mailbox are the way. */
class ImapInputIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Logger LOG = (Logger) LoggerFactory.getLogger(ImapPoll.class);

  @TempDir Path folder;
  private final GreenMail greenMail =
      new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_IMAP));
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();
  private Login login;

  /** The same after a restart, so that alice finds it again. */
  private int nodePort;

  private final TestDns dns = new TestDns();
  private MailFolder sent;
  private MailFolder everybodys;
  private TestBridge bridge;
  private TestPeer alice;

  @BeforeEach
  void open() throws Exception {
    greenMail.start();
    var user = greenMail.setUser(BOB.toString(), "bob", "s3cret");
    var hosts = greenMail.getManagers().getImapHostManager();
    sent = hosts.createMailbox(user, "Sent");
    hosts.createMailbox(user, "XMTP");
    login = new Login("bob", Files.writeString(folder.resolve("password"), "s3cret"));
    everybodys = hosts.createMailbox(user, "Everybody");
    said.start();
    LOG.setLevel(Level.INFO);
    LOG.addAppender(said);
    try (var free = new ServerSocket(0)) {
      nodePort = free.getLocalPort();
    }
    bridge = bridge();
    alice = new TestPeer(folder, bridge.nodeUrl());
    patiently().until(() -> said("folder=Sent is watched from here on"));
    patiently().until(() -> said("folder=Everybody is watched from here on"));
  }

  @AfterEach
  void close() {
    if (alice != null) {
      alice.close();
    }
    if (bridge != null) {
      bridge.close();
    }
    LOG.detachAppender(said);
    LOG.setLevel(null); // As its parent.
    greenMail.stop();
  }

  /** GreenMail's threads end with exceptions when a client hangs up: none of our business. */
  private static ConditionFactory patiently() {
    return await().dontCatchUncaughtExceptions().atMost(PATIENCE);
  }

  private Deliver.Imap way(String name) {
    return new Deliver.Imap("127.0.0.1", greenMail.getImap().getPort(), login, name, TlsMode.NONE);
  }

  private TestBridge bridge() throws Exception {
    var hosted =
        new MappingRule(
            AddressPattern.parse(BOB.toString()), new MappingRule.Host(), "postern.yml:1");
    var mapping = new Mapping(hosted, Optional.of(way("XMTP")), Optional.of(way("Sent")));
    var config =
        new TestConfig(folder.resolve("data"))
            .mappings(List.of(mapping))
            .receive(way("Everybody"))
            .nodePort(nodePort)
            .get();
    return TestBridge.open(config, dns);
  }

  private boolean said(String words) {
    return new ArrayList<>(said.list)
        .stream().anyMatch(event -> event.getFormattedMessage().contains(words));
  }

  private String[] mail(String id, String text) {
    return new String[] {
      "From: Bob <" + BOB + ">",
      "To: " + alice.mailbox() + ", someone@elsewhere.example",
      "Subject: Lunch?",
      "Message-ID: <" + id + "@example.org>",
      "",
      text
    };
  }

  /** What a mail program does when a mail was sent. */
  private void putIntoSent(String... lines) throws Exception {
    put(sent, octets(lines));
  }

  private static byte[] octets(String... lines) {
    return (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  private static void put(MailFolder into, byte[] octets) throws Exception {
    into.store(new MimeMessage(null, new ByteArrayInputStream(octets)));
  }

  /** What a mail server writes on top when it delivers. */
  private static byte[] delivered(byte[] octets) {
    var mail = new ByteArrayOutputStream();
    mail.writeBytes("Return-Path: <bounces@lists.example>\r\n".getBytes(StandardCharsets.UTF_8));
    mail.writeBytes(octets);
    return mail.toByteArray();
  }

  private byte[] signed(String domain, byte[] octets) throws Exception {
    var key = TestKey.any();
    dns.txt("sel._domainkey." + domain, key.record());
    var signer = new DkimSigner(List.of(new DkimSigner.Signature(domain, "sel", key)));
    return signer.sign(octets, Clock.systemUTC().instant());
  }

  private List<Mail> answers() throws Exception {
    var user = greenMail.getUserManager().getUser("bob");
    var hosts = greenMail.getManagers().getImapHostManager();
    var mails = new ArrayList<Mail>();
    for (var stored : hosts.getFolder(user, "XMTP").getMessages()) {
      var octets = new ByteArrayOutputStream();
      stored.getMimeMessage().writeTo(octets);
      mails.add(MailReader.read(octets.toByteArray()));
    }
    return mails;
  }

  private void awaitHeard(String... texts) {
    // One person's mails come in their order: whatever else would come is there by then.
    var last = texts[texts.length - 1];
    patiently().until(() -> alice.heardTexts().stream().anyMatch(heard -> heard.endsWith(last)));
    assertThat(alice.heardTexts())
        .hasSize(texts.length)
        .allSatisfy(heard -> assertThat(texts).anyMatch(heard::endsWith));
  }

  @Test
  void whatIsPutIntoTheFolderReachesThePeerAndTheAnswerTheOtherFolder() throws Exception {
    putIntoSent(mail("m1", "Shall we meet?"));
    awaitHeard("Shall we meet?");

    alice.answer("At noon.");
    patiently().until(() -> !answers().isEmpty());

    var answer = answers().get(0);
    assertThat(answer.bodies().get(0).plain().orElseThrow()).startsWith("At noon.");
    assertThat(answer.inReplyTo().get(0).value()).isEqualTo("<m1@example.org>");
    assertThat(sent.getMessages()).hasSize(1);
  }

  @Test
  void aMailThatComesBySmtpTooIsOneMessage() throws Exception {
    putIntoSent(mail("m1", "First by the folder"));
    awaitHeard("First by the folder");
    assertThat(bridge.mail(BOB, alice.mailbox(), mail("m1", "First by the folder")))
        .isInstanceOf(Delivery.Delivered.class);
    assertThat(bridge.mail(BOB, alice.mailbox(), mail("m2", "First by SMTP")))
        .isInstanceOf(Delivery.Delivered.class);
    awaitHeard("First by the folder", "First by SMTP");
    putIntoSent(mail("m2", "First by SMTP"));
    putIntoSent(mail("m3", "Last of all"));

    awaitHeard("First by the folder", "First by SMTP", "Last of all");
  }

  @Test
  void nobodyElseSpeaksAsThePersonByTheFolder() throws Exception {
    var forged = mail("m1", "I am not Bob");
    forged[0] = "From: Eve <eve@example.org>";
    putIntoSent(forged);
    putIntoSent(mail("m2", "I am Bob"));

    awaitHeard("I am Bob");
    assertThat(said("Its From is not " + BOB + " alone")).isTrue();
  }

  @Test
  void whatWasPutThereWhileTheDaemonWasDownIsTakenOnce() throws Exception {
    putIntoSent(mail("m1", "Before"));
    awaitHeard("Before");
    bridge.close();
    putIntoSent(mail("m2", "Meanwhile"));

    bridge = bridge();
    patiently().until(() -> said("uid=2 recipients=1"));
    putIntoSent(mail("m3", "After"));
    patiently().until(() -> said("uid=3 recipients=1"));

    assertThat(said.list)
        .filteredOn(event -> event.getFormattedMessage().endsWith(" taken"))
        .hasSize(3);
    awaitHeard("Before", "Meanwhile", "After");
  }

  @Test
  void nobodySpeaksAsThePersonByAMailThatAServerHasPutIntoTheirFolder() throws Exception {
    put(sent, delivered(octets(mail("m1", "I am not Bob"))));
    putIntoSent(mail("m2", "I am Bob"));

    awaitHeard("I am Bob");
    assertThat(said("uid=1 refused reason=5.7.26")).isTrue();
  }

  @Test
  void inEverybodysFolderWhoeverSignsSpeaks() throws Exception {
    var carol = mail("m2", "I am Carol");
    carol[0] = "From: Carol <carol@example.net>";
    var mail = delivered(signed("example.net", octets(carol)));
    put(everybodys, delivered(octets(mail("m1", "I am not Bob"))));
    put(everybodys, mail);
    awaitHeard("I am Carol");
    put(everybodys, mail);
    patiently().until(() -> said("folder=Everybody uid=3 recipients=1"));
    putIntoSent(mail("m4", "I am Bob"));

    awaitHeard("I am Carol", "I am Bob");
    assertThat(said("folder=Everybody uid=1 refused reason=5.7.26")).isTrue();
  }
}

package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.NetworkSettings;
import io.postern.interop.Dovecot;
import io.postern.interop.Servers;
import io.postern.interop.TestAuthority;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.out.Deliver;
import io.postern.out.Login;
import io.postern.out.TlsMode;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Store;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What peers say lies in a folder of a mailbox at Dovecot. */
class DovecotInteropIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final String XMTP = "XMTP";

  @TempDir Path folder;
  @RegisterExtension final Servers servers = new Servers();
  private SSLContext trusted;
  private Dovecot dovecot;
  private Bridge bridge;
  private TestPeer alice;

  @BeforeEach
  void open() throws Exception {
    trusted = SSLContext.getDefault();
    var authority = TestAuthority.in(folder.resolve("authority"), "Test Authority");
    dovecot = servers.add(Dovecot.start(authority));
    SSLContext.setDefault(authority.trusting());
    var password = Files.writeString(folder.resolve("password"), Dovecot.PASSWORD);
    var config =
        new TestConfig(folder.resolve("bridge"), new NetworkSettings.Local())
            .deliver(
                new Deliver.Imap(
                    "localhost",
                    dovecot.tlsPort(),
                    new Login(Dovecot.USER, password),
                    XMTP,
                    TlsMode.IMPLICIT),
                List.of())
            .get();
    bridge = Bridge.open(config, Clock.systemUTC());
    alice =
        new TestPeer(folder, "http://127.0.0.1:" + bridge.nodeAddress().orElseThrow().getPort());
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
  }

  @Test
  void answersAreAppendedInOrderAsUnreadMailOfTheThread() throws Exception {
    assertThat(
            TestBridge.mail(
                bridge.smtpAddress().getPort(),
                BOB,
                alice.mailbox(),
                "From: Bob <" + BOB + ">",
                "To: " + alice.mailbox(),
                "Subject: Lunch?",
                "Message-ID: <m1@example.org>",
                "",
                "Shall we meet?"))
        .isInstanceOf(Delivery.Delivered.class);
    await().atMost(PATIENCE).until(() -> !alice.heardTexts().isEmpty());

    alice.answer("At noon.");
    await().atMost(PATIENCE).until(() -> mails().size() == 1);
    alice.answer("Grüße 👋");
    await().atMost(PATIENCE).until(() -> mails().size() == 2);

    assertThat(mails()).extracting(DovecotInteropIT::text).containsExactly("At noon.", "Grüße 👋");
    assertThat(mails().get(0).inReplyTo().get(0).value()).isEqualTo("<m1@example.org>");
  }

  private static String text(Mail mail) {
    return TestBridge.said(mail);
  }

  /** What a mail program finds in the folder, unread. */
  private List<Mail> mails() throws Exception {
    var mails = new ArrayList<Mail>();
    try (var store = connected()) {
      var opened = store.getFolder(XMTP);
      if (!opened.exists()) {
        return mails;
      }
      opened.open(Folder.READ_ONLY);
      assertThat(opened.getUnreadMessageCount()).isEqualTo(opened.getMessageCount());
      for (Message message : opened.getMessages()) {
        var octets = new ByteArrayOutputStream();
        message.writeTo(octets);
        mails.add(MailReader.read(octets.toByteArray()));
      }
    }
    return mails;
  }

  private Store connected() throws MessagingException {
    // As the daemon does, it believes the default authorities: those of the test.
    var store = Session.getInstance(new Properties()).getStore("imaps");
    store.connect("localhost", dovecot.tlsPort(), Dovecot.USER, Dovecot.PASSWORD);
    return store;
  }
}

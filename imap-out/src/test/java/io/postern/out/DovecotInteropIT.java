package io.postern.out;

import static io.postern.out.Sample.OCTETS;
import static io.postern.out.Sample.brief;
import static io.postern.out.Sample.envelope;
import static io.postern.out.Sample.words;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.Dovecot;
import io.postern.interop.Servers;
import io.postern.interop.TestAuthority;
import io.postern.mail.Delivery;
import io.postern.mail.MailReader;
import io.postern.mail.NamedMailbox;
import jakarta.mail.Flags;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Dovecot as the server of the mailbox that mail is put into. */
class DovecotInteropIT {
  private static final String FOLDER = "XMTP für Bob/文";

  @TempDir Path folder;
  @RegisterExtension final Servers servers = new Servers();
  private TestAuthority authority;
  private Dovecot dovecot;
  private Login login;

  @BeforeEach
  void serve() throws Exception {
    authority = TestAuthority.in(folder.resolve("authority"), "Test Authority");
    dovecot = servers.add(Dovecot.start(authority));
    var file = Files.writeString(folder.resolve("password"), Dovecot.PASSWORD);
    login = new Login(Dovecot.USER, file);
  }

  private ImapAppender appender(TlsMode tls) throws Exception {
    int port = tls == TlsMode.IMPLICIT ? dovecot.tlsPort() : dovecot.port();
    var settings = new Deliver.Imap("localhost", port, login, FOLDER.replace('/', '.'), tls);
    var patience = Duration.ofSeconds(60);
    var timeouts = new ImapTimeouts(patience, patience, patience);
    return new ImapAppender(settings, timeouts, authority.trusting());
  }

  @ParameterizedTest
  @EnumSource(names = {"REQUIRED", "IMPLICIT"})
  void appendsOnceUnseenAndDatedToAFolderThatItMakes(TlsMode tls) throws Exception {
    try (var appender = appender(tls)) {
      var first = appender.send(envelope(), OCTETS);
      var again = appender.send(envelope(), OCTETS);

      assertThat(brief(first)).isEqualTo("Delivered");
      assertThat(words(first)).endsWith("uid=1");
      assertThat(words(again)).contains("has it already");
    }
    try (var mailbox = open()) {
      assertThat(mailbox.getMessageCount()).isEqualTo(1);
      assertThat(mailbox.isSubscribed()).isTrue();
      var mail = mailbox.getMessage(1);
      assertThat(mail.isSet(Flags.Flag.SEEN)).isFalse();
      assertThat(mail.getReceivedDate().toInstant())
          .isEqualTo(Instant.parse("2026-11-25T10:00:00Z"));
      assertThat(octets(mail)).isEqualTo(Sample.MAIL);
    }
  }

  @Test
  void sendsMailAfterMailOnOneConnection() throws Exception {
    try (var appender = appender(TlsMode.IMPLICIT)) {
      for (int i = 1; i <= 20; i++) {
        assertThat(words(appender.send(envelope(), numbered(i, "short")))).endsWith("uid=" + i);
      }
    }

    assertThat(dovecot.log().split("Login: user=<bob>", -1)).hasSize(2);
  }

  @Test
  void waitsWhileTheMailboxIsFull() throws Exception {
    var large = ("x".repeat(70) + "\r\n").repeat(Dovecot.QUOTA_KILOBYTES * 20);
    try (var appender = appender(TlsMode.IMPLICIT)) {
      var full = appender.send(envelope(), numbered(1, large));
      var small = appender.send(envelope(), numbered(2, "short"));

      assertThat(brief(full)).isEqualTo("Deferred 4.2.2");
      assertThat(words(full)).contains("OVERQUOTA");
      // The connection is still good: the literal was read to its end, or never asked for.
      assertThat(brief(small)).isEqualTo("Delivered");
    }
  }

  @Test
  void waitsWhileThePasswordIsWrong() throws Exception {
    Files.writeString(login.passwordFile(), "wrong");
    try (var appender = appender(TlsMode.REQUIRED)) {
      var refused = appender.send(envelope(), OCTETS);
      Files.writeString(login.passwordFile(), Dovecot.PASSWORD);
      var corrected = appender.send(envelope(), OCTETS);

      assertThat(brief(refused)).isEqualTo("Deferred 4.7.8");
      assertThat(brief(corrected)).isEqualTo("Delivered");
    }
  }

  @Test
  void doesNotTrustACertificateOfAnUnknownAuthority() throws Exception {
    var other = TestAuthority.in(folder.resolve("other"), "Other Authority");
    var settings =
        new Deliver.Imap("localhost", dovecot.tlsPort(), login, "XMTP", TlsMode.IMPLICIT);
    Delivery refused;
    try (var appender = new ImapAppender(settings, ImapTimeouts.standard(), other.trusting())) {
      refused = appender.send(envelope(), OCTETS);
    }

    assertThat(brief(refused)).isEqualTo("Deferred 4.7.5");
  }

  @Test
  void takesWhatIsPutIntoAFolderWhenIdleTellsOfIt() throws Exception {
    var progress = new TestProgress();
    var intake = new TestIntake();
    try (var appender = appender(TlsMode.IMPLICIT)) {
      appender.send(envelope(), numbered(1, "old"));
      try (var first = poll(progress, intake, Duration.ofMillis(100))) {
        first.turn();
      }
      var poll = poll(progress, intake, Duration.ofMinutes(10));
      var turns =
          CompletableFuture.runAsync(
              () -> {
                try (poll) {
                  while (intake.taken.isEmpty()) {
                    poll.turn();
                  }
                } catch (IOException | UndeliveredException failed) {
                  throw new CompletionException(failed);
                }
              });

      appender.send(envelope(), numbered(2, "new"));

      turns.get(60, TimeUnit.SECONDS);
    }
    assertThat(intake.taken).hasSize(1);
    assertThat(intake.text(0)).contains("<x-2@");
  }

  private ImapPoll poll(ImapPoll.Progress progress, TestIntake intake, Duration renewIdle)
      throws Exception {
    var patience = Duration.ofSeconds(60);
    return new ImapPoll(
        new Deliver.Imap(
            "localhost", dovecot.tlsPort(), login, FOLDER.replace('/', '.'), TlsMode.IMPLICIT),
        MailReader.read(OCTETS).author().map(NamedMailbox::mailbox),
        to -> true,
        100_000,
        progress,
        intake,
        Clock.systemUTC(),
        new ImapPoll.Patience(patience, patience, renewIdle),
        authority.trusting());
  }

  private static byte[] numbered(int number, String text) {
    return Sample.MAIL
        .replace("<x-1@", "<x-" + number + "@")
        .replace("Hello", text)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The folder, read by a mail program. */
  private Folder open() throws Exception {
    var properties = new Properties();
    properties.put("mail.imaps.ssl.socketFactory", authority.trusting().getSocketFactory());
    var store = Session.getInstance(properties).getStore("imaps");
    store.connect("localhost", dovecot.tlsPort(), Dovecot.USER, Dovecot.PASSWORD);
    var opened = store.getFolder(FOLDER.replace('/', '.'));
    opened.open(Folder.READ_ONLY);
    return opened;
  }

  private static String octets(Message mail) throws Exception {
    var out = new ByteArrayOutputStream();
    mail.writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }
}

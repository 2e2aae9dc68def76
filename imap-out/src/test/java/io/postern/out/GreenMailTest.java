package io.postern.out;

import static io.postern.out.Sample.OCTETS;
import static io.postern.out.Sample.brief;
import static io.postern.out.Sample.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.postern.mail.MailReader;
import io.postern.mail.NamedMailbox;
import jakarta.mail.Flags;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real exchanges with a mail server that is not ours. */
class GreenMailTest {
  private final GreenMail greenMail =
      new GreenMail(
          new ServerSetup[] {
            new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP),
            new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_IMAP)
          });

  @TempDir Path folder;
  private Login login;

  @BeforeEach
  void serve() throws Exception {
    greenMail.start();
    greenMail.setUser("bob@example.org", "bob", "s3cret");
    var file = folder.resolve("password");
    Files.writeString(file, "s3cret");
    login = new Login("bob", file);
  }

  @AfterEach
  void stop() {
    greenMail.stop();
  }

  private ImapAppender appender() {
    int port = greenMail.getImap().getPort();
    var settings = new Deliver.Imap("127.0.0.1", port, login, "XMTP \u00fc", TlsMode.NONE);
    return new ImapAppender(settings);
  }

  private static String octets(MimeMessage mail) throws Exception {
    var out = new ByteArrayOutputStream();
    mail.writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void deliversToASmarthost() throws Exception {
    int port = greenMail.getSmtp().getPort();
    var settings = new Deliver.Smarthost("127.0.0.1", port, Optional.of(login), TlsMode.NONE);

    var delivery = new SmarthostSender(settings, "bridge.example").send(envelope(), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Delivered");
    var received = greenMail.getReceivedMessages();
    assertThat(received).hasSize(1);
    // GreenMail puts fields of its own in front and drops the last line end.
    assertThat(octets(received[0]) + "\r\n").endsWith("\r\n" + Sample.MAIL);
    assertThat(received[0].getMessageID()).isEqualTo("<x-1@bridge.example>");
  }

  @Test
  void appendsOnceToAFolderThatItMakes() throws Exception {
    try (var appender = appender()) {
      var first = appender.send(envelope(), OCTETS);
      var again = appender.send(envelope(), OCTETS);

      assertThat(brief(first)).isEqualTo("Delivered");
      assertThat(again.toString()).contains("has it already");
    }
    var user = greenMail.getUserManager().getUser("bob");
    var manager = greenMail.getManagers().getImapHostManager();
    var appended = manager.getFolder(user, "XMTP \u00fc").getMessages();
    assertThat(appended).hasSize(1);
    assertThat(octets(appended.get(0).getMimeMessage())).isEqualTo(Sample.MAIL);
    assertThat(appended.get(0).getFlags().contains(Flags.Flag.SEEN)).isFalse();
    assertThat(appended.get(0).getReceivedDate().toInstant())
        .isEqualTo(Instant.parse("2026-11-25T10:00:00Z"));
  }

  @Test
  void waitsWhenThePasswordIsWrong() throws Exception {
    Files.writeString(login.passwordFile(), "wrong");
    try (var appender = appender()) {
      var refused = appender.send(envelope(), OCTETS);
      Files.writeString(login.passwordFile(), "s3cret");
      var corrected = appender.send(envelope(), OCTETS);

      assertThat(brief(refused)).isEqualTo("Deferred 4.7.8");
      assertThat(brief(corrected)).isEqualTo("Delivered");
    }
  }

  @Test
  void takesWhatIsPutIntoAFolderOnceAndChangesNothingThere() throws Exception {
    var user = greenMail.getUserManager().getUser("bob");
    var hosts = greenMail.getManagers().getImapHostManager();
    var sent = hosts.createMailbox(user, "Sent");
    sent.store(new MimeMessage(null, new ByteArrayInputStream(OCTETS)));
    var intake = new TestIntake();
    var tenSeconds = Duration.ofSeconds(10);
    var poll =
        new ImapPoll(
            new Deliver.Imap(
                "127.0.0.1", greenMail.getImap().getPort(), login, "Sent", TlsMode.NONE),
            MailReader.read(OCTETS).author().map(NamedMailbox::mailbox),
            to -> true,
            100_000,
            new TestProgress(),
            intake,
            Clock.systemUTC(),
            new ImapPoll.Patience(tenSeconds, tenSeconds, Duration.ofMillis(200)),
            TestTls.client());

    try (poll) {
      poll.turn();
      assertThat(intake.taken).isEmpty();
      sent.store(new MimeMessage(null, new ByteArrayInputStream(OCTETS)));
      poll.turn();
      poll.turn();
    }

    assertThat(intake.taken).hasSize(1);
    assertThat(intake.text(0).strip()).isEqualTo(Sample.MAIL.strip());
    assertThat(sent.getMessages()).hasSize(2);
    assertThat(sent.getMessages().get(1).getFlags().contains(Flags.Flag.SEEN)).isFalse();
  }

  @Test
  void saysWhetherAFolderCanBeOpened() throws Exception {
    var user = greenMail.getUserManager().getUser("bob");
    greenMail.getManagers().getImapHostManager().createMailbox(user, "Sent");
    var port = greenMail.getImap().getPort();

    ImapPoll.check(new Deliver.Imap("127.0.0.1", port, login, "Sent", TlsMode.NONE));

    assertThatThrownBy(
            () -> ImapPoll.check(new Deliver.Imap("127.0.0.1", port, login, "None", TlsMode.NONE)))
        .isInstanceOf(IOException.class);
    var wrong = new Login("bob", Files.writeString(folder.resolve("wrong"), "not it"));
    assertThatThrownBy(
            () -> ImapPoll.check(new Deliver.Imap("127.0.0.1", port, wrong, "Sent", TlsMode.NONE)))
        .hasMessageContaining("4.7.8")
        .hasMessageNotContaining("not it");
  }
}

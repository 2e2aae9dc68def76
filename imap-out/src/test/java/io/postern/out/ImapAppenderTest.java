package io.postern.out;

import static io.postern.out.Sample.OCTETS;
import static io.postern.out.Sample.brief;
import static io.postern.out.Sample.envelope;
import static io.postern.out.Sample.words;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Delivery;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transcripts of IMAP sessions. */
class ImapAppenderTest {
  private static final String CAPABILITIES = "[CAPABILITY IMAP4rev1 AUTH=PLAIN UIDPLUS]";
  private static final String SEARCH = "SEARCH HEADER Message-ID <x-1@bridge.example> ALL";
  private static final String APPEND = "APPEND XMTP () \"25-Nov-2026 ";

  @TempDir Path folder;
  private Path passwordFile;

  @BeforeEach
  void writePassword() throws IOException {
    passwordFile = folder.resolve("password");
    Files.writeString(passwordFile, "s3cret\r\n");
  }

  private ImapAppender appender(ScriptedServer server, TlsMode tls) {
    return appender(server.port(), tls, Duration.ofSeconds(10));
  }

  private ImapAppender appender(int port, TlsMode tls, Duration patience) {
    var login = new Login("bob", passwordFile);
    var settings = new Deliver.Imap("127.0.0.1", port, login, "XMTP", tls);
    var timeouts = new ImapTimeouts(patience, patience, patience);
    return new ImapAppender(settings, timeouts, TestTls.client());
  }

  private Delivery send(ScriptedServer server) {
    server.start();
    try (var appender = appender(server, TlsMode.NONE)) {
      return appender.send(envelope(), OCTETS);
    }
  }

  private static ScriptedServer loggedIn(ScriptedServer server) {
    server.reply("* OK " + CAPABILITIES + " ready");
    return logIn(server);
  }

  private static ScriptedServer logIn(ScriptedServer server) {
    server.expectTagged("AUTHENTICATE PLAIN").reply("+ ");
    server.expect(
        Base64.getEncoder().encodeToString("\0bob\0s3cret".getBytes(StandardCharsets.US_ASCII)));
    return server.replyTagged("OK " + CAPABILITIES + " welcome");
  }

  private static ScriptedServer examined(ScriptedServer server) {
    server.expectTagged("EXAMINE XMTP");
    server.reply("* FLAGS (\\Seen)", "* 3 EXISTS", "* OK [UIDVALIDITY 7] valid");
    return server.replyTagged("OK [READ-ONLY] there");
  }

  private static ScriptedServer notFound(ScriptedServer server) {
    return server.expectTagged(SEARCH).reply("* SEARCH").replyTagged("OK nothing");
  }

  private static ScriptedServer literal(ScriptedServer server) {
    server.expectTagged(APPEND).reply("+ go ahead");
    return server.expectOctets(OCTETS).expect("");
  }

  @Test
  void appendsUnseenAndDatedAsTheMail() throws Exception {
    try (var server = new ScriptedServer()) {
      notFound(examined(loggedIn(server)));
      literal(server).reply("* 4 EXISTS").replyTagged("OK [APPENDUID 7 42] done");

      var delivery = send(server);

      assertThat(delivery).isEqualTo(new Delivery.Delivered("XMTP uidvalidity=7 uid=42"));
    }
  }

  @Test
  void makesTheFolder() throws Exception {
    try (var server = new ScriptedServer()) {
      loggedIn(server).expectTagged("EXAMINE XMTP").replyTagged("NO no such folder");
      server.expectTagged("CREATE XMTP").replyTagged("OK made");
      server.expectTagged("SUBSCRIBE XMTP").replyTagged("NO never heard of it");
      notFound(examined(server));
      literal(server).replyTagged("OK done");

      var delivery = send(server);

      assertThat(delivery).isEqualTo(new Delivery.Delivered("XMTP"));
    }
  }

  @Test
  void saysWhyTheFolderCannotBeMade() throws Exception {
    try (var server = new ScriptedServer()) {
      loggedIn(server).expectTagged("EXAMINE XMTP").replyTagged("NO [NONEXISTENT] no such folder");
      server.expectTagged("CREATE XMTP").replyTagged("NO [NOPERM] not allowed");

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Refused 5.7.1");
    }
  }

  @Test
  void doesNotAppendWhatIsThere() throws Exception {
    try (var server = new ScriptedServer()) {
      examined(loggedIn(server));
      server.expectTagged(SEARCH).reply("* SEARCH 2").replyTagged("OK found");

      var delivery = send(server);

      assertThat(delivery).isEqualTo(new Delivery.Delivered("XMTP has it already"));
    }
  }

  @Test
  void appendsWhereTheServerCannotSearch() throws Exception {
    try (var server = new ScriptedServer()) {
      examined(loggedIn(server));
      server.expectTagged(SEARCH).replyTagged("NO not that");
      literal(server).replyTagged("OK done");

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NO [OVERQUOTA] mailbox full,      Deferred 4.2.2",
    "NO [UNAVAILABLE] backend gone,    Deferred 4.3.0",
    "NO [INUSE] locked,                Deferred 4.3.0",
    "NO mailbox full OVERQUOTA,        Deferred 4.2.0",
    "NO [toobig] too large,            Refused 5.3.4",
    "NO [LIMIT] too large,             Refused 5.3.4",
    "NO [CANNOT] not here,             Refused 5.2.0",
    "NO [NOPERM] read-only,            Refused 5.7.1",
    "BAD what,                         Refused 5.5.0"
  })
  void decidesByTheResponseCode(String response, String outcome) throws Exception {
    try (var server = new ScriptedServer()) {
      notFound(examined(loggedIn(server)));
      literal(server).replyTagged(response);

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo(outcome);
      assertThat(words(delivery)).contains("APPEND with: " + response);
    }
  }

  @Test
  void hearsARefusalOfTheLiteral() throws Exception {
    try (var server = new ScriptedServer()) {
      notFound(examined(loggedIn(server)));
      server.expectTagged(APPEND).replyTagged("NO [OVERQUOTA] full");

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.2.2");
    }
  }

  @Test
  void looksForTheMailWhenTheOutcomeIsUnknown() throws Exception {
    try (var server = new ScriptedServer()) {
      notFound(examined(loggedIn(server)));
      literal(server).drop();
      examined(loggedIn(server));
      server.expectTagged(SEARCH).reply("* SEARCH 4").replyTagged("OK found");

      var delivery = send(server);

      assertThat(delivery).isEqualTo(new Delivery.Delivered("XMTP has it already"));
    }
  }

  @Test
  void appendsAgainWhenTheLiteralWasCutOff() throws Exception {
    try (var server = new ScriptedServer()) {
      notFound(examined(loggedIn(server)));
      server.expectTagged(APPEND).reply("+ go ahead").expectSome(10).drop();
      notFound(examined(loggedIn(server)));
      literal(server).replyTagged("OK done");

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void tellsOfAPossibleDuplicateWhenTheConnectionBreaksTwice() throws Exception {
    try (var server = new ScriptedServer()) {
      notFound(examined(loggedIn(server)));
      literal(server).drop();
      notFound(examined(loggedIn(server)));
      literal(server).drop();

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.4.2");
      assertThat(words(delivery)).contains("a duplicate with the same Message-ID is possible");
    }
  }

  @Test
  void doesNotRepeatAnUnknownOutcomeOfAMailWithoutId() throws Exception {
    var nameless = "Date: Wed, 25 Nov 2026 10:00:00 +0000\r\n\r\nx\r\n".getBytes();
    try (var server = new ScriptedServer()) {
      examined(loggedIn(server));
      server.expectTagged(APPEND).reply("+ go ahead").expectOctets(nameless).expect("").drop();
      server.start();
      try (var appender = appender(server, TlsMode.NONE)) {
        var delivery = appender.send(envelope(), nameless);

        assertThat(brief(delivery)).isEqualTo("Deferred 4.4.2");
        assertThat(words(delivery)).contains("a duplicate");
      }
    }
  }

  @Test
  void connectsAgainAfterAGoodbyeBetweenTwoMails() throws Exception {
    try (var server = new ScriptedServer()) {
      notFound(examined(loggedIn(server)));
      literal(server).replyTagged("OK done").reply("* BYE idle for too long").drop();
      notFound(examined(loggedIn(server)));
      literal(server).replyTagged("OK done").start();
      try (var appender = appender(server, TlsMode.NONE)) {
        var first = appender.send(envelope(), OCTETS);
        var second = appender.send(envelope(), OCTETS);

        assertThat(brief(first)).isEqualTo("Delivered");
        assertThat(brief(second)).isEqualTo("Delivered");
      }
    }
  }

  @Test
  void keepsItsConnectionForTheNextMail() throws Exception {
    try (var server = new ScriptedServer()) {
      notFound(examined(loggedIn(server)));
      literal(server).replyTagged("OK done");
      notFound(examined(server));
      literal(server).replyTagged("OK done").start();
      try (var appender = appender(server, TlsMode.NONE)) {
        appender.send(envelope(), OCTETS);

        var second = appender.send(envelope(), OCTETS);

        assertThat(brief(second)).isEqualTo("Delivered");
      }
    }
  }

  @Test
  void waitsWhenTheServerFallsSilent() throws Exception {
    try (var server = new ScriptedServer()) {
      examined(loggedIn(server)).expectTagged(SEARCH).expectHangUp();
      examined(loggedIn(server)).expectTagged(SEARCH).expectHangUp().start();
      try (var appender = appender(server.port(), TlsMode.NONE, Duration.ofSeconds(1))) {
        var delivery = appender.send(envelope(), OCTETS);

        assertThat(brief(delivery)).isEqualTo("Deferred 4.4.2");
        assertThat(words(delivery)).doesNotContain("duplicate");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "* OK more\r\n"})
  void hangsUpOnEndlessResponses(String octets) throws Exception {
    try (var server = new ScriptedServer()) {
      for (int i = 0; i < 2; i++) {
        examined(loggedIn(server)).expectTagged(SEARCH).flood(octets.repeat(1_000).getBytes());
      }

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.4.2");
      assertThat(words(delivery)).contains("more than " + ImapSockets.MAX_OCTETS + " octets");
    }
  }

  @Test
  void givesUpOnAServerThatStopsReading() throws Exception {
    var large = (Sample.MAIL + "0123456789abcdef\r\n".repeat(1_000_000)).getBytes();
    try (var server = new ScriptedServer()) {
      notFound(examined(loggedIn(server)));
      server.expectTagged(APPEND).reply("+ go ahead").stopReading();
      notFound(examined(loggedIn(server)));
      server.expectTagged(APPEND).reply("+ go ahead").stopReading();
      server.start();
      try (var appender = appender(server.port(), TlsMode.NONE, Duration.ofSeconds(2))) {
        var delivery = appender.send(envelope(), large);

        assertThat(brief(delivery)).isEqualTo("Deferred 4.4.2");
        assertThat(words(delivery)).contains("no answer within 2000 ms").contains("a duplicate");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NO [AUTHENTICATIONFAILED] wrong", "NO wrong", "BAD never"})
  void waitsWhenTheLoginIsRefused(String response) throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("* OK " + CAPABILITIES + " ready");
      server.expectTagged("AUTHENTICATE PLAIN").reply("+ ");
      server.expect(Base64.getEncoder().encodeToString("\0bob\0s3cret".getBytes()));
      server.replyTagged(response);

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.7.8");
      assertThat(words(delivery)).doesNotContain("s3cret");
    }
  }

  @Test
  void logsInWithTheCommandWhereThatIsAll() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("* OK [CAPABILITY IMAP4rev1] ready");
      server.expectTagged("LOGIN bob s3cret").replyTagged("OK [CAPABILITY IMAP4rev1] welcome");
      notFound(examined(server));
      literal(server).replyTagged("OK done");

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void sendsNoPasswordWhereLoginIsDisabled() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready").expectHangUp();

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.7.4");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"* BYE overloaded", "HTTP/1.1 400 Bad Request", "+", ""})
  void waitsWhenTheGreetingIsNone(String greeting) throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply(greeting);

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.4.1");
    }
  }

  @Test
  void waitsWhenNobodyListens() throws Exception {
    int freed;
    try (var listener = new ServerSocket(0)) {
      freed = listener.getLocalPort();
    }
    try (var appender = appender(freed, TlsMode.NONE, Duration.ofSeconds(10))) {
      var delivery = appender.send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.4.1");
    }
  }

  @Test
  void startsTls() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready");
      server.expectTagged("STARTTLS");
      server.replyTagged("OK go").startTls();
      server.expectTagged("CAPABILITY");
      server.reply("* CAPABILITY IMAP4rev1 AUTH=PLAIN").replyTagged("OK");
      notFound(examined(logIn(server)));
      literal(server).replyTagged("OK done").start();
      try (var appender = appender(server, TlsMode.REQUIRED)) {
        var delivery = appender.send(envelope(), OCTETS);

        assertThat(brief(delivery)).isEqualTo("Delivered");
      }
    }
  }

  @Test
  void dropsPlaintextBehindTheResponseToStartTls() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready");
      server.expectTagged("STARTTLS");
      // One write: the forged capabilities arrive together with the OK.
      server.replyTagged("OK go\r\n* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n* BYE").startTls();
      server.expectTagged("CAPABILITY");
      server.reply("* CAPABILITY IMAP4rev1 AUTH=PLAIN").replyTagged("OK");
      notFound(examined(logIn(server)));
      literal(server).replyTagged("OK done").start();
      try (var appender = appender(server, TlsMode.REQUIRED)) {
        var delivery = appender.send(envelope(), OCTETS);

        assertThat(brief(delivery)).isEqualTo("Delivered");
      }
    }
  }

  @Test
  void appendsAMailWithoutDateAsOfNow() throws Exception {
    var dateless = "Message-ID: <x-1@bridge.example>\r\n\r\nx\r\n".getBytes();
    try (var server = new ScriptedServer()) {
      notFound(examined(loggedIn(server)));
      server.expectTagged("APPEND XMTP () {" + dateless.length + "}").reply("+ go ahead");
      server.expectOctets(dateless).expect("").replyTagged("OK done").start();
      try (var appender = appender(server, TlsMode.NONE)) {
        var delivery = appender.send(envelope(), dateless);

        assertThat(brief(delivery)).isEqualTo("Delivered");
      }
    }
  }

  @Test
  void speaksTlsFromTheStart() throws Exception {
    try (var server = new ScriptedServer()) {
      server.startTls();
      notFound(examined(loggedIn(server)));
      literal(server).replyTagged("OK done").start();
      try (var appender = appender(server, TlsMode.IMPLICIT)) {
        var delivery = appender.send(envelope(), OCTETS);

        assertThat(brief(delivery)).isEqualTo("Delivered");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi",
        "* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi"
      })
  void sendsNoPasswordWhenStartTlsIsStripped(String greeting) throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply(greeting).expectHangUp().start();
      try (var appender = appender(server, TlsMode.REQUIRED)) {
        var delivery = appender.send(envelope(), OCTETS);

        assertThat(brief(delivery)).isEqualTo("Deferred 4.7.4");
      }
    }
  }

  @Test
  void waitsWhenTheHandshakeFails() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi");
      server.expectTagged("STARTTLS").replyTagged("OK go").drop().start();
      try (var appender = appender(server, TlsMode.REQUIRED)) {
        var delivery = appender.send(envelope(), OCTETS);

        assertThat(brief(delivery)).isEqualTo("Deferred 4.7.5");
      }
    }
  }

  @Test
  void waitsWhenNobodyVouchesForTheCertificate() throws Exception {
    try (var server = new ScriptedServer()) {
      server.startTlsInVain().start();
      var settings =
          new Deliver.Imap(
              "127.0.0.1", server.port(), new Login("bob", passwordFile), "XMTP", TlsMode.IMPLICIT);
      try (var appender = new ImapAppender(settings)) {
        var delivery = appender.send(envelope(), OCTETS);

        assertThat(brief(delivery)).isEqualTo("Deferred 4.7.5");
      }
    }
  }

  @Test
  void waitsWhenTheCertificateBearsAnotherName() throws Exception {
    try (var server = new ScriptedServer()) {
      server.startTlsInVain().start();
      var login = new Login("bob", passwordFile);
      // The certificate is for 127.0.0.1.
      var settings = new Deliver.Imap("localhost", server.port(), login, "XMTP", TlsMode.IMPLICIT);
      var timeouts = ImapTimeouts.standard();
      try (var appender = new ImapAppender(settings, timeouts, TestTls.client())) {
        var delivery = appender.send(envelope(), OCTETS);

        assertThat(brief(delivery)).isEqualTo("Deferred 4.7.5");
      }
    }
  }

  @Test
  void waitsWhenThePasswordFileIsMissing() throws Exception {
    Files.delete(passwordFile);
    try (var server = new ScriptedServer()) {
      server.reply("* OK " + CAPABILITIES + " ready").expectHangUp();

      var delivery = send(server);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.3.5");
    }
  }
}

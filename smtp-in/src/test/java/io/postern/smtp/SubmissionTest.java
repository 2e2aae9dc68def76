package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** People who send with a login, and those who try without. RFC 6409, RFC 4954. */
@Timeout(120)
class SubmissionTest {
  private static final String BOB = "bob@example.org";
  private static final String PLAIN = base64("\0" + BOB + "\0" + TestServer.PASSWORD);

  @TempDir Path folder;
  private SmtpSettings.TlsFiles files;
  private TestServer server;

  @BeforeEach
  void open() throws Exception {
    files = TestCertificate.write(folder.resolve("tls"), "EC", TestCertificate.KeyForm.PKCS8);
    server = TestServer.open(folder.resolve("spool"), this::withSubmission);
  }

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  private SmtpSettings withSubmission(SmtpSettings settings) {
    var free = Optional.of(new InetSocketAddress("127.0.0.1", 0));
    return settings
        .withTls(files)
        .withSubmission(new SmtpSettings.Submission(free, free, folder.resolve("logins")));
  }

  /** Past TLS and EHLO. */
  private ScriptedClient secure(ListenerKind kind) throws Exception {
    var client = ScriptedClient.connect(server.port(kind));
    if (kind == ListenerKind.SUBMISSIONS) {
      client.startTls();
      client.expect("220 ");
    } else {
      client.expect("220 ");
      client.ask("EHLO client.example", "250");
      client.ask("STARTTLS", "220 2.0.0");
      client.startTls();
    }
    client.ask("EHLO client.example", "250");
    return client;
  }

  private ScriptedClient secure() throws Exception {
    return secure(ListenerKind.SUBMISSIONS);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @EnumSource(names = {"SUBMISSION", "SUBMISSIONS"})
  void takesAMailOfWhoHasLoggedIn(ListenerKind kind) throws Exception {
    try (var client = secure(kind)) {
      client.ask("AUTH PLAIN " + PLAIN, "235 2.7.0");
      client.ask("MAIL FROM:<bob@example.org> AUTH=<> SIZE=5", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "250");
      client.ask("DATA", "354");
      client.raw("\r\nhi\r\n.\r\n");
      client.expect("250 2.0.0");
    }

    assertThat(server.handedOn())
        .contains("Received: from login (authenticated)\r\n", " with ESMTPSA (TLSv1.3 TLS_")
        .doesNotContain("127.0.0.1");
  }

  @Test
  void knowsLoginWithItsNameAtOnceAndAskedFor() throws Exception {
    try (var client = secure()) {
      client.ask("AUTH LOGIN", "334 VXNlcm5hbWU6");
      client.ask(base64(BOB), "334 UGFzc3dvcmQ6");
      client.ask(base64(TestServer.PASSWORD), "235 2.7.0");
    }
    try (var client = secure()) {
      client.ask("auth login " + base64(BOB), "334 UGFzc3dvcmQ6");
      client.ask(base64(TestServer.PASSWORD), "235 2.7.0");
    }
  }

  @Test
  void knowsPlainWithoutInitialResponse() throws Exception {
    try (var client = secure()) {
      assertEquals("334 ", client.ask("AUTH PLAIN", "334"));
      client.ask(base64(BOB + "\0" + BOB + "\0" + TestServer.PASSWORD), "235 2.7.0");
    }
  }

  @Test
  void nobodyActsAsAnother() throws Exception {
    try (var client = secure()) {
      var asCeo = base64("ceo@example.org\0" + BOB + "\0" + TestServer.PASSWORD);
      client.ask("AUTH PLAIN " + asCeo, "535 5.7.8");
      client.ask("MAIL FROM:<bob@example.org>", "530 5.7.0");
    }
  }

  @Test
  void offersAuthOverTlsOnly() throws Exception {
    try (var client = ScriptedClient.connect(server.port(ListenerKind.SUBMISSION))) {
      client.expect("220 ");
      client.ask("AUTH PLAIN " + PLAIN, "538 5.7.11");
      assertThat(client.ask("EHLO client.example", "250"))
          .contains("STARTTLS")
          .doesNotContain("AUTH");
      client.ask("AUTH PLAIN " + PLAIN, "538 5.7.11");
      client.ask("MAIL FROM:<bob@example.org>", "530 5.7.0 STARTTLS first");
      client.ask("RCPT TO:<alice@bridge.example>", "503");
    }
    try (var client = secure()) {
      assertThat(client.ask("EHLO client.example", "250"))
          .contains("250 AUTH PLAIN LOGIN")
          .doesNotContain("STARTTLS");
      client.ask("MAIL FROM:<bob@example.org>", "530 5.7.0 Log in first");
      client.ask("STARTTLS", "503");
    }
  }

  @Test
  void serversAreOfferedNoAuth() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("AUTH PLAIN " + PLAIN, "502 5.5.1");
      client.ask("STARTTLS", "220");
      client.startTls();
      assertThat(client.ask("EHLO client.example", "250")).doesNotContain("AUTH");
      client.ask("AUTH PLAIN " + PLAIN, "502 5.5.1");
      client.ask("MAIL FROM:<bob@example.org> AUTH=<>", "555 5.5.4");
      client.ask("MAIL FROM:<bob@example.org>", "250");
    }
  }

  @Test
  void authComesAfterEhloAndOnce() throws Exception {
    try (var client = ScriptedClient.connect(server.port(ListenerKind.SUBMISSIONS))) {
      client.startTls();
      client.expect("220 ");
      client.ask("AUTH PLAIN " + PLAIN, "503 5.5.1");
      client.ask("HELO client.example", "250");
      client.ask("AUTH PLAIN " + PLAIN, "503 5.5.1");
      client.ask("EHLO client.example", "250");
      client.ask("AUTH PLAIN " + PLAIN, "235");
      client.ask("AUTH PLAIN " + PLAIN, "503 5.5.1");
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("AUTH PLAIN " + PLAIN, "503 5.5.1");
    }
  }

  @Test
  void whatIsNoAuthDialogueIsRefusedAndTheSessionGoesOn() throws Exception {
    try (var client = secure()) {
      client.ask("AUTH", "504 5.5.4");
      client.ask("AUTH CRAM-MD5", "504 5.5.4");
      client.ask("AUTH PLAIN !!!!", "501 5.5.2");
      client.ask("AUTH PLAIN " + PLAIN + " again", "501 5.5.2");
      client.ask("AUTH PLAIN =", "501 5.5.2");
      client.ask("AUTH PLAIN " + base64("no nul"), "501 5.5.2");
      client.ask("AUTH PLAIN " + base64("\0a\0b\0c"), "501 5.5.2");
      client.ask("AUTH PLAIN " + base64("\0a\0"), "501 5.5.2");
      client.ask("AUTH PLAIN \0\0", "501 5.5.2");
      client.ask("AUTH PLAIN", "334");
      client.ask("*", "501 5.7.0");
      client.ask("AUTH LOGIN", "334");
      client.ask(base64(BOB), "334");
      client.ask("*", "501 5.7.0");
      client.ask("AUTH LOGIN", "334");
      client.ask("\u00e4", "501 5.5.2");
      client.ask("AUTHOR x", "500");
      client.ask("AUTH PLAIN " + PLAIN, "235");
    }
  }

  @Test
  void aLineOfTheDialogueMayBeLongButNotTooLong() throws Exception {
    try (var client = secure()) {
      client.ask("AUTH PLAIN", "334");
      client.ask(base64("\0" + BOB + "\0" + "x".repeat(9_000)), "535 5.7.8");
      client.ask("AUTH PLAIN", "334");
      client.ask("A".repeat(Wire.MAX_AUTH_LINE), "500 5.5.6");
      client.ask("AUTH PLAIN " + "A".repeat(Wire.MAX_LINE), "500 5.5.2");
      client.ask("NOOP", "250");
      client.ask("AUTH PLAIN", "334");
      client.raw("A".repeat(100_000));
      client.expect("421 4.7.0");
    }
  }

  @Test
  void theThirdWrongPasswordEndsTheSession() throws Exception {
    try (var client = secure()) {
      var wrong = "AUTH PLAIN " + base64("\0" + BOB + "\0wrong");
      client.ask(wrong, "535 5.7.8");
      client.ask("AUTH PLAIN " + base64("\0nobody\0" + TestServer.PASSWORD), "535 5.7.8");
      client.ask(wrong, "535 5.7.8");
      client.expect("421 4.7.0");
      client.expectClosed();
    }
  }

  @Test
  void whoHasFailedTooOftenHasToWaitWhateverTheySay() throws Exception {
    for (int failed = 0; failed <= LoginLimits.FREE_FAILURES; failed++) {
      try (var client = secure()) {
        client.send("AUTH PLAIN " + base64("\0" + BOB + "\0wrong"));
        assertThat(client.reply()).matches("(?s)(535 5.7.8|454 4.7.0) .*");
      }
    }

    try (var client = secure()) {
      client.ask("AUTH PLAIN " + PLAIN, "454 4.7.0");
      client.ask("MAIL FROM:<bob@example.org>", "530");
    }
  }

  @Test
  void loginsThatCannotBeCheckedAreNobodysFault() throws Exception {
    try (var client = secure()) {
      for (int i = 0; i <= LoginLimits.FREE_FAILURES; i++) {
        client.ask("AUTH PLAIN " + base64("\0away\0x"), "454 4.7.0 Logins cannot be checked");
      }
      client.ask("AUTH PLAIN " + PLAIN, "235");
    }
  }

  @Test
  void whoHasLoggedInWritesAsThemselves() throws Exception {
    try (var client = secure()) {
      client.ask("AUTH PLAIN " + PLAIN, "235");
      client.ask("MAIL FROM:<>", "550 5.7.1");
      client.ask("MAIL FROM:<ceo@example.org>", "553 5.7.1");
      client.ask("MAIL FROM:<BOB@Example.ORG> AUTH=bob+40example.org", "250");
      client.ask("RSET", "250");
      client.ask("MAIL FROM:<bob@example.org> AUTH=", "501 5.5.4");
      client.ask("MAIL FROM:<bob@example.org> AUTH=a+4", "501 5.5.4");
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<eve@elsewhere.example>", "550 5.7.1");
    }
  }

  @Test
  void pipelinedAuthEndsTheSession() throws Exception {
    try (var client = secure()) {
      client.raw("AUTH PLAIN " + PLAIN + "\r\nMAIL FROM:<bob@example.org>\r\n");
      client.expect("554 5.5.0");
      client.expectClosed();
    }
  }

  @Test
  void whatWasSaidInTheClearAfterStartTlsLogsNobodyIn() throws Exception {
    try (var client = ScriptedClient.introduced(server.port(ListenerKind.SUBMISSION))) {
      client.raw("STARTTLS\r\nEHLO evil.example\r\nAUTH PLAIN " + PLAIN + "\r\n");
      client.expect("220 2.0.0");
      client.startTls();
      client.ask("MAIL FROM:<bob@example.org>", "503 5.5.1");
      client.ask("EHLO client.example", "250");
      client.ask("MAIL FROM:<bob@example.org>", "530 5.7.0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"EHLO client.example\r\n", "\0\0\0\0\0\0\0\0", "GET / HTTP/1.1\r\n"})
  void whoSpeaksNoTlsWhereItBeginsAtOnceIsToldNothing(String octets) throws Exception {
    try (var client = ScriptedClient.connect(server.port(ListenerKind.SUBMISSIONS))) {
      client.raw(octets);

      assertThat(client.rest()).doesNotContain("220", "250", "421", "Postern");
    }
  }

  @Test
  void passwordsAreNeverLogged() throws Exception {
    var root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    var postern = (Logger) LoggerFactory.getLogger("io.postern");
    var before = postern.getLevel();
    var seen = new ListAppender<ILoggingEvent>();
    seen.start();
    root.addAppender(seen);
    postern.setLevel(Level.TRACE);
    var wrong = "not bob's secret";
    try {
      try (var client = secure()) {
        client.ask("AUTH PLAIN " + base64("\0" + BOB + "\0" + wrong), "535");
        client.ask("AUTH LOGIN " + base64(wrong), "334");
        client.ask(base64(wrong), "535");
        client.ask("AUTH PLAIN " + base64(wrong), "501");
        client.ask("AUTH PLAIN " + PLAIN, "235");
      }
      server.close();
    } finally {
      root.detachAppender(seen);
      postern.setLevel(before);
    }

    var logged = String.join("\n", seen.list.stream().map(ILoggingEvent::toString).toList());
    assertThat(logged)
        .contains("login refused client=127.0.0.1")
        .doesNotContain(wrong, base64(wrong), TestServer.PASSWORD, PLAIN, BOB);
    assertThat(new Credentials(wrong, wrong.getBytes(StandardCharsets.UTF_8)).toString())
        .doesNotContain(wrong);
  }

  @Test
  void needsTls() {
    var free = Optional.of(new InetSocketAddress("127.0.0.1", 0));
    var submission = new SmtpSettings.Submission(free, Optional.empty(), folder);
    var settings = TestServer.settings();

    var refused =
        assertThrows(IllegalArgumentException.class, () -> settings.withSubmission(submission));

    assertThat(refused).hasMessageContaining("smtp.submission needs TLS; write tls");
  }
}

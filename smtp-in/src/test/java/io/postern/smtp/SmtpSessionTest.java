package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.Mailbox;
import io.postern.mail.auth.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmtpSessionTest {
  @TempDir Path folder;
  private TestServer server;

  @BeforeEach
  void open() throws Exception {
    server = TestServer.open(folder, settings -> settings.withLimits(1 << 20, 3));
  }

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  @Test
  void takesAMail() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<Bob@Example.ORG> SIZE=30 BODY=8BITMIME", "250 2.1.0 Sender ok");
      client.ask("RCPT TO:<Alice@Bridge.Example>", "250 2.1.5 Recipient ok");
      client.ask("RCPT TO:<r1@bridge.example>", "250 2.1.5");
      client.ask("DATA", "354 ");
      client.raw("Subject: caf\u00e9\r\n\r\n..dot\r\n.\r\n");
      client.expect("250 2.0.0 Taken as ");
      client.ask("QUIT", "221 2.0.0");
      client.expectClosed();
    }

    var mail = server.spooled().get(0);
    assertEquals(List.of("Subject: caf\u00e9\r\n\r\n.dot\r\n"), server.mails());
    assertEquals(Optional.of(new Mailbox("Bob", "example.org")), mail.envelope().reversePath());
    assertEquals(
        List.of(new Mailbox("Alice", "bridge.example"), new Mailbox("r1", "bridge.example")),
        mail.envelope().forwardPaths());
    assertEquals("127.0.0.1", mail.received().clientAddress());
    assertEquals("client.example", mail.received().helo());
    assertEquals(false, mail.received().tls());
  }

  @Test
  void takesTheNullSender() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<>", "250 2.1.0");
      client.ask("RCPT TO:<alice@bridge.example>", "250 2.1.5");
      client.ask("DATA", "354 ");
      client.raw("Subject: report\r\n\r\n.\r\n");
      client.expect("250 2.0.0");
    }

    var mail = server.spooled().get(0);
    assertThat(mail.envelope().reversePath()).isEmpty();
    assertThat(server.handedOn()).startsWith("Return-Path: <>\r\n");
  }

  @Test
  void answersRcptFromKnowledge() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<nobody@bridge.example>", "550 5.1.1 Nobody is called so here");
      client.ask("RCPT TO:<later@bridge.example>", "451 4.4.1 The network cannot be asked now");
      client.ask("RCPT TO:<alice@elsewhere.example>", "550 5.7.1");
      client.ask("RCPT TO:<PostMaster>", "250 2.1.5");
      client.ask("RCPT TO:<alice@bridge.example>", "250 2.1.5");
      client.ask("DATA", "354");
      client.raw("\r\nhi\r\n.\r\n");
      client.expect("250 2.0.0");
    }

    assertEquals(
        List.of(
            new Mailbox("postmaster", "mx.bridge.example"), new Mailbox("alice", "bridge.example")),
        server.spooled().get(0).envelope().forwardPaths());
  }

  @Test
  void limitsRecipientsAndKeepsThoseItHas() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org>", "250");
      for (int i = 1; i <= 3; i++) {
        client.ask("RCPT TO:<r" + i + "@bridge.example>", "250");
      }
      client.ask("RCPT TO:<R1@bridge.example>", "250 2.1.5");
      client.ask("RCPT TO:<r4@bridge.example>", "452 4.5.3");
      client.ask("DATA", "354");
      client.raw("\r\nhi\r\n.\r\n");
      client.expect("250 2.0.0");
    }

    assertEquals(3, server.spooled().get(0).envelope().forwardPaths().size());
  }

  @Test
  void keepsTheOrderOfCommands() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("RCPT TO:<alice@bridge.example>", "503 5.5.1");
      client.ask("DATA", "503 5.5.1");
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("MAIL FROM:<bob@example.org>", "503 5.5.1");
      client.ask("DATA", "554 5.5.1");
      client.ask("RSET", "250 2.0.0");
      client.ask("RCPT TO:<alice@bridge.example>", "503 5.5.1");
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("EHLO again.example", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "503 5.5.1");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NOOP, 250 2.0.0",
    "noop with words, 250 2.0.0",
    "HELP, 214 2.0.0",
    "HELP MAIL, 214 2.0.0",
    "VRFY alice, 252 2.0.0",
    "EXPN list, 502 5.5.1",
    "RSET, 250 2.0.0",
    "RSET now, 501 5.5.4",
    "DATA now, 501 5.5.4",
    "EHLO, 501 5.5.4",
    "EHLO a b, 501 5.5.4",
    "EHLO <x>, 501 5.5.4",
    "FOO, 500 5.5.1",
    "'', 500 5.5.1",
    "MAIL, 501 5.5.4",
    "MAIL FROM bob, 501 5.5.4",
    "MAIL FROM:<> BODY=BINARYMIME, 501 5.5.4",
    "MAIL FROM:<> SMTPUTF8=1, 501 5.5.4",
    "MAIL FROM:<b\u00f6b@example.org>, 553 5.6.7",
    "MAIL FROM:<b\u00f6b@example.org> SMTPUTF8, 250 2.1.0",
    "MAIL FROM:<@relay.example:bob@example.org>, 250 2.1.0",
    "ETRN x, 502 5.5.1",
  })
  void answersEachCommandWithItsEnhancedStatus(String line, String prefix) throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask(line, prefix);
      client.ask("QUIT", "221 2.0.0");
    }
  }

  @Test
  void parametersNeedEhlo() throws Exception {
    try (var client = ScriptedClient.connect(server.port())) {
      client.expect("220 ");
      client.ask("HELO [127.0.0.1]", "250 mx.bridge.example");
      client.ask("MAIL FROM:<bob@example.org> SIZE=1", "555 5.5.4");
      client.ask("MAIL FROM:<bob@example.org>", "250 2.1.0");
    }
  }

  @Test
  void takesAddressesBeyondAscii() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<b\u00f6b@example.org> SMTPUTF8", "250");
      client.ask("RCPT TO:<jos\u00e9@bridge.example>", "250 2.1.5");
      client.ask("DATA", "354");
      client.raw("\r\nhi\r\n.\r\n");
      client.expect("250 2.0.0");
    }

    var octets = server.handedOn();
    assertThat(octets).contains("with UTF8SMTP\r\n", "for <jos\u00e9@bridge.example>;");
  }

  @Test
  void theUnicodeAndTheAsciiFormOfADomainAreOne() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org> SMTPUTF8", "250");
      client.ask("RCPT TO:<alice@b\u00fccher.bridge.example>", "250 2.1.5");
      client.ask("RCPT TO:<alice@XN--BCHER-KVA.bridge.example>", "250 2.1.5");
      client.ask("DATA", "354");
      client.raw("\r\nhi\r\n.\r\n");
      client.expect("250 2.0.0");
    }

    assertEquals(
        List.of(Mailbox.parse("alice@xn--bcher-kva.bridge.example")),
        server.spooled().get(0).envelope().forwardPaths());
  }

  @Test
  void theAsciiFormOfADomainNeedsNoSmtpUtf8() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@xn--bcher-kva.example>", "250");
      client.ask("RCPT TO:<alice@xn--bcher-kva.bridge.example>", "250 2.1.5");
      client.ask("RCPT TO:<alice@b\u00fccher.bridge.example>", "553 5.6.7");
    }
  }

  @Test
  void refusesALongLineAndGoesOn() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("NOOP " + "x".repeat(2041), "250 2.0.0");
      client.ask("NOOP " + "x".repeat(2042), "500 5.5.2");
      client.ask("NOOP " + "x".repeat(50_000), "500 5.5.2");
      client.ask("NOOP", "250 2.0.0");
    }
  }

  @Test
  void aLineWithoutEndCostsTheConnection() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.raw("x".repeat(70_000));
      client.expect("421 4.7.0 A line without end");
      client.expectClosed();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOOP\n", "\n", "NO\rOP\r\n", "NOOP \0\r\n", "NOOP \t\r\n", "NOOP\r\r\n"})
  void refusesLineEndsAndControlsThatNoCommandHas(String octets) throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.raw(octets);
      client.expect("500 5.5.2");
      client.ask("NOOP", "250 2.0.0");
    }
  }

  @Test
  void refusesWhatIsNotUtf8() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.raw(new byte[] {'N', 'O', 'O', 'P', ' ', (byte) 0xff, '\r', '\n'});
      client.expect("500 5.5.2");
    }
  }

  @Test
  void answersPipelinedCommandsTogether() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.raw(
          "MAIL FROM:<bob@example.org>\r\nRCPT TO:<nobody@bridge.example>\r\n"
              + "RCPT TO:<alice@bridge.example>\r\nDATA\r\n");
      client.expect("250 2.1.0");
      client.expect("550 5.1.1");
      client.expect("250 2.1.5");
      client.expect("354 ");
      client.raw("\r\nhi\r\n.\r\nMAIL FROM:<>\r\nNOOP\r\nQUIT\r\n");
      client.expect("250 2.0.0");
      client.expect("250 2.1.0");
      client.expect("250 2.0.0");
      client.expect("221 2.0.0");
      client.expectClosed();
    }
  }

  @Test
  void hangsUpAfterTooManyErrors() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      for (int i = 0; i < SmtpSession.MAX_ERRORS; i++) {
        client.ask("FOO", "500 5.5.1");
      }
      client.ask("FOO", "500 5.5.1");
      client.expect("421 4.7.0 Too many errors");
      client.expectClosed();
    }
  }

  @Test
  void hangsUpAfterTooManyCommandsWithoutAMail() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      for (int i = 1; i < SmtpSession.MAX_COMMANDS + 3; i++) {
        client.ask("NOOP", "250");
      }
      client.ask("NOOP", "421 4.7.0 Too many commands");
      client.expectClosed();
    }
  }

  @Test
  void stopsAMailThatGoesInCircles() throws Exception {
    try (var client = ScriptedClient.inData(server.port())) {
      client.raw("Received: from x\r\n".repeat(31) + "\r\nhi\r\n.\r\n");
      client.expect("554 5.4.6");
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "250");
      client.ask("DATA", "354");
      client.raw("X-XMTP-Sender: 0x12@bridge.example\r\n\r\nhi\r\n.\r\n");
      client.expect("554 5.4.6");
    }

    assertThat(server.mails()).isEmpty();
  }

  @Test
  void refusesAHeaderWithoutEnd() throws Exception {
    try (var client = ScriptedClient.inData(server.port())) {
      client.raw("X-A: 1\r\n".repeat(40_000) + "\r\nhi\r\n.\r\n");
      client.expect("552 5.3.4 The header");
    }
  }

  @Test
  void asksTheJudgeBefore250AndKeepsTheVerdict(@TempDir Path other) throws Exception {
    var seen = new AtomicReference<String>();
    MailJudge judge =
        mail -> {
          try (var in = mail.open()) {
            var octets = in.readAllBytes();
            seen.set(new String(octets, StandardCharsets.UTF_8));
            assertEquals(mail.size(), octets.length);
          }
          return new MailJudge.Taken(Verdict.of("example.org"));
        };
    try (var judged = TestServer.open(other, TestServer.settings(), judge);
        var client = ScriptedClient.inData(judged.port())) {
      client.raw("Subject: x\r\n\r\nhi\r\n.\r\n");
      client.expect("250 2.0.0");

      assertEquals("Subject: x\r\n\r\nhi\r\n", seen.get());
      assertEquals(
          "example.org", judged.spooled().get(0).received().verdict().authenticatedDomain());
    }
  }

  @Test
  void aJudgeThatCannotReadAsksTheClientToComeAgain(@TempDir Path other) throws Exception {
    MailJudge judge =
        mail -> {
          throw new IOException("the disk is gone");
        };
    try (var judged = TestServer.open(other, TestServer.settings(), judge);
        var client = ScriptedClient.inData(judged.port())) {
      client.raw("Subject: x\r\n\r\nhi\r\n.\r\n");
      client.expect("451 4.3.0");
      client.ask("NOOP", "250");
      assertThat(judged.mails()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"incoming, 1", "journal, 1", "incoming, 100", "ready, 100"})
  void aSpoolThatCannotTakeTheMailAsksTheClientToComeAgain(String lost, int lines)
      throws Exception {
    var mail = "\r\n" + ("x".repeat(900) + "\r\n").repeat(lines) + ".\r\n";
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "250");
      Files.delete(folder.resolve(lost));
      client.ask("DATA", "354 ");
      client.raw(mail);
      client.expect("451 4.3.0");
      client.ask("NOOP", "250");
      assertThat(server.mails()).isEmpty();

      Files.createDirectory(folder.resolve(lost));
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "250");
      client.ask("DATA", "354 ");
      client.raw(mail);
      client.expect("250 2.0.0");
      assertEquals(1, server.mails().size());
    }
  }

  @Test
  void aBugOfTheJudgeEndsTheSessionWithoutAMail(@TempDir Path other) throws Exception {
    MailJudge judge =
        mail -> {
          throw new IllegalStateException("a bug");
        };
    try (var judged = TestServer.open(other, TestServer.settings(), judge);
        var client = ScriptedClient.inData(judged.port())) {
      client.raw("Subject: x\r\n\r\nhi\r\n.\r\n");
      client.expect("421 4.3.0");
      client.expectClosed();
      assertThat(judged.mails()).isEmpty();
      assertThat(other.resolve("incoming")).isEmptyDirectory();
    }
  }

  @Test
  void aClientThatLeavesInTheMiddleLeavesNothingBehind() throws Exception {
    try (var client = ScriptedClient.inData(server.port())) {
      client.raw("Subject: x\r\n\r\nhi\r\n.\r");
      client.finishSending();
      assertEquals("", client.rest());
    }

    assertThat(server.mails()).isEmpty();
    assertThat(folder.resolve("incoming")).isEmptyDirectory();
  }

  @Test
  void everyReplyButThoseOfRfc2034HasAnEnhancedStatus() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      for (var line :
          List.of(
              "NOOP", "VRFY x", "EXPN x", "FOO", "MAIL FROM:<>", "RCPT TO:<>", "DATA", "QUIT")) {
        client.send(line);
        var reply = client.reply();
        assertTrue(
            reply.matches("([245])\\d\\d \\1\\.\\d+\\.\\d+ .+"), line + " was answered " + reply);
      }
    }
  }
}

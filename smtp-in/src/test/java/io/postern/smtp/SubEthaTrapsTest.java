package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a well-known SMTP library for Java got wrong, one test each, over a real socket. */
class SubEthaTrapsTest {
  private static final String FORGED =
      "EHLO evil.example\r\nMAIL FROM:<ceo@example.org>\r\nRCPT TO:<alice@bridge.example>\r\n"
          + "DATA\r\nSubject: forged\r\n\r\nforged\r\n";

  @TempDir Path folder;

  @Test
  void aMailThatIsRefusedIsReadToItsEndSoThatItsTextNeverRunsAsCommands() throws Exception {
    var asked = new AtomicInteger();
    MailJudge refusing =
        mail -> {
          asked.incrementAndGet();
          return new MailJudge.Refused(SmtpReply.of(550, "5.7.1", "not you"));
        };
    try (var server = TestServer.open(folder, TestServer.settings(), refusing);
        var client = ScriptedClient.inData(server.port())) {
      client.raw("Subject: x\r\n\r\n" + FORGED + ".\r\n");
      client.expect("550 5.7.1 not you");
      client.ask("NOOP", "250 2.0.0");
      client.ask("QUIT", "221 2.0.0");
      client.expectClosed();

      assertEquals(1, asked.get());
      assertThat(server.mails()).isEmpty();
    }
  }

  @Test
  void aMailThatIsTooLargeIsReadToItsEndSoThatItsTextNeverRunsAsCommands() throws Exception {
    try (var server = TestServer.open(folder, settings -> settings.withLimits(2_000, 10));
        var client = ScriptedClient.inData(server.port())) {
      client.raw("x".repeat(1_998) + "\r\n" + FORGED + ".\r\n");
      client.expect("552 5.3.4");
      client.ask("QUIT", "221 2.0.0");

      assertThat(server.mails()).isEmpty();
    }
  }

  @Test
  void dataWithoutEndCostTheConnectionAndNothingElse() throws Exception {
    try (var server = TestServer.open(folder, settings -> settings.withLimits(2_000, 10));
        var client = ScriptedClient.inData(server.port())) {
      client.raw(("x".repeat(998) + "\r\n").repeat(1_100));
      client.expect("552 5.3.4 Far too large; closing");
      client.expectClosed();

      assertThat(server.mails()).isEmpty();
      assertThat(folder.resolve("incoming")).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\rb", "a\nb", "a\n", "a\r", "\r\r", "\n\n"})
  void bareCrAndBareLfAreRefusedAfterTheTerminator(String body) throws Exception {
    try (var server = TestServer.open(folder);
        var client = ScriptedClient.inData(server.port())) {
      client.raw("Subject: x\r\n\r\n" + body + "\r\n.\r\n");
      client.expect("554 5.6.0");
      client.ask("NOOP", "250 2.0.0");

      assertThat(server.mails()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SIZE=2001", "SIZE=2001 BODY=8BITMIME", "BODY=8BITMIME SIZE=99999999999999999999"})
  void aDeclaredSizeIsComparedWhereverItStands(String parameters) throws Exception {
    try (var server = TestServer.open(folder, settings -> settings.withLimits(2_000, 10));
        var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org> " + parameters, "552 5.3.4");
      client.ask("MAIL FROM:<bob@example.org> SIZE=2000 BODY=7BIT", "250 2.1.0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIZE=999999999999999999999", "SIZE=x", "SIZE=-1", "SIZE=", "SIZE"})
  void anAbsurdSizeIsASyntaxErrorAndNoReasonToHangUp(String parameter) throws Exception {
    try (var server = TestServer.open(folder);
        var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org> " + parameter, "501 5.5.4");
      client.ask("NOOP", "250 2.0.0");
    }
  }

  @Test
  void theRealSizeIsCountedWhateverWasDeclared() throws Exception {
    try (var server = TestServer.open(folder, settings -> settings.withLimits(2_000, 10));
        var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org> SIZE=10", "250 2.1.0");
      client.ask("RCPT TO:<alice@bridge.example>", "250 2.1.5");
      client.ask("DATA", "354 ");
      client.raw("x".repeat(1_999) + "\r\n.\r\n");
      client.expect("552 5.3.4");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"FOO=bar", "RET=HDRS", "ENVID=1", "AUTH=<>", "MT-PRIORITY=3", "SIZE=1 FOO"})
  void unknownParametersOfMailAreRefused(String parameters) throws Exception {
    try (var server = TestServer.open(folder);
        var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org> " + parameters, "555 5.5.4");
      client.ask("RCPT TO:<alice@bridge.example>", "503 5.5.1");
    }
  }

  @Test
  void unknownParametersOfRcptAreRefused() throws Exception {
    try (var server = TestServer.open(folder);
        var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<>", "250 2.1.0");
      client.ask("RCPT TO:<alice@bridge.example> NOTIFY=NEVER", "555 5.5.4");
      client.ask("DATA", "554 5.5.1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<>",
        "<not an address; drop table>",
        "<alice>",
        "<@bridge.example>",
        "<alice@>",
        "<alice@bridge..example>",
        "<a@b@bridge.example>",
      })
  void everyRecipientIsParsed(String path) throws Exception {
    try (var server = TestServer.open(folder);
        var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<>", "250 2.1.0");
      client.ask("RCPT TO:" + path, "501 5.1.3");
      client.ask("DATA", "554 5.5.1");
    }
  }

  @Test
  void everySenderIsParsed() throws Exception {
    try (var server = TestServer.open(folder);
        var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<not an address; drop table>", "501 5.1.7");
      client.ask("MAIL FROM:<bob>", "501 5.1.7");
    }
  }

  @Test
  void mailNeedsEhloOrHelo() throws Exception {
    try (var server = TestServer.open(folder);
        var client = ScriptedClient.connect(server.port())) {
      client.expect("220 ");
      client.ask("MAIL FROM:<bob@example.org>", "503 5.5.1");
      client.ask("HELO client.example", "250 mx.bridge.example");
      client.ask("MAIL FROM:<bob@example.org>", "250 2.1.0");
    }
  }

  @Test
  void whatIsAdvertisedIsTrueAndWhatIsTrueIsAdvertised() throws Exception {
    try (var server = TestServer.open(folder);
        var client = ScriptedClient.connect(server.port())) {
      client.expect("220 ");
      assertEquals(
          "250-mx.bridge.example\n250-PIPELINING\n250-SIZE 26214400\n250-8BITMIME\n"
              + "250-SMTPUTF8\n250 ENHANCEDSTATUSCODES",
          client.ask("EHLO client.example", "250"));
      client.ask("STARTTLS", "502 5.5.1");
      client.ask("AUTH PLAIN", "502 5.5.1");
    }
  }

  @Test
  void octetsOfBdatAreNotRunAsCommands() throws Exception {
    try (var server = TestServer.open(folder);
        var client = ScriptedClient.introduced(server.port())) {
      client.raw("BDAT 200 LAST\r\n" + FORGED + ".\r\n");

      assertThat(client.rest()).isEqualTo("502 5.5.1 CHUNKING is not offered here; closing\r\n");
      assertThat(server.mails()).isEmpty();
    }
  }

  @Test
  void bannerAndTraceFieldAreOurOwn() throws Exception {
    try (var server = TestServer.open(folder);
        var client = ScriptedClient.connect(server.port())) {
      client.expect("220 mx.bridge.example ESMTP Postern");
      client.ask("EHLO client.example", "250");
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "250");
      client.ask("DATA", "354");
      client.raw("Received: from elsewhere\r\nReturn-Path: <x@example.org>\r\n\r\nhi\r\n.\r\n");
      var id = client.expect("250 2.0.0 Taken as ").substring("250 2.0.0 Taken as ".length());

      var mail = server.spooled().get(0);
      assertEquals(id, mail.id().value());
      assertThat(server.handedOn())
          .startsWith(
              "Return-Path: <bob@example.org>\r\n"
                  + "Received: from client.example ([127.0.0.1])\r\n"
                  + "\tby mx.bridge.example with ESMTP\r\n"
                  + "\tid "
                  + id
                  + "\r\n\tfor <alice@bridge.example>; ")
          .endsWith("\r\nReceived: from elsewhere\r\nReturn-Path: <x@example.org>\r\n\r\nhi\r\n");
    }
  }
}

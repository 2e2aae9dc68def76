package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Mailbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator hears of mail that was not taken. */
class RefusalTest {
  private static final Mailbox ALICE = new Mailbox("alice", "bridge.example");
  private static final MailJudge NOT_YOU =
      mail -> new MailJudge.Refused(SmtpReply.of(550, "5.7.26", "Not you"));

  private final List<Refusal> heard = Collections.synchronizedList(new ArrayList<>());
  @TempDir Path folder;

  private void send(TestServer server, String expected, String... lines) throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "250");
      client.ask("DATA", "354");
      client.raw(String.join("\r\n", lines) + "\r\n.\r\n");
      client.expect(expected);
    }
  }

  private TestServer server(ClientCheck clients, MailJudge judge, Consumer<Refusal> listener)
      throws Exception {
    return TestServer.open(folder, clients, judge, listener);
  }

  @Test
  void tellsOfAMailThatWasJudged() throws Exception {
    try (var server = server(ClientCheck.none(), NOT_YOU, heard::add)) {
      send(
          server,
          "550 5.7.26 Not you",
          "From: =?utf-8?q?B=C3=B6b?= <Bob@Example.org>",
          "Subject: secret",
          "Message-Id: <1@Example.org>",
          "",
          "secret");
    }

    assertThat(heard).hasSize(1);
    var refusal = heard.get(0);
    assertThat(refusal.clientAddress()).isEqualTo("127.0.0.1");
    assertThat(refusal.helo()).isNotEmpty();
    assertThat(refusal.reversePath()).contains(new Mailbox("bob", "example.org"));
    assertThat(refusal.recipients()).containsExactly(ALICE);
    assertThat(refusal.from()).isEqualTo("Bob@example.org");
    assertThat(refusal.mailId()).isEqualTo("<1@Example.org>");
    assertThat(refusal.octets()).isPositive();
    assertThat(refusal.reply().status()).isEqualTo("5.7.26");
    assertThat(refusal.toString()).doesNotContain("secret");
  }

  @Test
  void tellsOfMailThatNobodyJudged() throws Exception {
    try (var server = server(ClientCheck.none(), MailJudge.takingAll(), heard::add)) {
      send(server, "554 5.6.0", "From: <bob@example.org>", "", "bare\nline feed");
      send(server, "554 5.4.6", "X-XMTP-Conversation: x@bridge.example", "", "loop");
      send(server, "250", "From: <bob@example.org>", "", "good");
    }

    assertThat(heard).extracting(each -> each.reply().code()).containsExactly(554, 554);
    assertThat(heard.get(1).from()).isEmpty();
    assertThat(heard.get(1).mailId()).isEmpty();
  }

  @Test
  void aHostileHeaderBecomesNothing() throws Exception {
    try (var server = server(ClientCheck.none(), NOT_YOU, heard::add)) {
      send(
          server,
          "550",
          "From: " + "<x@y>,".repeat(5_000),
          "Message-ID: " + "a".repeat(900),
          "Message-ID: \u0001<" + "b".repeat(90_000) + "@c>",
          "",
          "text");
    }

    assertThat(heard.get(0).from()).isEqualTo("x@y, x@y, x@y");
    assertThat(heard.get(0).mailId()).isEmpty();
  }

  @Test
  void aListenerThatFailsChangesNoAnswer() throws Exception {
    Consumer<Refusal> broken =
        refusal -> {
          throw new IllegalStateException("the database is away");
        };
    try (var server = server(ClientCheck.none(), NOT_YOU, broken)) {
      send(server, "550 5.7.26 Not you", "", "text");
    }
  }

  @Test
  void aClientMayBeRefusedForARecipientThatIsServed() throws Exception {
    var asked = Collections.synchronizedList(new ArrayList<ClientCheck.Attempt>());
    ClientCheck later =
        attempt -> {
          asked.add(attempt);
          return asked.size() > 1
              ? Optional.empty()
              : Optional.of(SmtpReply.of(450, "4.7.1", "Come again"));
        };
    try (var server = server(later, MailJudge.takingAll(), heard::add);
        var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<nobody@bridge.example>", "550 5.1.1");
      client.ask("RCPT TO:<alice@bridge.example>", "450 4.7.1 Come again");
      client.ask("DATA", "554 5.5.1");
      client.ask("RCPT TO:<alice@bridge.example>", "250");
      client.ask("RCPT TO:<x@elsewhere.example>", "550 5.7.1");
    }

    assertThat(asked).hasSize(2);
    assertThat(asked.get(0).recipient()).isEqualTo(ALICE);
    assertThat(asked.get(0).reversePath()).contains(new Mailbox("bob", "example.org"));
    assertThat(asked.get(0).client().isLoopbackAddress()).isTrue();
    // By policy; that somebody is not there is no policy.
    assertThat(heard).extracting(each -> each.reply().status()).containsExactly("4.7.1", "5.7.1");
    assertThat(heard.get(0).recipients()).containsExactly(ALICE);
    assertThat(heard.get(0).octets()).isZero();
  }
}

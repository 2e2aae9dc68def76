package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.postern.mail.auth.IpNetwork;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that come through a proxy, and those who pretend to. */
@Timeout(120)
class ProxiedClientsTest {
  private static final String CLIENT = "PROXY TCP4 203.0.113.9 127.0.0.1 1025 25\r\n";

  @TempDir Path folder;

  private TestServer behindProxy(UnaryOperator<SmtpSettings> change) throws Exception {
    var loopback = IpNetwork.parse("127.0.0.0/8").orElseThrow();
    return TestServer.open(
        folder.resolve("spool"), settings -> change.apply(settings.withProxies(List.of(loopback))));
  }

  @Test
  void theRealClientStandsInTheTraceAndInWhatTheJudgeSees() throws Exception {
    try (var server = behindProxy(settings -> settings);
        var client = ScriptedClient.connect(server.port())) {
      client.raw(CLIENT);
      client.expect("220 ");
      client.ask("EHLO client.example", "250");
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "250");
      client.ask("DATA", "354");
      client.raw("\r\nhi\r\n.\r\n");
      client.expect("250 2.0.0");

      var mail = server.spooled().get(0);
      assertEquals("203.0.113.9", mail.received().clientAddress());
      assertThat(server.handedOn()).contains("from client.example ([203.0.113.9])");
    }
  }

  @Test
  void theProxyItselfMaySpeak() throws Exception {
    try (var server = behindProxy(settings -> settings);
        var client = ScriptedClient.connect(server.port())) {
      client.raw(ProxyHeaderTest.binary(0x20, 0x00));
      client.expect("220 ");
      client.ask("NOOP", "250");
    }
  }

  @Test
  void aHeaderGoesBeforeTls() throws Exception {
    var files = TestCertificate.write(folder.resolve("tls"), "EC", TestCertificate.KeyForm.PKCS8);
    var free = Optional.of(new InetSocketAddress("127.0.0.1", 0));
    var submission = new SmtpSettings.Submission(Optional.empty(), free, folder);
    try (var server = behindProxy(settings -> settings.withTls(files).withSubmission(submission));
        var client = ScriptedClient.connect(server.port(ListenerKind.SUBMISSIONS))) {
      client.raw(CLIENT);
      client.startTls();
      client.expect("220 ");
      client.ask("EHLO client.example", "250");
    }
  }

  @Test
  void whatIsNoHeaderIsDroppedWithoutAWord() throws Exception {
    try (var server = behindProxy(settings -> settings);
        var client = ScriptedClient.connect(server.port())) {
      client.send("EHLO client.example");

      assertEquals("", client.rest());
    }
  }

  @Test
  void whoNeverSendsAHeaderIsDropped() throws Exception {
    var minute = Duration.ofMinutes(1);
    try (var server =
            behindProxy(settings -> settings.withTimeouts(Duration.ofMillis(200), minute, minute));
        var client = ScriptedClient.connect(server.port())) {
      client.raw("PROXY TCP4");

      assertEquals("", client.rest());
    }
  }

  @Test
  void othersAreNotBelievedAHeader() throws Exception {
    var elsewhere = IpNetwork.parse("10.0.0.0/8").orElseThrow();
    try (var server =
            TestServer.open(folder, settings -> settings.withProxies(List.of(elsewhere)));
        var client = ScriptedClient.connect(server.port())) {
      client.expect("220 ");
      client.raw(CLIENT);
      client.expect("500");
    }
  }

  @Test
  void sessionsAreCountedForTheRealClient() throws Exception {
    try (var server = behindProxy(settings -> settings.withClientLimits(10, 1, 1_000));
        var first = ScriptedClient.connect(server.port());
        var second = ScriptedClient.connect(server.port());
        var other = ScriptedClient.connect(server.port())) {
      first.raw(CLIENT);
      first.expect("220 ");
      second.raw(CLIENT);
      second.expect("421 4.7.0");
      second.expectClosed();
      other.raw("PROXY TCP4 203.0.113.10 127.0.0.1 1025 25\r\n");
      other.expect("220 ");
      first.ask("QUIT", "221");

      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                try (var next = ScriptedClient.connect(server.port())) {
                  next.raw(CLIENT);
                  return next.reply().startsWith("220 ");
                }
              });
    }
  }

  @Test
  void closingDoesNotWaitForAHeader() throws Exception {
    try (var server = behindProxy(settings -> settings);
        var client = ScriptedClient.connect(server.port())) {
      client.raw("PROXY ");

      server.receiver.close();

      assertEquals("", client.rest());
    }
  }
}

package io.postern.out;

import static io.postern.out.Sample.OCTETS;
import static io.postern.out.Sample.STUFFED;
import static io.postern.out.Sample.brief;
import static io.postern.out.Sample.envelope;
import static io.postern.out.Sample.words;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Delivery;
import io.postern.out.StsPolicy.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mail to a domain with an MTA-STS policy, by real TLS. */
class StsDeliveryTest {
  private static final TestAuthority AUTHORITY = new TestAuthority();

  private TinyDns dns;

  @BeforeEach
  void start() throws Exception {
    dns = new TinyDns().mx("example.org", 10, "mx.example.org");
    dns.address("mx.example.org", "127.0.0.1");
  }

  @AfterEach
  void stop() {
    dns.close();
  }

  private Delivery send(ScriptedServer server, Mode mode, String host) {
    var unsigned = new DnsJava(dns.resolver(), Duration.ofSeconds(30));
    var policy = new StsPolicy(mode, List.of(host), Duration.ofDays(1));
    var sender =
        new MxSender(
            new SmtpClient("bridge.example", Sample.patient(), AUTHORITY.client()),
            new DnsMxResolver(unsigned, new Random(1)),
            new TlsPolicies(unsigned, domain -> Optional.of(policy)),
            address -> true,
            address -> false,
            server.port());
    return sender.send(envelope(), OCTETS);
  }

  private static ScriptedServer playStartTls(ScriptedServer server) {
    server.reply("220 mx");
    server.expect("EHLO bridge.example").reply("250-mx", "250 STARTTLS");
    return server.expect("STARTTLS").reply("220 go");
  }

  private static void playTransaction(ScriptedServer server) {
    server.expect("EHLO bridge.example").reply("250 mx");
    server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
    server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
    server.expect("DATA").reply("354 go ahead");
    server.expectOctets(STUFFED).reply("250 2.0.0 taken");
  }

  @Test
  void deliversToAHostWithAValidCertificate() throws Exception {
    try (var server = new ScriptedServer()) {
      playStartTls(server).startTls(AUTHORITY.server("mx.example.org").server());
      playTransaction(server);
      server.start();

      var delivery = send(server, Mode.ENFORCE, "*.example.org");

      assertThat(words(delivery)).isEqualTo("2.0.0 taken; TLS by MTA-STS");
    }
  }

  @Test
  void waitsForAnotherNameOrAuthority() throws Exception {
    for (var identity :
        List.of(
            AUTHORITY.server("other.example.org"), new TestAuthority().server("mx.example.org"))) {
      try (var server = new ScriptedServer()) {
        playStartTls(server).startTlsInVain(identity.server());
        server.start();

        var delivery = send(server, Mode.ENFORCE, "mx.example.org");

        assertThat(brief(delivery)).isEqualTo("Deferred 4.7.5");
      }
    }
  }

  @Test
  void waitsWhenStartTlsIsStripped() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx").expect("EHLO bridge.example").reply("250 mx");
      server.expect("QUIT").start();

      assertThat(brief(send(server, Mode.ENFORCE, "mx.example.org"))).isEqualTo("Deferred 4.7.4");
    }
  }

  @Test
  void handsNothingToAHostThatThePolicyDoesNotName() throws Exception {
    try (var server = new ScriptedServer()) {
      server.start();

      var delivery = send(server, Mode.ENFORCE, "mx.example.net");

      assertThat(brief(delivery)).isEqualTo("Deferred 4.7.1");
      assertThat(words(delivery)).contains("MTA-STS policy of example.org");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"TESTING", "NONE"})
  void aPolicyThatIsNotEnforcedChangesNothing(Mode mode) throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx");
      playTransaction(server);
      server.start();

      assertThat(words(send(server, mode, "mx.example.net"))).endsWith("without TLS");
    }
  }
}

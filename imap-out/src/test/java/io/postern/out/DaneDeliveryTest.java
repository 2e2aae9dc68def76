package io.postern.out;

import static io.postern.out.Sample.OCTETS;
import static io.postern.out.Sample.STUFFED;
import static io.postern.out.Sample.brief;
import static io.postern.out.Sample.envelope;
import static io.postern.out.Sample.words;
import static io.postern.out.TestAuthority.tlsa;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Delivery;
import io.postern.out.SignedDns.Damage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Type;

/** Mail to domains whose DNS is signed: RFC 7672 with real signatures and real TLS. */
class DaneDeliveryTest {
  private static final TestAuthority AUTHORITY = new TestAuthority();
  private static final TestAuthority.Identity HOST = AUTHORITY.server("mx.signed.example");

  private SignedDns dns;
  private Function<String, Optional<StsPolicy>> policies = domain -> Optional.empty();

  @BeforeEach
  void start() throws Exception {
    dns = new SignedDns();
    for (var zone : new String[] {"signed.example", "plain.example"}) {
      dns.mx(zone, 10, "mx." + zone).address("mx." + zone, "127.0.0.1");
    }
  }

  @AfterEach
  void stop() {
    dns.close();
  }

  private Delivery send(ScriptedServer server, String domain) {
    var secure = dns.validating();
    var sender =
        new MxSender(
            Sample.client(Sample.patient()),
            new DnsMxResolver(secure, new Random(1)),
            new TlsPolicies(secure, policies),
            address -> true,
            address -> false,
            server.port());
    return sender.send(envelope("alice@bridge.example", "bob@" + domain), OCTETS);
  }

  private void record(ScriptedServer server, String host, Tlsa... records) throws Exception {
    for (var each : records) {
      dns.tlsa("_" + server.port() + "._tcp." + host, each);
    }
  }

  private static void playTransaction(ScriptedServer server, String domain) {
    server.expect("EHLO bridge.example").reply("250 mx");
    server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
    server.expect("RCPT TO:<bob@" + domain + ">").reply("250 ok");
    server.expect("DATA").reply("354 go ahead");
    server.expectOctets(STUFFED).reply("250 2.0.0 taken");
  }

  private static ScriptedServer playStartTls(ScriptedServer server) {
    server.reply("220 mx");
    server.expect("EHLO bridge.example").reply("250-mx", "250 STARTTLS");
    return server.expect("STARTTLS").reply("220 go");
  }

  @Test
  void deliversToTheHostThatTheDnsNames() throws Exception {
    try (var server = new ScriptedServer()) {
      playStartTls(server).startTls(HOST.server());
      playTransaction(server, "signed.example");
      server.start();
      record(server, "mx.signed.example", tlsa(3, 1, 1, HOST.own()));

      var delivery = send(server, "signed.example");

      assertThat(delivery).isEqualTo(new Delivery.Delivered("2.0.0 taken; TLS by DANE"));
    }
  }

  @Test
  void deliversToTheHostOfAnAuthorityThatTheDnsNames() throws Exception {
    try (var server = new ScriptedServer()) {
      playStartTls(server).startTls(HOST.server());
      playTransaction(server, "signed.example");
      server.start();
      record(server, "mx.signed.example", tlsa(2, 0, 2, AUTHORITY.certificate()));

      assertThat(words(send(server, "signed.example"))).endsWith("TLS by DANE");
    }
  }

  @Test
  void waitsForAnotherCertificate() throws Exception {
    try (var server = new ScriptedServer()) {
      var impostor = AUTHORITY.server("mx.signed.example");
      playStartTls(server).startTlsInVain(impostor.server());
      server.start();
      record(server, "mx.signed.example", tlsa(3, 1, 1, HOST.own()));

      var delivery = send(server, "signed.example");

      assertThat(brief(delivery)).isEqualTo("Deferred 4.7.5");
      assertThat(words(delivery)).contains("TLSA").contains("mx.signed.example");
    }
  }

  @Test
  void waitsWhenStartTlsIsStripped() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx").expect("EHLO bridge.example").reply("250 mx");
      server.expect("QUIT").start();
      record(server, "mx.signed.example", tlsa(3, 1, 1, HOST.own()));

      assertThat(brief(send(server, "signed.example"))).isEqualTo("Deferred 4.7.4");
    }
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void connectsToNobodyWhileTheRecordsCannotBeHad(Damage damage) throws Exception {
    try (var server = new ScriptedServer()) {
      record(server, "mx.signed.example", tlsa(3, 1, 1, HOST.own()));
      dns.damage("_" + server.port() + "._tcp.mx.signed.example", Type.TLSA, damage);
      server.start();

      var delivery = send(server, "signed.example");

      assertThat(brief(delivery)).isEqualTo("Deferred 4.7.5");
    }
  }

  @Test
  void whoeverHidesAFamilyOfAddressesTakesNoDaneAway() throws Exception {
    try (var server = new ScriptedServer()) {
      dns.damage("mx.signed.example", Type.AAAA, Damage.FAILED);
      playStartTls(server).startTlsInVain(HOST.server());
      server.start();
      record(server, "mx.signed.example", new Tlsa(3, 1, 1, new byte[32]));

      assertThat(brief(send(server, "signed.example"))).isEqualTo("Deferred 4.7.5");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Type.MX, Type.A})
  void waitsForForgedMailHostsAndAddresses(int type) throws Exception {
    try (var server = new ScriptedServer()) {
      dns.damage(type == Type.MX ? "signed.example" : "mx.signed.example", type, Damage.FORGED);
      server.start();

      assertThat(brief(send(server, "signed.example"))).isEqualTo("Deferred 4.4.3");
    }
  }

  @Test
  void goesOnToTheHostThatCanProveItself() throws Exception {
    try (var server = new ScriptedServer()) {
      dns.mx("signed.example", 20, "second.signed.example");
      dns.address("second.signed.example", "127.0.0.1");
      playStartTls(server).startTlsInVain(HOST.server());
      playStartTls(server).startTls(HOST.server());
      playTransaction(server, "signed.example");
      server.start();
      record(server, "mx.signed.example", new Tlsa(3, 1, 1, new byte[32]));
      record(server, "second.signed.example", tlsa(3, 1, 1, HOST.own()));

      assertThat(words(send(server, "signed.example"))).endsWith("TLS by DANE");
    }
  }

  @Test
  void encryptsWithoutProofWhereNoRecordCanBeUsed() throws Exception {
    try (var server = new ScriptedServer()) {
      playStartTls(server).startTls(HOST.server());
      playTransaction(server, "signed.example");
      server.start();
      record(
          server,
          "mx.signed.example",
          tlsa(1, 0, 1, HOST.own()),
          new Tlsa(3, 1, 1, new byte[31]),
          new Tlsa(3, 9, 1, new byte[32]));

      assertThat(words(send(server, "signed.example"))).endsWith("; TLS");
    }
  }

  @Test
  void doesNotGoOnInTheClearWhereNoRecordCanBeUsed() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx").expect("EHLO bridge.example").reply("250 mx");
      server.expect("QUIT").start();
      record(server, "mx.signed.example", tlsa(1, 0, 1, HOST.own()));

      assertThat(brief(send(server, "signed.example"))).isEqualTo("Deferred 4.7.4");
    }
  }

  @Test
  void theStrongerDigestCounts() throws Exception {
    try (var server = new ScriptedServer()) {
      playStartTls(server).startTlsInVain(HOST.server());
      server.start();
      record(
          server, "mx.signed.example", tlsa(3, 1, 1, HOST.own()), new Tlsa(3, 1, 2, new byte[64]));

      assertThat(brief(send(server, "signed.example"))).isEqualTo("Deferred 4.7.5");
    }
  }

  @Test
  void recordsOfTheAliasTargetCountFirst() throws Exception {
    try (var server = new ScriptedServer()) {
      dns.mx("alias.signed.example", 10, "alias-mx.signed.example");
      dns.alias("alias-mx.signed.example", "mx.signed.example");
      playStartTls(server).startTls(HOST.server());
      playTransaction(server, "alias.signed.example");
      server.start();
      record(server, "mx.signed.example", tlsa(3, 1, 1, HOST.own()));
      record(server, "alias-mx.signed.example", new Tlsa(3, 1, 1, new byte[32]));

      assertThat(words(send(server, "alias.signed.example"))).endsWith("TLS by DANE");
    }
  }

  @Test
  void asksNothingOfAnUnsignedDomain() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx");
      playTransaction(server, "plain.example");
      server.start();
      record(server, "mx.plain.example", tlsa(3, 1, 1, HOST.own()));

      assertThat(words(send(server, "plain.example"))).endsWith("without TLS");
      assertThat(dns.wasAsked("_" + server.port() + "._tcp.mx.plain.example TLSA")).isFalse();
    }
  }

  private static StsPolicy sts(StsPolicy.Mode mode, String... hosts) {
    return new StsPolicy(mode, List.of(hosts), Duration.ofDays(1));
  }

  @Test
  void daneCountsWhateverAnMtaStsPolicySays() throws Exception {
    try (var server = new ScriptedServer()) {
      policies = domain -> Optional.of(sts(StsPolicy.Mode.ENFORCE, "other.signed.example"));
      playStartTls(server).startTls(HOST.server());
      playTransaction(server, "signed.example");
      server.start();
      record(server, "mx.signed.example", tlsa(3, 1, 1, HOST.own()));

      assertThat(words(send(server, "signed.example"))).endsWith("TLS by DANE");
    }
  }

  @Test
  void anMtaStsPolicyCountsWhereNoRecordCanBeUsed() throws Exception {
    try (var server = new ScriptedServer()) {
      policies = domain -> Optional.of(sts(StsPolicy.Mode.ENFORCE, "mx.signed.example"));
      playStartTls(server).startTlsInVain(HOST.server());
      server.start();
      record(server, "mx.signed.example", tlsa(1, 0, 1, HOST.own()));

      assertThat(brief(send(server, "signed.example"))).isEqualTo("Deferred 4.7.5");
    }
  }

  @Test
  void aSignedHostWithoutRecordsIsTakenAsItIs() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx");
      playTransaction(server, "signed.example");
      server.start();

      assertThat(words(send(server, "signed.example"))).endsWith("without TLS");
    }
  }
}

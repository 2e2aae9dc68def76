package io.postern.out;

import static io.postern.out.Sample.OCTETS;
import static io.postern.out.Sample.STUFFED;
import static io.postern.out.Sample.brief;
import static io.postern.out.Sample.envelope;
import static io.postern.out.Sample.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.postern.mail.Delivery;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MxSenderTest {
  private static final Predicate<InetAddress> ANY = address -> true;
  private static final Predicate<InetAddress> NONE = address -> false;

  @TempDir private Path folder;

  /** No host of these tests has a name that DNSSEC vouches for, so nothing is asked. */
  private static final TlsPolicies POLICIES =
      new TlsPolicies(DnsJava.plain(List.of()), domain -> Optional.empty());

  /** What the DNS says about example.org, in order. */
  private static final class Zone implements MxResolver {
    private final List<MailHost> hosts;
    private final Map<String, List<InetAddress>> addresses = new HashMap<>();
    private final List<String> asked = new ArrayList<>();

    Zone(String... hosts) {
      this.hosts = Arrays.stream(hosts).map(host -> new MailHost(host, 10, false)).toList();
    }

    Zone at(String host, String... literals) {
      addresses.put(host, Arrays.stream(literals).map(MxSenderTest::ip).toList());
      return this;
    }

    @Override
    public List<MailHost> mailHosts(String domain) throws UndeliveredException {
      if (!domain.equals("example.org")) {
        throw UndeliveredException.refused("5.1.2", domain + " does not exist");
      }
      return hosts;
    }

    @Override
    public HostAddresses addresses(String host) throws UndeliveredException {
      asked.add(host);
      if (!addresses.containsKey(host)) {
        throw UndeliveredException.deferred("4.4.3", host + " does not resolve today");
      }
      return new HostAddresses(addresses.get(host), host, false);
    }
  }

  private static InetAddress ip(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException impossible) {
      throw new IllegalArgumentException(impossible);
    }
  }

  private static MxSender sender(MxResolver zone, int port) {
    return new MxSender(Sample.client(Sample.patient()), zone, POLICIES, ANY, NONE, port);
  }

  private MxSender overTheInternet() throws IOException {
    var dns = DnsJava.plain(List.of());
    return new MxSender("bridge.example", dns, StsPolicies.open(dns, folder, Instant::now));
  }

  private static void playDelivery(ScriptedServer server) {
    server.reply("220 mx.example.org");
    server.expect("EHLO bridge.example").reply("250 mx.example.org");
    server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
    server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
    server.expect("DATA").reply("354 go ahead");
    server.expectOctets(STUFFED).reply("250 2.0.0 taken");
  }

  @Test
  void deliversToTheMailHost() throws Exception {
    try (var server = new ScriptedServer()) {
      playDelivery(server);
      server.start();
      var zone = new Zone("mx.example.org").at("mx.example.org", "127.0.0.1");

      var delivery = sender(zone, server.port()).send(envelope(), OCTETS);

      assertThat(delivery).isEqualTo(new Delivery.Delivered("2.0.0 taken; without TLS"));
    }
  }

  @Test
  void encryptsWhereItCanWhateverTheCertificate() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 other.example.org");
      server.expect("EHLO bridge.example").reply("250-other", "250 STARTTLS");
      server.expect("STARTTLS").reply("220 go").startTls();
      server.expect("EHLO bridge.example").reply("250 other");
      server.expect("MAIL FROM:<alice@bridge.example>").reply("550 seen enough");
      server.start();
      var zone = new Zone("other.example.org").at("other.example.org", "127.0.0.1");

      var delivery = sender(zone, server.port()).send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Refused 5.0.0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"421 4.3.2 busy", "554 5.3.2 closed", "nonsense"})
  void goesOnToTheNextHostWhenOneDoesNotGreet(String greeting) throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply(greeting).drop();
      playDelivery(server);
      server.start();
      var zone = new Zone("a.example.org", "b.example.org");
      zone.at("a.example.org", "127.0.0.1").at("b.example.org", "127.0.0.1");

      var delivery = sender(zone, server.port()).send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void goesOnToTheNextAddressAndHostWhenNobodyListens() throws Exception {
    try (var server = new ScriptedServer()) {
      playDelivery(server);
      server.start();
      var zone = new Zone("a.example.org", "unknown.example.org", "b.example.org");
      zone.at("a.example.org", "127.0.0.2", "127.0.0.3");
      zone.at("b.example.org", "127.0.0.4", "127.0.0.1");

      var delivery = sender(zone, server.port()).send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void takesAHostsAnswerForFinalOnceItHasTalkedToUs() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250 mx.example.org");
      server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("450 4.2.0 greylisted");
      server.start();
      var zone = new Zone("a.example.org", "b.example.org");
      zone.at("a.example.org", "127.0.0.1").at("b.example.org", "127.0.0.1");

      var delivery = sender(zone, server.port()).send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.2.0");
    }
  }

  @Test
  void waitsIfAnyHostLeavesHope() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("554 5.7.1 not you").drop();
      server.reply("421 4.3.2 busy").start();
      var zone = new Zone("a.example.org", "b.example.org");
      zone.at("a.example.org", "127.0.0.1").at("b.example.org", "127.0.0.1");

      var delivery = sender(zone, server.port()).send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.3.2");
    }
  }

  @Test
  void triesNoMoreThanSomeAddresses() throws Exception {
    try (var server = new ScriptedServer()) {
      for (int i = 0; i < MxSender.MAX_TRIES; i++) {
        server.reply("421 busy").drop();
      }
      server.start();
      var hosts = IntStream.range(0, 20).mapToObj(i -> "h" + i + ".example.org").toList();
      var zone = new Zone(hosts.toArray(new String[0]));
      hosts.forEach(host -> zone.at(host, "127.0.0.1"));

      var delivery = sender(zone, server.port()).send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.0.0");
      assertThat(zone.asked).hasSizeLessThanOrEqualTo(MxSender.MAX_TRIES + 1);
    }
  }

  private static MxSender sender(MxResolver zone, int port, MxSender.Patience patience) {
    return new MxSender(Sample.client(Sample.patient()), zone, POLICIES, ANY, NONE, port, patience);
  }

  @Test
  void asksForNoFurtherHostWhenTheDnsHasTakenTooLong() {
    var zone = new Zone("a.example.org", "b.example.org", "c.example.org");
    var patience = new MxSender.Patience(Duration.ZERO, Duration.ofMinutes(1));

    var delivery = sender(zone, 25, patience).send(envelope(), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Deferred 4.4.3");
    assertThat(zone.asked).containsExactly("a.example.org");
  }

  @Test
  void triesNoFurtherHostWhenTheWalkHasTakenTooLongAndThenNothingIsFinal() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("554 5.7.1 not you").drop();
      server.start();
      var zone = new Zone("a.example.org", "b.example.org");
      zone.at("a.example.org", "127.0.0.1").at("b.example.org", "127.0.0.1");
      var patience = new MxSender.Patience(Duration.ofMinutes(1), Duration.ZERO);

      var delivery = sender(zone, server.port(), patience).send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.4.1");
      assertThat(zone.asked).containsExactly("a.example.org");
    }
  }

  @Test
  void refusesHostsWithoutAPublicAddress() {
    var zone = new Zone("a.example.org").at("a.example.org", "10.0.0.1", "169.254.169.254", "::1");
    var sender =
        new MxSender(
            Sample.client(Sample.patient()), zone, POLICIES, PublicAddress::isPublic, NONE, 25);

    var delivery = sender.send(envelope(), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Refused 5.4.4");
  }

  @Test
  void passesOverPrivateAddressesBesidePublicOnes() throws Exception {
    try (var server = new ScriptedServer()) {
      playDelivery(server);
      server.start();
      var zone = new Zone("a.example.org").at("a.example.org", "10.0.0.1", "127.0.0.1");
      Predicate<InetAddress> loopback = InetAddress::isLoopbackAddress;
      var sender =
          new MxSender(
              Sample.client(Sample.patient()), zone, POLICIES, loopback, NONE, server.port());

      var delivery = sender.send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void refusesMailThatWouldComeBack() {
    var zone = new Zone("a.example.org", "b.example.org");
    zone.at("a.example.org", "127.0.0.1").at("b.example.org", "127.0.0.1");
    Predicate<InetAddress> own = InetAddress::isLoopbackAddress;
    var sender = new MxSender(Sample.client(Sample.patient()), zone, POLICIES, ANY, own, 25);

    var delivery = sender.send(envelope(), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Refused 5.4.6");
  }

  @Test
  void refusesMailWhoseHostBearsOurName() {
    var zone = new Zone("Bridge.Example").at("Bridge.Example", "127.0.0.1");

    var delivery = sender(zone, 25).send(envelope(), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Refused 5.4.6");
  }

  @Test
  void knowsTheAddressesOfThisMachineForItsOwn() throws Exception {
    var delivery = overTheInternet().send(envelope("a@bridge.example", "b@[127.0.0.1]"), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Refused 5.4.6");
  }

  @Test
  void refusesAPrivateAddressLiteral() throws Exception {
    var delivery = overTheInternet().send(envelope("a@bridge.example", "b@[10.255.0.1]"), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Refused 5.4.4");
  }

  @Test
  void deliversToAnAddressLiteral() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250 mx.example.org");
      server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
      server.expect("RCPT TO:<bob@[ipv6:::ffff:127.0.0.1]>").reply("550 5.1.1 seen enough");
      server.start();
      var envelope = envelope("alice@bridge.example", "bob@[IPv6:::ffff:127.0.0.1]");

      var delivery = sender(new Zone(), server.port()).send(envelope, OCTETS);

      assertThat(words(delivery)).contains("seen enough");
    }
  }

  @Test
  void refusesADomainWhoseAsciiFormIsUncertain() {
    var delivery =
        sender(new Zone(), 25).send(envelope("a@bridge.example", "b@fa\u00df.example"), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Refused 5.1.3");
  }

  @Test
  void asksForTheAsciiFormOfADomain() {
    var delivery =
        sender(new Zone(), 25).send(envelope("a@bridge.example", "b@b\u00fccher.example"), OCTETS);

    assertThat(words(delivery)).isEqualTo("xn--bcher-kva.example does not exist");
  }

  @Test
  void tellsWhatTheDnsSays() {
    var delivery =
        sender(new Zone(), 25).send(envelope("a@bridge.example", "b@no.example"), OCTETS);

    assertThat(delivery).isEqualTo(new Delivery.Refused("5.1.2", "no.example does not exist"));
  }

  @Test
  void waitsWhenNoHostResolves() {
    var delivery = sender(new Zone("a.example.org"), 25).send(envelope(), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Deferred 4.4.3");
  }

  @Test
  void takesRecipientsOfOneDomainOnly() {
    var mixed = envelope("a@bridge.example", "b@example.org", "c@example.net");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> sender(new Zone(), 25).send(mixed, OCTETS));
  }
}

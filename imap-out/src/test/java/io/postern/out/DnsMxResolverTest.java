package io.postern.out;

import static io.postern.out.Sample.brief;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.postern.mail.Delivery;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Rcode;

class DnsMxResolverTest {
  private TinyDns dns;

  @BeforeEach
  void serve() throws IOException {
    dns = new TinyDns();
  }

  @AfterEach
  void stop() {
    dns.close();
  }

  private DnsMxResolver resolver() {
    return new DnsMxResolver(new DnsJava(dns.resolver(), Duration.ofSeconds(30)), new Random(1));
  }

  private String failureOfHosts(String domain) {
    var stop = catchThrowableOfType(UndeliveredException.class, () -> resolver().mailHosts(domain));
    return brief(stop.outcome());
  }

  private String failureOfAddresses(String host) {
    var stop = catchThrowableOfType(UndeliveredException.class, () -> resolver().addresses(host));
    return brief(stop.outcome());
  }

  @Test
  void ordersHostsByPreference() throws Exception {
    dns.mx("example.org", 20, "second.example.org").mx("example.org", 5, "first.example.org");

    assertThat(resolver().mailHosts("example.org"))
        .containsExactly(
            new MailHost("first.example.org", 5, false),
            new MailHost("second.example.org", 20, false));
  }

  @Test
  void shufflesHostsOfOnePreference() throws Exception {
    dns.mx("example.org", 10, "a.example.org").mx("example.org", 10, "b.example.org");
    dns.mx("example.org", 20, "c.example.org");
    var orders = new HashSet<List<String>>();
    var resolver = resolver();

    for (int i = 0; i < 50; i++) {
      orders.add(resolver.mailHosts("example.org").stream().map(MailHost::name).toList());
    }

    assertThat(orders)
        .containsExactlyInAnyOrder(
            List.of("a.example.org", "b.example.org", "c.example.org"),
            List.of("b.example.org", "a.example.org", "c.example.org"));
  }

  @Test
  void keepsThePreferredOfTooManyHosts() throws Exception {
    for (int i = 0; i < 40; i++) {
      dns.mx("example.org", 100 - i, "h" + i + ".example.org");
    }

    var hosts = resolver().mailHosts("example.org");

    assertThat(hosts).hasSize(DnsMxResolver.MAX_HOSTS);
    assertThat(hosts.get(0)).isEqualTo(new MailHost("h39.example.org", 61, false));
  }

  @Test
  void takesADomainWithoutMxForItsOwnHost() throws Exception {
    dns.address("example.org", "192.0.2.7");

    assertThat(resolver().mailHosts("example.org"))
        .containsExactly(new MailHost("example.org", 0, false));
  }

  @Test
  void followsAnAliasOfTheDomain() throws Exception {
    dns.cname("alias.example", "example.org").mx("example.org", 1, "mx.example.org");

    assertThat(resolver().mailHosts("alias.example"))
        .containsExactly(new MailHost("mx.example.org", 1, false));
  }

  @Test
  void followsAnAliasOfAHost() throws Exception {
    dns.cname("mx.example.org", "real.example.org").address("real.example.org", "192.0.2.7");

    assertThat(resolver().addresses("mx.example.org").addresses())
        .containsExactly(InetAddress.getByName("192.0.2.7"));
  }

  @Test
  void waitsWhenAliasesRunInCircles() throws Exception {
    dns.cname("a.example", "b.example").cname("b.example", "a.example");

    assertThat(failureOfHosts("a.example")).isEqualTo("Deferred 4.4.3");
  }

  @Test
  void refusesADomainThatSaysItTakesNoMail() throws Exception {
    dns.mx("example.org", 0, ".").address("example.org", "192.0.2.7");

    assertThat(failureOfHosts("example.org")).isEqualTo("Refused 5.1.10");
  }

  @Test
  void ignoresANullHostBesideOthers() throws Exception {
    dns.mx("example.org", 0, ".").mx("example.org", 10, "mx.example.org");

    assertThat(resolver().mailHosts("example.org"))
        .containsExactly(new MailHost("mx.example.org", 10, false));
  }

  @Test
  void refusesADomainThatDoesNotExist() {
    assertThat(failureOfHosts("nowhere.example")).isEqualTo("Refused 5.1.2");
  }

  @Test
  void refusesWhatIsNoName() {
    assertThat(failureOfHosts("a".repeat(64) + ".example")).isEqualTo("Refused 5.1.2");
    assertThat(failureOfHosts("a..example")).isEqualTo("Refused 5.1.2");
  }

  @Test
  void waitsWhenTheServerFails() throws Exception {
    dns.fails("example.org", Rcode.SERVFAIL);

    assertThat(failureOfHosts("example.org")).isEqualTo("Deferred 4.4.3");
    assertThat(failureOfAddresses("example.org")).isEqualTo("Deferred 4.4.3");
  }

  @Test
  void waitsWhenTheServerRefuses() throws Exception {
    dns.fails("example.org", Rcode.REFUSED);

    assertThat(failureOfHosts("example.org")).isEqualTo("Deferred 4.4.3");
  }

  @Test
  void waitsWhenNobodyAnswers() throws Exception {
    dns.silent("example.org");
    var impatient = dns.resolver();
    impatient.setTimeout(Duration.ofMillis(200));

    var stop =
        catchThrowableOfType(
            UndeliveredException.class,
            () ->
                new DnsMxResolver(new DnsJava(impatient, Duration.ofSeconds(30)), new Random(1))
                    .mailHosts("example.org"));

    assertThat(brief(stop.outcome())).isEqualTo("Deferred 4.4.3");
  }

  @Test
  void findsAddressesOfBothFamilies() throws Exception {
    dns.address("mx.example.org", "192.0.2.7").address("mx.example.org", "2001:db8::7");

    assertThat(resolver().addresses("mx.example.org").addresses())
        .containsExactly(InetAddress.getByName("2001:db8::7"), InetAddress.getByName("192.0.2.7"));
  }

  @Test
  void limitsAddresses() throws Exception {
    for (int i = 1; i < 40; i++) {
      dns.address("mx.example.org", "192.0.2." + i);
    }

    assertThat(resolver().addresses("mx.example.org").addresses())
        .hasSize(DnsMxResolver.MAX_ADDRESSES);
  }

  @Test
  void aDomainThatIsNoneIsAboutTheRecipientAndAHostWithoutAddressIsNot() throws Exception {
    dns.mx("closed.example", 0, ".").empty("mx.example.org");
    var resolver = resolver();

    var absent =
        catchThrowableOfType(
            UndeliveredException.class, () -> resolver.mailHosts("nowhere.example"));
    var closed =
        catchThrowableOfType(
            UndeliveredException.class, () -> resolver.mailHosts("closed.example"));
    var nowhere =
        catchThrowableOfType(
            UndeliveredException.class, () -> resolver.addresses("mx.example.org"));

    assertThat(((Delivery.Refused) absent.outcome()).isOfRecipient()).isTrue();
    assertThat(((Delivery.Refused) closed.outcome()).isOfRecipient()).isTrue();
    assertThat(((Delivery.Refused) nowhere.outcome()).isOfRecipient()).isFalse();
  }

  @Test
  void refusesAHostWithoutAddress() throws Exception {
    dns.empty("mx.example.org");

    assertThat(failureOfAddresses("mx.example.org")).isEqualTo("Refused 5.1.2");
    assertThat(failureOfAddresses("nowhere.example")).isEqualTo("Refused 5.1.2");
  }
}

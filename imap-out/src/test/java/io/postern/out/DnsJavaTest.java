package io.postern.out;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.auth.Dns;
import io.postern.mail.auth.DnsException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;

class DnsJavaTest {
  private TinyDns server;
  private DnsJava dns;

  @BeforeEach
  void start() throws Exception {
    server = new TinyDns();
    dns = new DnsJava(server.resolver(), Duration.ofSeconds(30));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void joinsTheStringsOfATextAndKeepsEachRecordApart() throws Exception {
    server.txt("example.org", "v=spf1 ", "-all").txt("example.org", "\u00e9");

    assertThat(dns.txt("example.org").records()).containsExactlyInAnyOrder("v=spf1 -all", "\u00e9");
  }

  @Test
  void tellsANameWithoutRecordsFromNoName() throws Exception {
    server.empty("example.org");

    assertThat(dns.txt("example.org")).isEqualTo(Dns.Answer.none());
    assertThat(dns.txt("absent.example.org")).isEqualTo(Dns.Answer.noSuchName());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a..b", "..", ".", "", "a b.example.org", "\u00fc.example.org"})
  void namesThatNobodyHasHaveNoRecords(String name) throws Exception {
    assertThat(dns.a(name).records()).isEmpty();
    assertThat(dns.a("x".repeat(64) + ".example.org").nameExists()).isFalse();
    assertThat(dns.a("x.".repeat(200) + "example.org").nameExists()).isFalse();
  }

  @Test
  void followsAliases() throws Exception {
    server.cname("www.example.org", "host.example.org").address("host.example.org", "192.0.2.1");

    assertThat(dns.a("www.example.org").records())
        .containsExactly(InetAddress.getByName("192.0.2.1"));
  }

  @Test
  void saysTheNamesOfAnAddress() throws Exception {
    server.ptr("1.2.0.192.in-addr.arpa", "mx.example.org");

    assertThat(dns.ptr(InetAddress.getByName("192.0.2.1")).records())
        .containsExactly("mx.example.org");
  }

  @Test
  void ordersMailHostsAndShowsTheNullOne() throws Exception {
    server.mx("example.org", 20, "b.example.org").mx("example.org", 10, "a.example.org");
    server.mx("null.example.org", 0, ".");

    assertThat(dns.mx("example.org").records())
        .containsExactly(new Dns.Mx(10, "a.example.org"), new Dns.Mx(20, "b.example.org"));
    assertThat(dns.mx("null.example.org").records()).containsExactly(new Dns.Mx(0, ""));
  }

  @Test
  void saysThatItCannotSay() throws Exception {
    server.fails("broken.example.org", Rcode.SERVFAIL).silent("silent.example.org");
    var impatient = server.resolver();
    impatient.setTimeout(Duration.ofMillis(200));

    assertThatThrownBy(() -> dns.txt("broken.example.org"))
        .isInstanceOf(DnsException.class)
        .hasMessageContaining("TXT records of broken.example.org");
    var bounded = new DnsJava(impatient, Duration.ofSeconds(30));
    assertThatThrownBy(() -> bounded.txt("silent.example.org")).isInstanceOf(DnsException.class);
  }

  @Test
  void boundsAQuestionWhateverItsTriesTake() throws Exception {
    server.silent("silent.example.org");
    var patient = server.resolver();
    patient.setTimeout(Duration.ofHours(1));

    var bounded = new DnsJava(patient, Duration.ofMillis(200));

    assertThatThrownBy(() -> bounded.txt("silent.example.org"))
        .isInstanceOf(DnsException.class)
        .hasMessageContaining("no answer in time");
  }

  @Test
  void noCharacterOfANameHasASecondMeaning() throws Exception {
    server.txt("a.example.org", "plain").txt("@", "origin");

    for (var name : List.of("\\a.example.org", "\\097.example.org", "a\\.example.org", "@")) {
      assertThat(dns.txt(name).records()).as(name).isEmpty();
    }
  }

  @Test
  void keepsNothing() throws Exception {
    server.txt("example.org", "one");
    dns.txt("example.org");
    server.txt("example.org", "two");

    assertThat(dns.txt("example.org").records()).containsExactlyInAnyOrder("one", "two");
  }
}

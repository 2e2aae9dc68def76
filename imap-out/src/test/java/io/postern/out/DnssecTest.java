package io.postern.out;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.auth.Dns;
import io.postern.mail.auth.DnsException;
import io.postern.out.SignedDns.Damage;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Type;

/** Validation from the root on, with real signatures. */
class DnssecTest {
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Tlsa RECORD = new Tlsa(3, 1, 1, new byte[32]);

  @TempDir private Path folder;
  private SignedDns server;

  @BeforeEach
  void start() throws Exception {
    server = new SignedDns();
    server.mx("signed.example", 10, "mx.signed.example").address("mx.signed.example", "192.0.2.1");
    server.mx("plain.example", 10, "mx.plain.example").address("mx.plain.example", "192.0.2.2");
    server.tlsa("_25._tcp.mx.signed.example", RECORD);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void vouchesForWhatIsSigned() throws Exception {
    var dns = server.validating();

    assertThat(dns.mx("signed.example").authentic()).isTrue();
    assertThat(dns.tlsa("_25._tcp.mx.signed.example"))
        .isEqualTo(new Dns.Answer<>(List.of(RECORD), true, true));
    assertThat(dns.host("mx.signed.example").authentic()).isTrue();
  }

  @Test
  void vouchesForWhatIsProvedToBeAbsent() throws Exception {
    var dns = server.validating();

    var noData = dns.txt("mx.signed.example");
    var noName = dns.tlsa("_25._tcp.absent.signed.example");

    assertThat(noData.records()).isEmpty();
    assertThat(noData.nameExists()).isTrue();
    assertThat(noData.authentic()).isTrue();
    assertThat(noName.nameExists()).isFalse();
    assertThat(noName.authentic()).isTrue();
  }

  @Test
  void vouchesForNothingBelowAnUnsignedDelegation() throws Exception {
    var dns = server.validating();

    assertThat(dns.mx("plain.example").records()).hasSize(1);
    assertThat(dns.mx("plain.example").authentic()).isFalse();
    assertThat(dns.host("mx.plain.example").authentic()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void whatIsDamagedIsNoAnswer(Damage damage) throws Exception {
    server.damage("_25._tcp.mx.signed.example", Type.TLSA, damage);
    var dns = server.validating();

    assertThatThrownBy(() -> dns.tlsa("_25._tcp.mx.signed.example"))
        .isInstanceOf(DnsException.class)
        .hasMessageContaining("TLSA records of _25._tcp.mx.signed.example");
  }

  @Test
  void aDelegationCannotBeMadeUnsigned() throws Exception {
    server.damage("signed.example", Type.DS, Damage.HIDDEN);
    var dns = server.validating();

    assertThatThrownBy(() -> dns.mx("signed.example")).isInstanceOf(DnsException.class);
  }

  @Test
  void believesNoRootButItsOwn() throws Exception {
    try (var other = new SignedDns()) {
      var dns = DnsJava.validating(server.resolver(), other.anchor(), Clock.systemUTC(), LONGEST);

      assertThatThrownBy(() -> dns.mx("signed.example")).isInstanceOf(DnsException.class);
    }
  }

  @Test
  void believesNoServerThatSaysItHasValidated() throws Exception {
    var dns = new DnsJava(server.resolver(), LONGEST);

    assertThat(dns.mx("signed.example").authentic()).isFalse();
  }

  @Test
  void signaturesEnd() {
    var later = Clock.fixed(Instant.now().plus(Duration.ofDays(30)), ZoneOffset.UTC);
    var dns = DnsJava.validating(server.resolver(), server.anchor(), later, LONGEST);

    assertThatThrownBy(() -> dns.mx("signed.example")).isInstanceOf(DnsException.class);
  }

  @Test
  void anAliasIsAsSecureAsWhatItLeadsTo() throws Exception {
    server.alias("to-signed.signed.example", "mx.signed.example");
    server.alias("to-plain.signed.example", "mx.plain.example");
    var dns = server.validating();

    var secure = dns.host("to-signed.signed.example");
    var insecure = dns.host("to-plain.signed.example");

    assertThat(secure)
        .isEqualTo(
            new HostAddresses(
                List.of(InetAddress.getByName("192.0.2.1")), "mx.signed.example", true));
    assertThat(insecure.canonicalName()).isEqualTo("mx.plain.example");
    assertThat(insecure.authentic()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {Type.A, Type.AAAA})
  void addressesOfOneFamilyThatCannotBeHadTakeNoSecurityFromTheOthers(int type) throws Exception {
    server.address("mx.signed.example", "2001:db8::1").address("mx.plain.example", "2001:db8::2");
    server.damage("mx.signed.example", type, Damage.FAILED);
    server.damage("mx.plain.example", type, Damage.FAILED);

    var secure = server.validating().host("mx.signed.example");
    var insecure = server.validating().host("mx.plain.example");

    assertThat(secure.addresses()).hasSize(1);
    assertThat(secure.authentic()).isTrue();
    assertThat(insecure.addresses()).hasSize(1);
    assertThat(insecure.authentic()).isFalse();
  }

  @Test
  void theAnchorsOfTheRealRootAreReadable() {
    var dns = DnsJava.validating(server.resolver(), RootAnchors.IANA, Clock.systemUTC(), LONGEST);

    assertThatThrownBy(() -> dns.mx("signed.example")).isInstanceOf(DnsException.class);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> DnsJava.validating(server.resolver(), ". IN DS x", Clock.systemUTC(), LONGEST));
  }

  private ProvenDns proven() {
    return new ProvenDns(
        server.validating(),
        new DnsJava(server.resolver(), LONGEST),
        Instant::now,
        Optional.of(folder.resolve("dnssec-proven")));
  }

  @Test
  void goesOnWithoutDnssecBehindAServerThatPassesNoSignatures() throws Exception {
    server.passNoSignatures();
    var dns = proven();

    var answer = dns.mx("signed.example");

    assertThat(dns.isProven()).isFalse();
    assertThat(answer.records()).hasSize(1);
    assertThat(answer.authentic()).isFalse();
  }

  @Test
  void onceProvenAMissingSignatureIsAForgery() throws Exception {
    var dns = proven();
    assertThat(dns.mx("signed.example").authentic()).isTrue();

    server.passNoSignatures();

    assertThatThrownBy(() -> dns.mx("signed.example")).isInstanceOf(DnsException.class);
  }

  @Test
  void aServerThatDoesNotAnswerProvesNothing() throws Exception {
    server.damage(".", Type.NS, Damage.FAILED);
    var dns = proven();

    assertThatThrownBy(() -> dns.mx("signed.example")).isInstanceOf(DnsException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {Type.NS, Type.DNSKEY})
  void anAnswerThatIsLostAtTheStartDoesNotTurnDnssecOff(int type) throws Exception {
    server.lose(".", type);
    var impatient = server.resolver();
    impatient.setTimeout(Duration.ofMillis(100));
    var dns =
        new ProvenDns(
            DnsJava.validating(impatient, server.anchor(), Clock.systemUTC(), LONGEST),
            new DnsJava(impatient, LONGEST),
            Instant::now,
            Optional.empty());

    assertThatThrownBy(() -> dns.mx("signed.example")).isInstanceOf(DnsException.class);
    server.loseNothing();
    impatient.setTimeout(Duration.ofSeconds(10));

    assertThat(dns.mx("signed.example").authentic()).isTrue();
  }

  @Test
  void onceProvenAMissingSignatureIsAForgeryAfterARestartToo() throws Exception {
    assertThat(proven().mx("signed.example").authentic()).isTrue();

    server.passNoSignatures();
    var restarted = proven();

    assertThat(restarted.isProven()).isTrue();
    assertThatThrownBy(() -> restarted.mx("signed.example")).isInstanceOf(DnsException.class);
  }

  @Test
  void whatWasNeverProvenIsNotRemembered() throws Exception {
    server.passNoSignatures();

    assertThat(proven().isProven()).isFalse();

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void isProvenEvenWhereThatCannotBeRemembered() throws Exception {
    var dns =
        new ProvenDns(
            server.validating(),
            new DnsJava(server.resolver(), LONGEST),
            Instant::now,
            Optional.of(folder.resolve("absent").resolve("dnssec-proven")));

    assertThat(dns.mx("signed.example").authentic()).isTrue();
  }
}

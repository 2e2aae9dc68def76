package io.postern.out;

import static io.postern.out.TestAuthority.tlsa;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DaneTrustTest {
  private static final TestAuthority AUTHORITY = new TestAuthority();
  private static final Instant YESTERDAY = Instant.now().minus(Duration.ofDays(1));
  private static final List<String> NAMES = List.of("mx.example.org", "example.org");

  private static ThrowingCallable check(X509Certificate[] chain, Tlsa... records) {
    return () -> new DaneTrust(List.of(records), NAMES).checkServerTrusted(chain, "ECDHE_ECDSA");
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0,1", "0,2", "1,0", "1,1", "1,2"})
  void believesTheServersOwnCertificateOrKey(int selector, int matchingType) {
    var server = AUTHORITY.server("mx.example.org");
    var record = tlsa(Tlsa.DANE_EE, selector, matchingType, server.own());

    assertThatCode(check(server.chain(), record)).doesNotThrowAnyException();
    assertThatThrownBy(check(AUTHORITY.server("mx.example.org").chain(), record))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void namesAndTimesOfAnOwnCertificateDoNotMatter() {
    var server = AUTHORITY.server(YESTERDAY, "other.example.net");

    assertThatCode(check(server.chain(), tlsa(Tlsa.DANE_EE, 1, 1, server.own())))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0,1", "0,2", "1,0", "1,1", "1,2"})
  void believesWhatItsAuthorityHasSigned(int selector, int matchingType) {
    var server = AUTHORITY.server("mx.example.org");
    var record = tlsa(Tlsa.DANE_TA, selector, matchingType, AUTHORITY.certificate());

    assertThatCode(check(server.chain(), record)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void anAuthorityThatStandsInFullNeedNotBeSent(int selector) {
    var server = AUTHORITY.server("mx.example.org");
    var record = tlsa(Tlsa.DANE_TA, selector, 0, AUTHORITY.certificate());

    assertThatCode(check(new X509Certificate[] {server.own()}, record)).doesNotThrowAnyException();
  }

  @Test
  void belowAnAuthorityTheNameMustBeRight() {
    var record = tlsa(Tlsa.DANE_TA, 0, 1, AUTHORITY.certificate());

    assertThatCode(check(AUTHORITY.server("example.org").chain(), record))
        .doesNotThrowAnyException();
    assertThatCode(check(AUTHORITY.server("*.EXAMPLE.org").chain(), record))
        .doesNotThrowAnyException();
    for (var other :
        List.of("other.example.net", "*.example.net", "a.mx.example.org", "*", "mx*.org")) {
      assertThatThrownBy(check(AUTHORITY.server(other).chain(), record))
          .as(other)
          .isInstanceOf(CertificateException.class)
          .hasMessageContaining("none of the names");
    }
  }

  @Test
  void belowAnAuthorityTheCertificateMustBeInTime() {
    var server = AUTHORITY.server(YESTERDAY, "mx.example.org");

    assertThatThrownBy(check(server.chain(), tlsa(Tlsa.DANE_TA, 0, 1, AUTHORITY.certificate())))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("no valid path");
  }

  @Test
  void anAuthorityMustHaveSignedAndNotOnlyBeSent() {
    var stranger = new TestAuthority().server("mx.example.org");
    X509Certificate[] chain = {stranger.own(), AUTHORITY.certificate()};

    assertThatThrownBy(check(chain, tlsa(Tlsa.DANE_TA, 0, 1, AUTHORITY.certificate())))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void aServersOwnCertificateIsNoAuthority() {
    var server = AUTHORITY.server("mx.example.org");

    assertThatThrownBy(check(server.chain(), tlsa(Tlsa.DANE_TA, 0, 1, server.own())))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void anAuthorityIsNoServer() {
    var server = AUTHORITY.server("mx.example.org");

    assertThatThrownBy(check(server.chain(), tlsa(Tlsa.DANE_EE, 0, 1, AUTHORITY.certificate())))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void whatCannotBeReadNamesNobody() {
    var server = AUTHORITY.server("mx.example.org");
    var junk = new byte[] {1, 2, 3};

    assertThatThrownBy(check(server.chain(), new Tlsa(2, 0, 0, junk), new Tlsa(2, 1, 0, junk)))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(check(new X509Certificate[0], new Tlsa(3, 0, 0, junk)))
        .isInstanceOf(CertificateException.class);
  }
}

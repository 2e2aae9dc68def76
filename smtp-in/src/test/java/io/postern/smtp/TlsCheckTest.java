package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsCheckTest {
  private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant TO = Instant.parse("2026-04-01T00:00:00Z");

  @TempDir Path folder;

  private TlsCheck of(String... names) throws Exception {
    return TlsCheck.of(TestCertificate.write(folder, FROM, TO, names));
  }

  @Test
  void saysWhenACertificateHasExpiredOrHasNotBegun() throws Exception {
    var check = of("mx.bridge.example");

    assertThatCode(() -> check.requireValidAt(FROM.plusSeconds(1))).doesNotThrowAnyException();
    assertThatThrownBy(() -> check.requireValidAt(TO.plusSeconds(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tls.pem: has expired on 2026-04-01T00:00:00Z; renew it");
    assertThatThrownBy(() -> check.requireValidAt(FROM.minusSeconds(1)))
        .hasMessageContaining("begins on 2026-01-01T00:00:00Z; is the clock right?");
  }

  @Test
  void saysWhichHostsACertificateNames() throws Exception {
    var check = of("bridge.example", "*.mail.example");

    for (var name : new String[] {"bridge.example", "BRIDGE.example", "mx.mail.example"}) {
      assertThatCode(() -> check.requireName(name)).doesNotThrowAnyException();
    }
    for (var name : new String[] {"mx.bridge.example", "mail.example", "a.mx.mail.example"}) {
      assertThatThrownBy(() -> check.requireName(name))
          .hasMessageContaining("names bridge.example, *.mail.example, not " + name);
    }
    assertThatThrownBy(() -> of().requireName("bridge.example"))
        .hasMessageContaining("names no host, not bridge.example");
  }

  @Test
  void aKeyThatIsAnothersIsFound() throws Exception {
    var one = TestCertificate.write(folder.resolve("one"), FROM, TO, "a.example");
    var other = TestCertificate.write(folder.resolve("other"), FROM, TO, "a.example");

    assertThatThrownBy(() -> TlsCheck.of(new SmtpSettings.TlsFiles(one.certificate(), other.key())))
        .hasMessageContaining("is not the key of the first certificate");
  }
}

package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmtpSettingsTest {
  @Test
  void takes25MebibytesAndAHundredRecipientsByDefault() {
    var settings = SmtpSettings.of("0.0.0.0:2525", "mx.example.org");

    assertEquals("0.0.0.0", settings.host());
    assertEquals(2525, settings.port());
    assertEquals(25 * 1024 * 1024, settings.mails().maxMailBytes());
    assertEquals(100, settings.mails().maxRecipients());
    assertEquals(Duration.ofMinutes(5), settings.timeouts().idle());
    assertThat(settings.tls()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:0", "127.9.9.9:25", "[::1]:25", "localhost:25"})
  void knowsTheLoopback(String listen) {
    assertTrue(SmtpSettings.of(listen, "mx.example.org").isLoopback());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0:25", "[::]:25", "203.0.113.5:25", "[2001:db8::1]:25"})
  void knowsWhatIsNotTheLoopback(String listen) {
    assertFalse(SmtpSettings.of(listen, "mx.example.org").isLoopback());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "25", ":25", "127.0.0.1", "127.0.0.1:", "::1:25", "a:b", "a:65536"})
  void saysWhatToWriteForListen(String listen) {
    var wrong =
        assertThrows(
            IllegalArgumentException.class, () -> SmtpSettings.of(listen, "mx.example.org"));

    assertThat(wrong).hasMessageContaining("smtp.").hasMessageContaining("write");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a..b", "-a.example", "a\r\nb", "a.example."})
  void refusesAHostnameThatIsNone(String hostname) {
    assertThrows(IllegalArgumentException.class, () -> SmtpSettings.of("127.0.0.1:25", hostname));
  }

  @Test
  void refusesLimitsThatCannotWork() {
    var settings = SmtpSettings.of("127.0.0.1:25", "mx.example.org");
    var minute = Duration.ofMinutes(1);

    assertThrows(IllegalArgumentException.class, () -> settings.withLimits(0, 1));
    assertThrows(IllegalArgumentException.class, () -> settings.withLimits(Long.MAX_VALUE, 1));
    assertThrows(IllegalArgumentException.class, () -> settings.withLimits(4096, 0));
    assertThrows(IllegalArgumentException.class, () -> settings.withClientLimits(0, 1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> settings.withTimeouts(Duration.ZERO, minute, minute));
    assertThrows(
        IllegalArgumentException.class,
        () -> settings.withTimeouts(minute, minute, Duration.ofDays(2)));
  }
}

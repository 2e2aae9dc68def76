package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.auth.DnsException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MailDnsTest {
  private final TestClock clock = new TestClock();
  private final TestDns zone = new TestDns();
  private final MailDns dns = new MailDns(zone, clock);

  @Test
  void asksEachQuestionOnce() throws Exception {
    zone.txt("example.org", "before");
    dns.txt("example.org");
    zone.txt("example.org", "after");

    assertThat(dns.txt("example.org").records()).containsExactly("before");
  }

  @Test
  void doesNotAskAgainWhatCouldNotBeSaid() {
    zone.silent("example.org");

    assertThatThrownBy(() -> dns.txt("example.org")).isInstanceOf(DnsException.class);
    clock.goOn(MailDns.LONGEST);
    assertThatThrownBy(() -> dns.txt("example.org")).hasMessageContaining("no answer");
  }

  @Test
  void hasABoundedTimeForAllQuestionsTogether() throws Exception {
    zone.txt("one.example.org", "1").txt("two.example.org", "2");
    clock.goOn(MailDns.LONGEST.minus(Duration.ofMillis(1)));
    assertThat(dns.txt("one.example.org").records()).containsExactly("1");
    clock.goOn(Duration.ofMillis(1));

    assertThatThrownBy(() -> dns.txt("two.example.org"))
        .isInstanceOf(DnsException.class)
        .hasMessageContaining("takes too long");
    assertThat(dns.txt("one.example.org").records()).containsExactly("1");
  }
}

package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class SenderLimitsTest {
  private static final long SECOND = 1_000_000_000L;

  private final SenderLimits limits =
      new SenderLimits(SmtpSettings.of("127.0.0.1:0", "mx.example.org").withClientLimits(3, 2, 60));

  @Test
  void countsSessionsOfAnAddressAndOfAll() throws Exception {
    var first = place();
    assertThat(first.of(address("203.0.113.1"))).isEmpty();
    assertThat(place().of(address("203.0.113.1"))).isEmpty();
    var third = place();
    assertEquals("4.7.0", third.of(address("203.0.113.1")).orElseThrow().status());
    third.close();
    assertThat(place().of(address("203.0.113.2"))).isEmpty();
    assertThat(limits.enter())
        .isInstanceOfSatisfying(
            SenderLimits.Full.class, full -> assertEquals("4.3.2", full.reply().status()));

    first.close();

    assertThat(place().of(address("203.0.113.1"))).isEmpty();
  }

  @Test
  void takesAnIpv6NetworkForOneClient() throws Exception {
    assertThat(place().of(address("2001:db8:0:1::1"))).isEmpty();
    assertThat(place().of(address("2001:db8:0:1::2"))).isEmpty();
    var third = place();
    assertThat(third.of(address("2001:db8:0:1:ffff::3"))).isPresent();
    third.close();
    assertThat(place().of(address("2001:db8:0:2::1"))).isEmpty();
  }

  private SenderLimits.Place place() {
    return (SenderLimits.Place) limits.enter();
  }

  @Test
  void allowsSoManyMailsAMinute() throws Exception {
    var sender = address("203.0.113.1");
    for (int i = 0; i < 60; i++) {
      assertThat(limits.mail(sender, 0)).isEmpty();
    }
    assertEquals(450, limits.mail(sender, 0).orElseThrow().code());
    assertThat(limits.mail(address("203.0.113.2"), 0)).isEmpty();

    assertThat(limits.mail(sender, 2 * SECOND)).isEmpty();
    assertThat(limits.mail(sender, 2 * SECOND)).isEmpty();
    assertThat(limits.mail(sender, 2 * SECOND)).isPresent();
  }

  private static InetAddress address(String text) throws Exception {
    return InetAddress.getByName(text);
  }
}

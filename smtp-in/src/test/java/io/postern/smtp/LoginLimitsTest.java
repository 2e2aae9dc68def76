package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoginLimitsTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long HOUR = Duration.ofHours(1).toNanos();

  private final LoginLimits limits = new LoginLimits();

  private static InetAddress address(String text) throws Exception {
    return InetAddress.getByName(text);
  }

  private void fail(String address, int times, long at) throws Exception {
    for (int i = 0; i < times; i++) {
      assertThat(limits.attempt(address(address), at)).isEmpty();
    }
  }

  @Test
  void theWaitDoublesWithEachFailure() throws Exception {
    fail("203.0.113.1", LoginLimits.FREE_FAILURES, 0);

    var refused = limits.attempt(address("203.0.113.1"), 0).orElseThrow();
    assertEquals(454, refused.code());
    assertThat(refused.toString()).contains("try again in 2 seconds");
    assertThat(limits.attempt(address("203.0.113.1"), SECOND)).isEmpty();
    assertThat(limits.attempt(address("203.0.113.1"), 2 * SECOND)).isPresent();
    assertThat(limits.attempt(address("203.0.113.1"), 3 * SECOND)).isEmpty();
    assertThat(limits.attempt(address("203.0.113.1"), 6 * SECOND)).isPresent();
    assertThat(limits.attempt(address("203.0.113.1"), 7 * SECOND)).isEmpty();
  }

  @Test
  void theLongestWaitIsAnHourAndThenAllIsForgotten() throws Exception {
    long now = 0;
    for (int i = 0; i < 100; i++) {
      fail("203.0.113.1", 1, now);
      now += HOUR;
    }

    now += SECOND;
    fail("203.0.113.1", LoginLimits.FREE_FAILURES, now);
    assertThat(limits.attempt(address("203.0.113.1"), now)).isPresent();
  }

  @Test
  void aRightPasswordTakesBackItsOwnAttemptOnly() throws Exception {
    fail("203.0.113.1", LoginLimits.FREE_FAILURES - 1, 0);
    for (int i = 0; i < 10; i++) {
      fail("203.0.113.1", 1, 0);
      limits.succeeded(address("203.0.113.1"));
    }

    fail("203.0.113.1", 1, 0);
    assertThat(limits.attempt(address("203.0.113.1"), 0)).isPresent();
  }

  @Test
  void othersDoNotWaitAndAnIpv6NetworkIsOneClient() throws Exception {
    fail("2001:db8::1", LoginLimits.FREE_FAILURES, 0);

    assertThat(limits.attempt(address("2001:db8::2"), 0)).isPresent();
    assertThat(limits.attempt(address("2001:db8:0:1::1"), 0)).isEmpty();
    assertThat(limits.attempt(address("203.0.113.1"), 0)).isEmpty();
  }
}

package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoginLimitsTest {
  private static final String BOB = "bob@example.org";
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long HOUR = Duration.ofHours(1).toNanos();

  private final LoginLimits limits = new LoginLimits();

  private static InetAddress address(String text) throws Exception {
    return InetAddress.getByName(text);
  }

  private Optional<SmtpReply> attempt(String address, long at) throws Exception {
    return attempt(address, BOB, at);
  }

  private Optional<SmtpReply> attempt(String address, String name, long at) throws Exception {
    return limits.attempt(address(address), name, at);
  }

  private void fail(String address, int times, long at) throws Exception {
    for (int i = 0; i < times; i++) {
      assertThat(attempt(address, at)).isEmpty();
    }
  }

  @Test
  void theWaitDoublesWithEachFailure() throws Exception {
    fail("203.0.113.1", LoginLimits.FREE_FAILURES, 0);

    var refused = attempt("203.0.113.1", 0).orElseThrow();
    assertEquals(454, refused.code());
    assertThat(refused.toString()).contains("try again in 2 seconds");
    assertThat(attempt("203.0.113.1", SECOND)).isEmpty();
    assertThat(attempt("203.0.113.1", 2 * SECOND)).isPresent();
    assertThat(attempt("203.0.113.1", 3 * SECOND)).isEmpty();
    assertThat(attempt("203.0.113.1", 6 * SECOND)).isPresent();
    assertThat(attempt("203.0.113.1", 7 * SECOND)).isEmpty();
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
    assertThat(attempt("203.0.113.1", now)).isPresent();
  }

  @Test
  void aRightPasswordTakesBackItsOwnAttemptOnly() throws Exception {
    fail("203.0.113.1", LoginLimits.FREE_FAILURES - 1, 0);
    for (int i = 0; i < 10; i++) {
      fail("203.0.113.1", 1, 0);
      limits.succeeded(address("203.0.113.1"), BOB);
    }

    fail("203.0.113.1", 1, 0);
    assertThat(attempt("203.0.113.1", 0)).isPresent();
  }

  @Test
  void othersDoNotWaitAndAnIpv6NetworkIsOneClient() throws Exception {
    fail("2001:db8::1", LoginLimits.FREE_FAILURES, 0);

    assertThat(attempt("2001:db8::2", 0)).isPresent();
    assertThat(attempt("2001:db8:0:1::1", 0)).isEmpty();
    assertThat(attempt("203.0.113.1", 0)).isEmpty();
  }

  @Test
  void whoHasA48HasNoFreeTriesForEachOfIts64s() throws Exception {
    for (int i = 0; i < LoginLimits.FREE_FAILURES_OF_NETWORK; i++) {
      assertThat(attempt("2001:db8:0:" + Integer.toHexString(i) + "::1", "n" + i, 0)).isEmpty();
    }

    assertThat(attempt("2001:db8:0:ffff::1", 0).orElseThrow().toString())
        .contains("454 4.7.0 Too many failed logins from your network");
    assertThat(attempt("2001:db8:1::1", 0)).as("another /48").isEmpty();
    assertThat(attempt("203.0.113.1", 0)).isEmpty();
  }

  @Test
  void theLongestWaitOfANetworkIsFiveMinutes() throws Exception {
    long now = 0;
    for (int i = 0; i < 100; i++) {
      var each = "2001:db8:0:" + Integer.toHexString(i) + "::1";
      assertThat(attempt(each, "n" + i, now)).isEmpty();
      now += 300 * SECOND;
    }

    assertThat(attempt("2001:db8:0:ffff::1", now - SECOND)).isPresent();
    assertThat(attempt("2001:db8:0:ffff::1", now)).isEmpty();
  }

  /** Each from an address of its own. */
  private void failFromEverywhere(String name, int times, long at) throws Exception {
    for (int i = 0; i < times; i++) {
      assertThat(attempt("198.51." + i / 250 + "." + i % 250, name, at)).isEmpty();
    }
  }

  @Test
  void manyClientsTogetherGuessAtOneNameWithAWait() throws Exception {
    failFromEverywhere(BOB, LoginLimits.FREE_FAILURES_OF_NAME - 1, 0);
    failFromEverywhere("BOB@Example.ORG", 1, 0);

    assertThat(attempt("203.0.113.1", 0).orElseThrow().toString())
        .contains("454 4.7.0 Too many failed logins for this name");
    assertThat(attempt("203.0.113.1", "carol@example.org", 0)).as("another name").isEmpty();
    assertThat(attempt("203.0.113.1", SECOND)).isEmpty();
  }

  @Test
  void aNameThatNobodyHasWaitsLikeOneThatSomebodyHas() throws Exception {
    failFromEverywhere("no address", LoginLimits.FREE_FAILURES_OF_NAME, 0);

    assertThat(attempt("203.0.113.1", "no address", 0)).isPresent();
  }

  @Test
  void aStrangerLocksNobodyOutForLong() throws Exception {
    failFromEverywhere(BOB, LoginLimits.FREE_FAILURES_OF_NAME, 0);
    long now = 0;
    for (int i = 0; i < 20; i++) {
      now += 30 * SECOND;
      assertThat(attempt("203.0.113." + i, now)).isEmpty();
    }

    assertThat(attempt("192.0.2.1", now + 29 * SECOND)).isPresent();
    assertThat(attempt("192.0.2.1", now + 30 * SECOND)).isEmpty();
  }

  @Test
  void whereANameHasLoggedInBeforeItDoesNotWaitForWhatOthersDo() throws Exception {
    fail("203.0.113.1", 1, 0);
    limits.succeeded(address("203.0.113.1"), "Bob@example.org");
    failFromEverywhere(BOB, LoginLimits.FREE_FAILURES_OF_NAME, 0);

    fail("203.0.113.1", LoginLimits.FREE_FAILURES, 0);
    assertThat(attempt("203.0.113.1", 0)).as("its own count holds").isPresent();
    assertThat(attempt("203.0.113.2", 0)).isPresent();
  }

  @Test
  void whatCouldNotBeJudgedMakesNobodyTrusted() throws Exception {
    fail("203.0.113.1", 1, 0);
    limits.untried(address("203.0.113.1"), BOB);
    failFromEverywhere(BOB, LoginLimits.FREE_FAILURES_OF_NAME, 0);

    assertThat(attempt("203.0.113.1", 0)).isPresent();
  }

  @Test
  void aFloodOfMadeUpNamesFlushesNoRealOne() throws Exception {
    long minute = 60 * SECOND;
    attempt("203.0.113.9", "carol@example.org", 0);
    limits.succeeded(address("203.0.113.9"), "carol@example.org");
    failFromEverywhere(BOB, LoginLimits.FREE_FAILURES_OF_NAME, 0);
    int refused = 0;
    for (int i = 0; i < FailureCounts.MAX_KEYS + 5; i++) {
      refused += attempt("10.0." + i / 250 + "." + i % 250, "made up " + i, 0).isPresent() ? 1 : 0;
    }

    assertThat(refused).as("one client for each, and Bob's fifty").isBetween(5, 60);
    assertThat(attempt("192.0.2.1", 0).orElseThrow().toString()).contains("for this name");
    assertThat(attempt("192.0.2.1", "dave@example.org", 0).orElseThrow().toString())
        .contains("Too many failed logins from everywhere; try again in 61 seconds");
    assertThat(attempt("203.0.113.9", "carol@example.org", 0)).as("is known").isEmpty();
    assertThat(attempt("192.0.2.1", "dave@example.org", minute)).isEmpty();
    failFromEverywhere(BOB, 1, minute);
    assertThat(attempt("192.0.2.2", minute).orElseThrow().toString()).contains("for this name");
  }
}

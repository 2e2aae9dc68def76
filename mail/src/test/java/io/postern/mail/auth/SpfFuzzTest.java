package io.postern.mail.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Whatever a stranger publishes, the check ends with a result after a bounded number of questions.
 * The input is lines: a policy, another, what HELO said, a local part.
 */
class SpfFuzzTest {
  private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

  /** RFC 7208 §4.6.4: ten terms, each with ten MX or PTR names at most, in two families. */
  private static final int MOST_QUESTIONS = 250;

  @FuzzTest(maxDuration = "10m")
  void endsWithAResult(byte[] octets) {
    var lines = new String(octets, StandardCharsets.UTF_8).split("\n", -1);
    var policy = lines[0];
    var other = lines[lines.length / 3];
    var helo = lines[lines.length / 2];
    var sender = lines[lines.length - 1];
    var zone =
        new Zone()
            .txt("a.example", "v=spf1 " + policy)
            .txt("b.example", "v=spf1 " + other)
            .txt("c.example", other)
            .with("a.example", "MX", "10 b.example")
            .with("b.example", "A", "192.0.2.7")
            .with("7.2.0.192.in-addr.arpa", "PTR", "b.example")
            .failing("d.example", "A");

    var spf = new Spf(zone, "mx.bridge.example");
    var result = spf.mailFrom(Zone.address("192.0.2.7"), helo, sender + "@a.example", NOW);

    assertThat(result.outcome()).isNotNull();
    assertThat(zone.asked.size()).isLessThan(MOST_QUESTIONS);
    assertThat(result.explanation()).doesNotContain("\r", "\n", "\0");
  }
}

package io.postern.node;

import static io.postern.node.GroupMessagesTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitsTest {
  private static final ByteString GROUP = MlsOctets.groupId(1);

  @TempDir Path folder;
  private final SetClock clock = new SetClock();

  @Test
  void publishesCostAsMuchAsTheyHaveMessages() throws Exception {
    try (var node = open(100, 5)) {
      node.send(message(1), message(2), message(3));

      assertRefused(
          () -> node.send(message(4), message(5), message(6)),
          Status.Code.RESOURCE_EXHAUSTED,
          "3 exceeds rate limit R127.0.0.1PUB");
      node.send(message(4), message(5));
      assertThat(node.query(GROUP, 0)).hasSize(5);
    }
  }

  @Test
  void readsHaveABucketOfTheirOwn() throws Exception {
    try (var node = open(2, 1)) {
      node.query(GROUP, 0);
      node.query(GROUP, 0);

      assertRefused(
          () -> node.query(GROUP, 0),
          Status.Code.RESOURCE_EXHAUSTED,
          "1 exceeds rate limit R127.0.0.1DEF");
      node.send(message(1));
    }
  }

  @Test
  void onlyAWholeMinuteOfSilenceRefills() throws Exception {
    try (var node = open(2, 10)) {
      node.query(GROUP, 0);
      node.query(GROUP, 0);
      clock.pass(Duration.ofSeconds(59));
      assertRefused(() -> node.query(GROUP, 0), Status.Code.RESOURCE_EXHAUSTED, "");
      clock.pass(Duration.ofSeconds(59));
      assertRefused(() -> node.query(GROUP, 0), Status.Code.RESOURCE_EXHAUSTED, "");

      clock.pass(Duration.ofSeconds(60));

      node.query(GROUP, 0);
    }
  }

  @Test
  void aNodeWithoutLimitsRefusesNothing() throws Exception {
    try (var node = RunningNode.open(folder)) {
      for (var i = 0; i < 200; i++) {
        node.query(GROUP, 0);
      }
    }
  }

  @Test
  void thePublicNetworksLimitsAreKnown() {
    assertThat(RateLimits.ofPublicNetwork())
        .isEqualTo(
            new RateLimits(
                new RateLimits.Bucket(20_000, 4_000), new RateLimits.Bucket(3_000, 600)));
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "-1, 1", "1, -1"})
  void refusesLimitsThatMeanNothing(int capacity, int refill) {
    assertThatThrownBy(() -> new RateLimits.Bucket(capacity, refill))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private RunningNode open(int reads, int publishes) throws NodeException {
    var limits =
        new RateLimits(new RateLimits.Bucket(reads, 1), new RateLimits.Bucket(publishes, 1));
    return RunningNode.open(
        new NodeSettings(
            new InetSocketAddress("127.0.0.1", 0),
            folder,
            Optional.empty(),
            Optional.of(limits),
            Optional.empty()),
        clock,
        RunningNode.KEEPALIVE);
  }

  private static ByteString message(int number) {
    return MlsOctets.application(GROUP, "m" + number);
  }

  /** Stands still until it is told to go on. */
  private static final class SetClock extends Clock {
    private volatile Instant now = Instant.parse("2026-11-25T12:00:00Z");

    void pass(Duration duration) {
      now = now.plus(duration);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}

package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DaemonTest {
  private static final Duration SHORT = Duration.ofSeconds(3);

  @Test
  void waitsEverLongerWhileNoLifeLastsAMinute() {
    var pauses = new ArrayList<Long>();
    var pause = Duration.ZERO;
    for (int i = 0; i < 6; i++) {
      pause = Daemon.pause(pause, SHORT);
      pauses.add(pause.toSeconds());
    }

    assertThat(pauses).containsExactly(5L, 10L, 20L, 40L, 60L, 60L);
    assertThat(Daemon.pause(pause, Duration.ofMinutes(1))).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void aStartThatFailsHoweverIsTriedAgain() throws Exception {
    var starts = new AtomicInteger();
    try (var stopped = new UntilStopped()) {
      Daemon.Opening away =
          () -> {
            if (starts.incrementAndGet() == 1) {
              throw new IllegalStateException("the database is away");
            }
            stopped.tell();
            throw new BridgeException("and still is");
          };

      assertThat(Daemon.openAgain(away, stopped, Duration.ofMillis(1))).isEmpty();
    }

    assertThat(starts).hasValue(2);
  }
}

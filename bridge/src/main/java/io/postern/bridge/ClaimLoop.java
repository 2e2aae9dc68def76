package io.postern.bridge;

import io.postern.smtp.Spool;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Claims each second what others have put into the spools: mail that was taken by one that stands
 * by, and what is left of one that is gone. A loop of its own, since somebody waits for it, and
 * some jobs wait for the network. docs/adr/0021.
 */
final class ClaimLoop extends Loop {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final List<Spool> spools;

  ClaimLoop(List<Spool> spools) {
    super("claims");
    this.spools = List.copyOf(spools);
  }

  @Override
  Duration turn() throws IOException {
    for (var spool : spools) {
      spool.claim();
    }
    return PAUSE;
  }
}

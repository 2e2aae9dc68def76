package io.postern.bridge;

import io.postern.config.Config;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bridge over the years. H2 closes its database when it could not write it, on a full disk
 * above all, and what is in memory is then ahead of what is in the file; a PostgreSQL that starts
 * anew lets go of us, and others may have it then. So everything is closed and opened anew, which
 * is no more than a crash and a restart: nothing that was taken is lost.
 */
final class Daemon {
  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  /**
   * How often it is looked whether the database is open, in seconds of trouble that nobody sees.
   */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private static final Duration NEXT_START = Duration.ofSeconds(5);

  private final Config config;
  private final Clock clock;
  private final Consumer<Bridge> ready;

  /**
   * @param ready told of each bridge when it carries mail
   */
  Daemon(Config config, Clock clock, Consumer<Bridge> ready) {
    this.config = config;
    this.clock = clock;
    this.ready = ready;
  }

  /**
   * Carries mail until it is told to stop.
   *
   * @throws BridgeException if the first start fails; later ones are tried again and again
   */
  void run(UntilStopped stopped) throws BridgeException, InterruptedException {
    var bridge = Optional.of(Bridge.open(config, clock));
    while (bridge.isPresent()) {
      try (var open = bridge.get()) {
        ready.accept(open);
        if (isStoppedFirst(open, stopped)) {
          return;
        }
        log.error(
            "the database has closed itself, since it could not be written, or is out of our hands;"
                + " postern starts anew");
      }
      bridge = openAgain(stopped);
    }
  }

  private static boolean isStoppedFirst(Bridge bridge, UntilStopped stopped)
      throws InterruptedException {
    while (!stopped.await(LOOK)) {
      if (bridge.isBroken()) {
        return false;
      }
    }
    return true;
  }

  /** Answers nothing if it is told to stop before it succeeds. */
  private Optional<Bridge> openAgain(UntilStopped stopped) throws InterruptedException {
    String reason = "";
    while (true) {
      try {
        return Optional.of(Bridge.open(config, clock));
      } catch (BridgeException failed) {
        if (!reason.equals(failed.getMessage())) {
          reason = failed.getMessage();
          log.error(
              "the start fails, and is tried again every {} s reason={}",
              NEXT_START.toSeconds(),
              reason);
        }
      }
      if (stopped.await(NEXT_START)) {
        return Optional.empty();
      }
    }
  }
}

package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.StoreSettings;
import java.net.InetSocketAddress;
import java.net.URI;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bridge over the years. On a PostgreSQL that another has it stands by until that one is gone
 * (docs/adr/0018). H2 closes its database when it could not write it, on a full disk above all, and
 * what is in memory is then ahead of what is in the file; a PostgreSQL that starts anew lets go of
 * us, and others may have it then. So everything is closed and opened anew, which is no more than a
 * crash and a restart: nothing that was taken is lost.
 */
final class Daemon {
  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  /**
   * How often it is looked whether the database is open, in seconds of trouble that nobody sees.
   */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** The next start waits so long, and ever longer while no life lasts {@link #SHORT_LIFE}. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration SHORT_LIFE = Duration.ofMinutes(1);

  private final Config config;
  private final Clock clock;
  private final Role role;
  private boolean hasStoodBy;

  /** No inboxes are given before: who comes and goes would make this one pause all the time. */
  private Instant giveFrom = Instant.MIN;

  private Duration givePause = Duration.ZERO;

  /** Who is told what the daemon does from now on. */
  interface Role {
    /** It carries mail. */
    void carries(Bridge ready);

    /**
     * It waits for its turn.
     *
     * @param page its status page
     * @param smtp where it takes mail meanwhile, if it does; told again when that changes
     */
    default void standsBy(URI page, Optional<InetSocketAddress> smtp) {}
  }

  Daemon(Config config, Clock clock, Role role) {
    this.config = config;
    this.clock = clock;
    this.role = role;
  }

  /**
   * Carries mail until it is told to stop.
   *
   * @throws BridgeException if the first start fails, or it cannot stand by; later ones are tried
   *     again and again
   */
  void run(UntilStopped stopped) throws BridgeException, InterruptedException {
    var bridge = first(stopped);
    var pause = Duration.ZERO;
    while (bridge.isPresent()) {
      var begun = clock.instant();
      Optional<PostgresTurn> next;
      try (var open = bridge.get()) {
        role.carries(open);
        var end = end(open, stopped);
        if (end == End.DEALT_ANEW) {
          var now = clock.instant();
          givePause = pause(givePause, Duration.between(begun, now));
          giveFrom = now.plus(givePause);
        }
        if (end == End.STOPPED) {
          return;
        }
        next = end == End.DEALT_ANEW ? next() : Optional.empty();
        if (end == End.BROKEN) {
          open.abandonDatabaseIfLost();
          log.error(
              "the database has closed itself, since it could not be written, or is out of our"
                  + " hands; postern starts anew");
        }
      }
      pause =
          next.isPresent() ? Duration.ZERO : pause(pause, Duration.between(begun, clock.instant()));
      bridge = again(next, stopped, pause);
    }
  }

  /** Why a bridge ends. */
  private enum End {
    STOPPED,
    BROKEN,
    DEALT_ANEW
  }

  /**
   * Where the inboxes are dealt anew, it is known that this one will want some before it lets go of
   * what it has: else who comes first would take all. docs/adr/0023.
   */
  private Optional<PostgresTurn> next() {
    log.info("the inboxes are dealt anew between those that carry, or could");
    try {
      var store = (StoreSettings.PostgreSql) config.store();
      return Optional.of(PostgresTurn.wanting(PostgresServerLogin.of(store)));
    } catch (BridgeException | SQLException gone) {
      log.warn("this instance lets go of its inboxes, and asks later reason={}", Words.of(gone));
      return Optional.empty();
    }
  }

  private Optional<Bridge> again(Optional<PostgresTurn> next, UntilStopped stopped, Duration pause)
      throws InterruptedException {
    if (next.isPresent()) {
      try {
        return open(next, stopped);
      } catch (BridgeException | RuntimeException failed) {
        log.error("the start fails, and is tried again reason={}", Words.of(failed), failed);
      }
    }
    return openAgain(() -> open(Optional.empty(), stopped), stopped, pause);
  }

  private Optional<Bridge> first(UntilStopped stopped)
      throws BridgeException, InterruptedException {
    try {
      return open(Optional.empty(), stopped);
    } catch (BridgeException | RuntimeException failed) {
      if (!hasStoodBy) {
        throw failed;
      }
      log.error("this instance cannot carry, and tries again reason={}", Words.of(failed), failed);
      return openAgain(() -> open(Optional.empty(), stopped), stopped, FIRST_PAUSE);
    }
  }

  /**
   * When it is our turn; empty if it is told to stop before.
   *
   * @param turn of an instance that has carried until now
   */
  private Optional<Bridge> open(Optional<PostgresTurn> turn, UntilStopped stopped)
      throws BridgeException, InterruptedException {
    if (!(config.store() instanceof StoreSettings.PostgreSql postgres)) {
      return Optional.of(Bridge.open(config, clock));
    }
    Bridge.makeDataFolder(config);
    var database = Standby.await(config, postgres, turn, clock, this::standsBy, stopped);
    return database.isPresent() ? Optional.of(beside(database.get())) : Optional.empty();
  }

  /** Beside whom others may carry, if they are to. */
  private Bridge beside(Database database) throws BridgeException {
    var bridge = Bridge.open(config, clock, database);
    try {
      bridge.letOthersIn();
      return bridge;
    } catch (SQLException gone) {
      bridge.close();
      throw new BridgeException(
          "store.url: the database cannot be asked: " + gone.getMessage(), gone);
    }
  }

  private void standsBy(URI page, Optional<InetSocketAddress> smtp) {
    hasStoodBy = true;
    role.standsBy(page, smtp);
  }

  private End end(Bridge bridge, UntilStopped stopped) throws InterruptedException {
    while (!stopped.await(LOOK)) {
      if (bridge.isBroken()) {
        return End.BROKEN;
      }
      if (bridge.isToBeDealtAnew(!clock.instant().isBefore(giveFrom))) {
        return End.DEALT_ANEW;
      }
    }
    return End.STOPPED;
  }

  /**
   * How long to wait before the next start: what has broken the database may go on, and each start
   * forgets which mails were sent and could not be noted.
   *
   * @param before the last pause; zero if there was none
   * @param life how long the bridge carried mail since
   */
  static Duration pause(Duration before, Duration life) {
    if (before.isZero() || life.compareTo(SHORT_LIFE) >= 0) {
      return FIRST_PAUSE;
    }
    var longer = before.multipliedBy(2);
    return longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
  }

  /** How a bridge is opened. */
  interface Opening {
    /** Answers nothing if it is told to stop before. */
    Optional<Bridge> open() throws BridgeException, InterruptedException;
  }

  /** Answers nothing if it is told to stop before it succeeds. */
  static Optional<Bridge> openAgain(Opening opening, UntilStopped stopped, Duration pause)
      throws InterruptedException {
    String reason = "";
    while (!stopped.await(pause)) {
      try {
        return opening.open();
      } catch (BridgeException | RuntimeException failed) {
        // The database may be away in the middle of a start.
        if (!reason.equals(Words.of(failed))) {
          reason = Words.of(failed);
          log.error(
              "the start fails, and is tried again every {} s reason={}",
              pause.toSeconds(),
              reason,
              failed);
        }
      }
    }
    return Optional.empty();
  }
}

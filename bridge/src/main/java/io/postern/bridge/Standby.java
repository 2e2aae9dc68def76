package io.postern.bridge;

import com.zaxxer.hikari.HikariDataSource;
import io.postern.bridge.web.StandbyPage;
import io.postern.config.Config;
import io.postern.config.StoreSettings;
import io.postern.mapping.Carrier;
import io.postern.mapping.CarrierStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An instance that waits for its turn on a PostgreSQL that others have: it asks each second, shows
 * its page, and takes mail for them meanwhile. docs/adr/0018, 0021, 0023.
 */
final class Standby implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Standby.class);

  private static final Duration ASK = Duration.ofSeconds(1);

  /** One that was killed a moment ago may still be under way to its end on the server. */
  private static final int ASKED_BEFORE = 3;

  /** An address that is in use, or a file that is not right, does not change each second. */
  private static final Duration TRY_AGAIN = Duration.ofSeconds(5);

  private static final int PAGE_THREADS = 2;

  private final Config config;
  private final PostgresServerLogin server;
  private final StandbyCheck check;
  private final Clock clock;
  private final Told listener;
  private final Workers workers;
  private Optional<PostgresTurn> turn;

  /** Whether it has shown that it can carry, by having carried until now. */
  private final boolean hasCarried;

  private Optional<HikariDataSource> looking = Optional.empty();
  private Optional<StandbyPage> page = Optional.empty();
  private volatile List<Carrier> carriers = List.of();
  private boolean isFit;

  /** Those of whom the log tells. */
  private List<Carrier> told = List.of();

  private volatile Optional<StandbyEntrance> entrance = Optional.empty();
  private Instant tryAgainAt = Instant.MIN;
  private String refused = "";
  private boolean away;

  private Standby(
      Config config,
      PostgresServerLogin server,
      PostgresTurn turn,
      boolean hasCarried,
      Clock clock,
      Told told) {
    this.config = config;
    this.server = server;
    this.check = new StandbyCheck(config);
    this.turn = Optional.of(turn);
    this.hasCarried = hasCarried;
    this.clock = clock;
    this.listener = told;
    this.workers = Workers.open(Entrance.threads(config) + PAGE_THREADS);
  }

  /** Who hears that others have the database. */
  interface Told {
    /**
     * @param page the status page
     * @param smtp where mail is taken, if it is; told again when that changes
     */
    void standsBy(URI page, Optional<InetSocketAddress> smtp);
  }

  /**
   * Waits until the database is ours, or some of the inboxes in it.
   *
   * @param turn of an instance that has carried until now; empty for one that begins
   * @param told when it turns out that others have it
   * @return empty if it is told to stop before
   * @throws BridgeException if the server cannot be reached at first, or this instance could not
   *     carry in the place of the one that does; says what to do
   */
  static Optional<Database> await(
      Config config,
      StoreSettings.PostgreSql store,
      Optional<PostgresTurn> turn,
      Clock clock,
      Told told,
      UntilStopped stopped)
      throws BridgeException, InterruptedException {
    var server = PostgresServerLogin.of(store);
    try (var standby =
        new Standby(
            config,
            server,
            turn.isPresent() ? turn.get() : PostgresTurn.of(server),
            turn.isPresent(),
            clock,
            told)) {
      return standby.await(stopped);
    } catch (SQLException failed) {
      throw new BridgeException(
          "store.url: the database " + store.url() + " cannot be asked: " + failed.getMessage(),
          failed);
    }
  }

  private Optional<Database> await(UntilStopped stopped)
      throws BridgeException, InterruptedException {
    for (int asked = 0; ; asked++) {
      var hold = ask();
      if (hold.isPresent()) {
        takeNoMail(); // What has come is in the table, and is found there by the life that begins.
        return Optional.of(begun(hold.get()));
      }
      if (asked >= ASKED_BEFORE && !away) {
        standBy();
      }
      if (stopped.await(ASK)) {
        return Optional.empty();
      }
    }
  }

  /** Empty, too, while the server is away. */
  private Optional<PostgresHold> ask() {
    try {
      if (turn.isEmpty()) {
        turn = Optional.of(PostgresTurn.of(server));
      }
      var hold = turn.get().askAlone();
      if (hold.isEmpty()) {
        hold = turn.get().askBeside(this::isFitNow);
      }
      away = false;
      return hold;
    } catch (BridgeException | SQLException | JdbiException gone) {
      if (!away) {
        log.warn("the database cannot be asked, and is asked again reason={}", Words.of(gone));
      }
      away = true;
      disconnect();
      return Optional.empty();
    }
  }

  /** Who had all of it before is no measure any more for those that stand by. */
  private Database begun(PostgresHold hold) throws BridgeException {
    var database = Database.held(server, hold);
    try {
      if (hold.isAlone() && hasCarriers(database.source())) {
        new CarrierStore(Jdbi.create(database.source())).clear();
      }
      return database;
    } catch (SQLException | JdbiException failed) {
      database.close();
      throw new BridgeException(
          "store.url: the database cannot be written: " + failed.getMessage(), failed);
    } catch (RuntimeException | Error failed) {
      database.close();
      throw failed;
    }
  }

  /**
   * Asked while nobody can change the tables. What is wrong is said by {@link #standBy}. Others let
   * go of inboxes for this one, so it has taken mail first, with all that this needs.
   */
  private boolean isFitNow() throws SQLException {
    try {
      observe();
      return isFit && (hasCarried || entrance.isPresent());
    } catch (BridgeException unfit) {
      log.debug("this instance does not carry beside the others: {}", unfit.getMessage());
      return false;
    }
  }

  /**
   * Looks who carries, and whether this instance could beside them.
   *
   * @throws BridgeException if this instance could not carry in the place of one that does
   */
  private void observe() throws BridgeException, SQLException {
    var database = looking();
    var found =
        hasCarriers(database) ? new CarrierStore(Jdbi.create(database)).read() : List.<Carrier>of();
    if (found.equals(carriers)) {
      return;
    }
    boolean fit = !found.isEmpty();
    for (var carrier : found) {
      fit &= check.requireFit(database, carrier, clock.instant());
    }
    isFit = fit;
    carriers = found;
  }

  private HikariDataSource looking() throws BridgeException {
    if (looking.isEmpty()) {
      looking = Optional.of(Database.connected(server.looking(), server.settings()));
    }
    return looking.get();
  }

  /** An older version makes no such table. */
  private static boolean hasCarriers(DataSource database) throws SQLException {
    try (var connection = database.getConnection();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select to_regclass('" + CarrierStore.TABLE + "') is not null")) {
      return row.next() && row.getBoolean(1);
    }
  }

  private void standBy() throws BridgeException {
    try {
      look();
    } catch (SQLException | JdbiException gone) {
      log.debug("the tables cannot be read: {}", gone.getMessage()); // So the next question tells.
    }
  }

  private void look() throws BridgeException, SQLException {
    if (page.isEmpty()) {
      check.requirePossible(looking());
    }
    observe();
    boolean isNew = !carriers.isEmpty() && !carriers.equals(told);
    boolean begins = !carriers.isEmpty() && isFit && entrance.isEmpty() && takeMail();
    if (isNew || begins) {
      log.info(
          "role=standby carrier={} version={} since={} mail={}",
          each(Carrier::host),
          each(Carrier::version),
          each(carrier -> carrier.since().toString()),
          entrance.isPresent() ? "taken" : "not taken");
      told = carriers;
    }
    if (page.isEmpty()) {
      page = Optional.of(openPage());
      tell();
    } else if (begins) {
      tell();
    }
  }

  private String each(Function<Carrier, String> what) {
    return carriers.stream().map(what).distinct().collect(Collectors.joining(","));
  }

  /**
   * Whoever cannot take mail now stands by all the same: it may be the address that the carrier has
   * on this machine.
   *
   * @return whether it takes mail
   */
  private boolean takeMail() {
    if (clock.instant().isBefore(tryAgainAt)) {
      return false;
    }
    try {
      entrance = Optional.of(StandbyEntrance.open(config, server, workers, clock));
      refused = "";
      return true;
    } catch (BridgeException | IOException | SQLException | JdbiException failed) {
      var reason = Words.of(failed);
      if (!refused.equals(reason)) {
        log.warn("mail is not taken while this one stands by reason={}", reason, failed);
      }
      refused = reason;
      tryAgainAt = clock.instant().plus(TRY_AGAIN);
      return false;
    }
  }

  private void takeNoMail() {
    entrance.ifPresent(StandbyEntrance::close);
    entrance = Optional.empty();
  }

  private StandbyPage openPage() throws BridgeException {
    var listen = config.web().listen();
    try {
      return StandbyPage.open(listen, this::words, workers.sessions());
    } catch (IOException taken) {
      throw Words.cannotListen("web.listen", listen, taken);
    }
  }

  private void tell() {
    page.ifPresent(
        open -> listener.standsBy(open.entrance(), entrance.map(StandbyEntrance::address)));
  }

  /** Of whom the mail is now, and whether it is taken here. */
  private String words() {
    var who =
        carriers.stream()
            .map(
                it ->
                    it.host()
                        + " carries mail and messages since "
                        + it.since()
                        + " (version "
                        + it.version()
                        + ")")
            .collect(Collectors.joining("; "));
    return (who.isEmpty() ? "another instance has the database, and begins to carry" : who)
        + (entrance.isPresent() ? "; mail is taken here, too" : "; no mail is taken here");
  }

  private void disconnect() {
    turn.ifPresent(
        open -> {
          try {
            open.close();
          } catch (SQLException gone) {
            log.debug("a connection was gone already: {}", gone.getMessage());
          }
        });
    turn = Optional.empty();
  }

  @Override
  public void close() {
    takeNoMail();
    disconnect();
    page.ifPresent(StandbyPage::close);
    looking.ifPresent(HikariDataSource::close);
    workers.close();
  }
}

package io.postern.bridge;

import io.postern.xmtp.store.Lease;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hold of one process on a database of PostgreSQL, or on some parts of its inboxes: advisory
 * locks, as long as one connection lives that does nothing else. The server lets go of them when
 * the process is gone, and when nothing was heard of it for a while: of a machine without power,
 * and of one that stands still. Whoever gets a hold first ends what those who have lost theirs have
 * open, so that none of their transactions comes to its end later.
 *
 * <p>Beside them the connection holds a lock of a number drawn by lot, of which nobody else knows:
 * whoever gets that one knows that the hold is lost, and asks for no more than one lock.
 * docs/adr/0012, 0018 and 0023. For many threads.
 */
final class PostgresHold implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresHold.class);

  /** The server's code of a lock that was waited for in vain. */
  private static final String TAKEN = "55P03";

  private static final int ANSWER_SECONDS = 5;

  /** So often the server hears of us. */
  private static final int SIGN_OF_LIFE_SECONDS = 2;

  /** Until whoever has ended may have begun anew, and takes its parts again. */
  private static final Duration FREE = Duration.ofSeconds(8);

  /**
   * A connection of whoever has lost their hold. The name has the number that tells: a version from
   * before there were parts gave none, and never carries beside another.
   */
  private static final String OF_FORMER =
      "datname = current_database() and case when application_name ~ '^"
          + PostgresServerLogin.CARRYING
          + " -?[0-9]{1,19}$' then not "
          + PostgresLocks.isHeld(
              "substring(application_name from "
                  + (PostgresServerLogin.CARRYING.length() + 2)
                  + ")::bigint")
          + " else application_name = '"
          + PostgresServerLogin.CARRYING
          + "' end";

  /** How often it is looked whether connections have ended, each after a tenth of a second. */
  private static final int LOOKS = 100;

  private final Connection connection;
  private final long proof;
  private final Lease lease;
  private volatile boolean alone;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Since when this one is to take more; empty: it is not. */
  private Optional<Long> tooFewSince = Optional.empty();

  private PostgresHold(Connection connection, long proof, Lease lease, boolean alone) {
    this.connection = connection;
    this.proof = proof;
    this.lease = lease;
    this.alone = alone;
  }

  /**
   * Waits some seconds for all of it, as a command does.
   *
   * @throws BridgeException if another process has it, or the server cannot be asked
   */
  static PostgresHold take(PostgresServerLogin server) throws BridgeException {
    try (var turn = PostgresTurn.of(server)) {
      return turn.waitAlone();
    } catch (SQLException failed) {
      throw new BridgeException(
          "store.url: "
              + (TAKEN.equals(failed.getSQLState())
                  ? "another postern has the database "
                      + server.settings().url()
                      + " open; end it first, or wait half a minute if its machine is gone"
                  : "the database "
                      + server.settings().url()
                      + " cannot be locked: "
                      + failed.getMessage()),
          failed);
    }
  }

  /**
   * Of whoever has the locks.
   *
   * @param connection has them; the hold's from then on
   * @param alone whether nobody else has the database
   */
  static PostgresHold begin(Connection connection, Lease lease, boolean alone) throws SQLException {
    long proof = new SecureRandom().nextLong();
    try (var statement = connection.createStatement()) {
      statement.execute("select pg_advisory_lock(" + proof + ")");
      endFormer(statement);
    }
    var hold = new PostgresHold(connection, proof, lease, alone);
    Workers.daemon("hold", hold::stayAlive).start();
    return hold;
  }

  /** For which inboxes its holder works. */
  Lease lease() {
    return lease;
  }

  /** Whether nobody else has, or may take, anything of the database. */
  boolean isAlone() {
    return alone;
  }

  /** Others may take the parts that are not ours; until then the whole database is. */
  void letOthersIn() throws SQLException {
    if (lease.parts() == 1 || !alone) {
      return;
    }
    try (var statement = connection.createStatement()) {
      PostgresLocks.tryInCommon(statement, PostgresLocks.DATABASE);
      PostgresLocks.letGoAlone(statement, PostgresLocks.DATABASE);
      alone = false;
    }
  }

  /**
   * Whether the parts are to be dealt anew: another one that could carry has none, or one that did
   * is gone for some seconds. To be asked again and again, by one thread.
   *
   * @param mayGive whether this one may let go of some now
   */
  boolean isToBeDealtAnew(boolean mayGive) {
    if (lease.parts() == 1) {
      return false;
    }
    try (var statement = connection.createStatement()) {
      var deal = PostgresLocks.deal(statement, lease.parts(), lease.ours().size());
      if (!deal.isTooFew()) {
        tooFewSince = Optional.empty();
      } else if (tooFewSince.isEmpty()) {
        tooFewSince = Optional.of(System.nanoTime());
      }
      return mayGive && deal.isTooMany()
          || tooFewSince.filter(since -> System.nanoTime() - since >= FREE.toNanos()).isPresent();
    } catch (SQLException gone) {
      log.debug("the hold cannot be asked: {}", gone.getMessage()); // Whoever asks isLost hears it.
      return false;
    }
  }

  /**
   * What each connection of the holder's pool says first; it fails once the hold is lost. So after
   * {@link #endFormer} the one before can neither write nor read, by whatever way. The name comes
   * before it: by that the next one finds the connection.
   */
  String fence() {
    return "select set_config('application_name', '"
        + PostgresServerLogin.CARRYING
        + " "
        + proof
        + "', false), 1 / (case when pg_try_advisory_lock_shared("
        + proof
        + ") then 0 else 1 end)";
  }

  /**
   * What others had begun must not be committed later, nor keep rows locked: their machine may have
   * stood still in the midst of a transaction. Those there are now are all that have passed their
   * {@link #fence}.
   */
  private static void endFormer(Statement statement) throws SQLException {
    statement.execute(
        "select set_config('postern.former', coalesce(array_agg(pid), '{}')::text, false)"
            + " from pg_stat_activity where "
            + OF_FORMER);
    for (int look = 0; look < LOOKS; look++) {
      try (var row =
          statement.executeQuery(
              "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                  + " where pid = any (current_setting('postern.former')::int[]) and "
                  + OF_FORMER)) {
        row.next();
        if (row.getLong(1) == 0) {
          return;
        }
      }
      statement.execute("select pg_sleep(0.1)");
    }
    throw new SQLException("connections of the postern that had it before do not end");
  }

  /** Without a word the server would take us for gone. */
  private void stayAlive() {
    try {
      while (!closed.await(SIGN_OF_LIFE_SECONDS, TimeUnit.SECONDS)) {
        if (isLost()) {
          return;
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** The number of the lock that is ours as long as the hold is. */
  long proof() {
    return proof;
  }

  /** Whether it has gone, and another process may have it. */
  boolean isLost() {
    try {
      return !connection.isValid(ANSWER_SECONDS);
    } catch (SQLException impossible) {
      return true;
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      connection.close();
    } catch (SQLException gone) {
      log.warn("the hold on the database was lost before it was let go", gone);
    }
  }
}

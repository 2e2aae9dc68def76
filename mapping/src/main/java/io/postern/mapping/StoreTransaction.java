package io.postern.mapping;

import io.postern.xmtp.store.SavedLater;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Update;

/**
 * One transaction of a store, run again if another one came between: the stores look first and
 * insert then, so a unique key that somebody else has just taken shows on the second run as a row
 * that is already there.
 */
final class StoreTransaction {
  private static final int MAX_RUNS = 5;

  /** So many rows are deleted in one transaction. */
  static final int AT_ONCE = 500;

  /** Unique violation, serialization failure, deadlock (PostgreSQL), lock timeout (H2). */
  private static final Set<String> COLLISIONS = Set.of("23505", "40001", "40P01", "HYT00");

  private StoreTransaction() {}

  static <T> T run(Jdbi jdbi, HandleCallback<T, RuntimeException> work) {
    return run(() -> jdbi.inTransaction(work));
  }

  /** The same, and its end does not wait for the disk. */
  static <T> T runSavedLater(Jdbi jdbi, HandleCallback<T, RuntimeException> work) {
    return run(() -> SavedLater.inTransaction(jdbi, work));
  }

  /**
   * Deletes a few rows at a time, each time in a transaction of its own, so that others have their
   * turn in between however much there is to delete.
   *
   * @param key the column by which the rows are found
   * @param which a condition on them
   * @param bound binds what the condition names
   * @return how many rows
   */
  static int deleteInTurns(
      Jdbi jdbi, String table, String key, String which, UnaryOperator<Update> bound) {
    var sql =
        "delete from "
            + table
            + " where "
            + which
            + " and "
            + key
            + " in (select "
            + key
            + " from "
            + table
            + " where "
            + which
            + " limit "
            + AT_ONCE
            + ")";
    return inTurns(() -> run(jdbi, handle -> bound.apply(handle.createUpdate(sql)).execute()));
  }

  /**
   * Repeats what deletes at most {@link #AT_ONCE} things until it finds fewer.
   *
   * @return how many in all
   */
  static int inTurns(IntSupplier turn) {
    int all = 0;
    int deleted;
    do {
      deleted = turn.getAsInt();
      all += deleted;
    } while (deleted >= AT_ONCE);
    return all;
  }

  private static <T> T run(Supplier<T> transaction) {
    for (int run = 1; ; run++) {
      try {
        return transaction.get();
      } catch (JdbiException failure) {
        if (run == MAX_RUNS || !isCollision(failure)) {
          throw failure;
        }
      }
    }
  }

  private static boolean isCollision(Throwable failure) {
    return sqlState(failure).filter(COLLISIONS::contains).isPresent();
  }

  private static Optional<String> sqlState(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return Optional.ofNullable(sql.getSQLState());
      }
    }
    return Optional.empty();
  }
}

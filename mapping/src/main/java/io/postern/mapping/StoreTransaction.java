package io.postern.mapping;

import io.postern.xmtp.store.SavedLater;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * One transaction of a store, run again if another one came between: the stores look first and
 * insert then, so a unique key that somebody else has just taken shows on the second run as a row
 * that is already there.
 */
final class StoreTransaction {
  private static final int MAX_RUNS = 5;

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

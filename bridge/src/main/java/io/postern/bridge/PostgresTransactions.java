package io.postern.bridge;

import io.postern.xmtp.store.SavedLater;
import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.transaction.DelegatingTransactionHandler;
import org.jdbi.v3.core.transaction.LocalTransactionHandler;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jdbi.v3.core.transaction.TransactionHandler;

/**
 * Transactions of PostgreSQL: several at once, each of which sees what others have committed. The
 * stores look first and insert then, so where two are after the same thing one of them collides: it
 * is rolled back and run again, and finds then what the other has done. What is {@link SavedLater}
 * does not wait for the disk; it is never lost without what came after it, since the server's log
 * has one order. docs/adr/0012.
 */
final class PostgresTransactions extends DelegatingTransactionHandler {
  private static final int MAX_RUNS = 5;

  /** Unique violation, serialization failure, deadlock. */
  private static final Set<String> COLLISIONS = Set.of("23505", "40001", "40P01");

  private static final String LATER = "set_config('synchronous_commit', 'off', true), ";

  private static final String HELD = "not pg_try_advisory_xact_lock_shared(?) as held";
  private static final String ALLOWED = "true as held";

  /** Empty for whoever needs no hold. */
  private final OptionalLong proof;

  /**
   * @param proof of the {@link PostgresHold}
   */
  PostgresTransactions(long proof) {
    this(LocalTransactionHandler.binding(), OptionalLong.of(proof));
  }

  /** Of what anybody may write at any time: mail that comes in, and what is asked about it. */
  static PostgresTransactions ofAnybody() {
    return new PostgresTransactions(LocalTransactionHandler.binding(), OptionalLong.empty());
  }

  private PostgresTransactions(TransactionHandler delegate, OptionalLong proof) {
    super(delegate);
    this.proof = proof;
  }

  @Override
  public TransactionHandler specialize(Handle handle) throws SQLException {
    return new PostgresTransactions(getDelegate().specialize(handle), proof);
  }

  /** Nothing is written any more once another daemon may have the database. */
  @Override
  public void begin(Handle handle) {
    super.begin(handle);
    boolean begun = false;
    try {
      begun = begun(handle);
    } finally {
      if (!begun) {
        super.rollback(handle);
      }
    }
    if (!begun) {
      throw new TransactionException("the hold on the database is lost");
    }
  }

  private boolean begun(Handle handle) {
    if (proof.isEmpty() && !SavedLater.is(handle)) {
      return true;
    }
    var sql =
        "select " + (SavedLater.is(handle) ? LATER : "") + (proof.isPresent() ? HELD : ALLOWED);
    try (var question = handle.getConnection().prepareStatement(sql)) {
      if (proof.isPresent()) {
        question.setLong(1, proof.getAsLong());
      }
      try (var row = question.executeQuery()) {
        return row.next() && row.getBoolean("held");
      }
    } catch (SQLException failed) {
      throw new TransactionException("the hold on the database cannot be asked for", failed);
    }
  }

  /** What is run again has written nothing but to the database. */
  @Override
  public <R, X extends Exception> R inTransaction(Handle handle, HandleCallback<R, X> work)
      throws X {
    for (int run = 1; ; run++) {
      try {
        return super.inTransaction(handle, work);
      } catch (RuntimeException failed) {
        if (run == MAX_RUNS || !isCollision(failed)) {
          throw failed;
        }
      }
    }
  }

  private static boolean isCollision(Throwable failed) {
    for (var cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return sql.getSQLState() != null && COLLISIONS.contains(sql.getSQLState());
      }
    }
    return false;
  }
}

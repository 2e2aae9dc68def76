package io.postern.bridge;

import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.DelegatingTransactionHandler;
import org.jdbi.v3.core.transaction.LocalTransactionHandler;
import org.jdbi.v3.core.transaction.TransactionHandler;

/**
 * Transactions of H2, one after the other. H2 saves the roots of its tables one by one; if one
 * thread's commit saves while another thread makes a transaction, the file can have half of that
 * one, and does if the process is killed before the next save. Reading goes on beside it.
 * docs/adr/0006.
 */
final class OneAtATime extends DelegatingTransactionHandler {
  private final ReentrantLock lock;

  private OneAtATime(TransactionHandler delegate, ReentrantLock lock) {
    super(delegate);
    this.lock = lock;
  }

  /** Makes all transactions of this database such. */
  static OneAtATime of(Jdbi jdbi) {
    var handler = new OneAtATime(LocalTransactionHandler.binding(), new ReentrantLock());
    jdbi.setTransactionHandler(handler);
    return handler;
  }

  /** Does something to the file while no transaction is being made. */
  void alone(Runnable work) {
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public TransactionHandler specialize(Handle handle) throws SQLException {
    return new OneAtATime(getDelegate().specialize(handle), lock);
  }

  @Override
  public void begin(Handle handle) {
    lock.lock();
    boolean begun = false;
    try {
      super.begin(handle);
      begun = true;
    } finally {
      if (!begun) {
        lock.unlock();
      }
    }
  }

  /** If it fails, a rollback follows, which lets the next one in. */
  @Override
  public void commit(Handle handle) {
    super.commit(handle);
    release();
  }

  @Override
  public void rollback(Handle handle) {
    try {
      super.rollback(handle);
    } finally {
      release();
    }
  }

  private void release() {
    if (lock.isHeldByCurrentThread()) {
      lock.unlock();
    }
  }
}

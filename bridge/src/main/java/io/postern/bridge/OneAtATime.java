package io.postern.bridge;

import io.postern.xmtp.store.SavedLater;
import java.sql.SQLException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.DelegatingTransactionHandler;
import org.jdbi.v3.core.transaction.LocalTransactionHandler;
import org.jdbi.v3.core.transaction.TransactionHandler;

/**
 * Transactions of H2: made one after the other, saved together. H2 saves the roots of its tables
 * one by one; if it saves while a transaction is being made, the file can have half of that one,
 * and does if the process is killed before the next save. So saving has its turn between
 * transactions, and one save does for all that have ended before it. A commit returns when it is in
 * the file, unless it is {@link SavedLater}. Reading goes on beside it. docs/adr/0006, 0009.
 */
final class OneAtATime extends DelegatingTransactionHandler {
  private final Turns turns;

  /** The file of a database. */
  interface StoreFile {
    /** Writes what has been committed; called while no transaction is made. */
    void write();

    /** Returns when what has been written outlives a power failure; called beside transactions. */
    void sync();

    /** Whether it has been closed behind our back, because it could not be written. */
    boolean isClosed();
  }

  private OneAtATime(TransactionHandler delegate, Turns turns) {
    super(delegate);
    this.turns = turns;
  }

  /**
   * Makes all transactions of this database such. Changes outside of a transaction are in the file
   * with the next save only.
   *
   * @param file gets what has been committed
   */
  static OneAtATime of(Jdbi jdbi, StoreFile file) {
    var handler = new OneAtATime(LocalTransactionHandler.binding(), new Turns(file));
    jdbi.setTransactionHandler(handler);
    return handler;
  }

  /** Does something to the file while no transaction is being made. */
  void alone(Runnable work) {
    turns.alone(work);
  }

  /** Puts into the file what has been committed and did not wait for it. */
  void save() {
    turns.saveAll();
  }

  @Override
  public TransactionHandler specialize(Handle handle) throws SQLException {
    return new OneAtATime(getDelegate().specialize(handle), turns);
  }

  @Override
  public void begin(Handle handle) {
    turns.making.lock();
    boolean begun = false;
    try {
      turns.requireOpen();
      super.begin(handle);
      begun = true;
    } finally {
      if (!begun) {
        turns.making.unlock();
      }
    }
  }

  /** If it fails, a rollback follows, which lets the next one in. */
  @Override
  public void commit(Handle handle) {
    super.commit(handle);
    long mine = turns.end();
    if (!SavedLater.is(handle)) {
      turns.save(mine);
    }
  }

  @Override
  public void rollback(Handle handle) {
    try {
      super.rollback(handle);
    } finally {
      turns.giveUp();
    }
  }

  /** Of one database. */
  private static final class Turns {
    /**
     * Held while a transaction is made, and while the file is worked on. In order of arrival:
     * whoever saves comes after those who wait to make one, and saves for them, too.
     */
    private final ReentrantLock making = new ReentrantLock(true);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition savedMore = lock.newCondition();
    private final StoreFile file;

    /** How many transactions have been committed; guarded by making. */
    private long ended;

    /** How many of those are in the file. */
    private long saved;

    private boolean saving;

    Turns(StoreFile file) {
      this.file = file;
    }

    /**
     * A new connection would open the file again, as it was some changes ago: what is in memory
     * must not go on from there.
     */
    void requireOpen() {
      if (file.isClosed()) {
        throw new IllegalStateException("the database has closed itself; it must be opened anew");
      }
    }

    void alone(Runnable work) {
      making.lock();
      try {
        work.run();
      } finally {
        making.unlock();
      }
    }

    /** Answers the number of the transaction that ends. */
    long end() {
      long mine = ++ended;
      making.unlock();
      return mine;
    }

    void giveUp() {
      if (making.isHeldByCurrentThread()) {
        making.unlock();
      }
    }

    /** Saves what has ended, if there is anything. */
    void saveAll() {
      making.lock();
      long last = ended;
      making.unlock();
      save(last);
    }

    /**
     * Returns when that transaction is in the file; the first who comes saves for all. One that was
     * made within another is saved with that one: waiting for it here would never end.
     */
    void save(long number) {
      if (making.isHeldByCurrentThread()) {
        return;
      }
      lock.lock();
      try {
        while (saved < number) {
          if (saving) {
            savedMore.awaitUninterruptibly();
          } else {
            saveOnce();
          }
        }
      } finally {
        lock.unlock();
      }
    }

    /** Called with the lock held; lets go of it while the disk works. */
    private void saveOnce() {
      saving = true;
      lock.unlock();
      long done = 0;
      try {
        long last = write();
        file.sync();
        done = last;
      } finally {
        lock.lock();
        saving = false;
        saved = Math.max(saved, done);
        savedMore.signalAll();
      }
    }

    /** Answers the number of the last transaction that is in the file now. */
    private long write() {
      making.lock();
      try {
        file.write();
        return ended;
      } finally {
        making.unlock();
      }
    }
  }
}

package io.postern.node;

import java.sql.SQLException;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.RandomAccessStore;
import org.jdbi.v3.core.Handle;

/**
 * The database file as H2 writes it: whole pages, each change at a new place. It is written between
 * transactions, by the thread that makes them, and forced to the disk before the next time; so
 * space whose pages have all been replaced may be used again at once, and a power failure finds the
 * last state that was written or the one before.
 *
 * <p>H2 tidies up in a thread of its own, which the node does not let it have. So a little is
 * tidied with each save: pages that are still needed are moved out of parts of the file that are
 * mostly replaced. Without that a file of messages grows with the square of their number, since
 * their digests come in no order and every save writes most pages of that index again.
 */
final class StoreFile {
  /** Live share of what has been written; below that it is tidied. */
  private static final int WRITTEN_PERCENT = 80;

  /** Used share of the file; below that it is made shorter. */
  private static final int FILE_PERCENT = 75;

  /** Octets that are moved with one save at most: about ten milliseconds. */
  private static final int SLICE = 4 << 20;

  private final MVStore store;

  private StoreFile(MVStore store) {
    this.store = store;
    store.setRetentionTime(0);
  }

  static StoreFile of(Handle handle) throws SQLException {
    var session = (SessionLocal) handle.getConnection().unwrap(JdbcConnection.class).getSession();
    return new StoreFile(session.getDatabase().getStore().getMvStore());
  }

  /**
   * Whether so much is only in memory that H2 would soon write by itself, in the midst of a
   * transaction.
   */
  boolean isDue() {
    return store.getUnsavedMemory() > store.getAutoCommitMemory() / 2;
  }

  /** Writes every transaction. Not while one is being made. */
  void save() {
    store.commit();
    store.sync();
    var written = store.getFileStore();
    if (written.getChunksFillRate() < WRITTEN_PERCENT) {
      store.compact(WRITTEN_PERCENT, SLICE);
    }
    if (written.getFillRate() < FILE_PERCENT && written instanceof RandomAccessStore file) {
      file.compactMoveChunks(FILE_PERCENT, SLICE, store);
    }
  }

  /** H2 closes a store that it could not write, and never opens it again by itself. */
  boolean isClosed() {
    return store.isClosed();
  }
}

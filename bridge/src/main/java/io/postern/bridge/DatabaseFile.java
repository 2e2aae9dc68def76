package io.postern.bridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When H2 writes to its file: with the commits of {@link OneAtATime}, which wait for it, and never
 * on its own. So it does no housekeeping either, and the file would grow with each save: keeps it
 * small, too. docs/adr/0006, 0009.
 */
final class DatabaseFile {
  private static final Logger log = LoggerFactory.getLogger(DatabaseFile.class);

  /** Smaller files are left alone. */
  private static final long SMALL = 64L << 20;

  /** H2 ends a slice at the first pause after that time; writers wait meanwhile. */
  private static final int LONGEST_MILLIS = 200;

  private static final int MAX_SLICES = 50;

  /** When the file is left alone again; H2 itself goes to 95. */
  private static final int LIVE_PERCENT = 75;

  /** Zero would write each commit by itself; above, a thread of H2 writes now and then. */
  private static final int NEVER = -1;

  private final MVStore store;
  private final OneAtATime transactions;
  private final Path file;
  private long afterLast;

  private DatabaseFile(MVStore store, OneAtATime transactions) {
    this.store = store;
    this.transactions = transactions;
    this.file = Path.of(store.getFileStore().getFileName());
  }

  /** From now on all transactions of this database are made and saved so. */
  static DatabaseFile of(DataSource database, Jdbi jdbi) throws SQLException {
    try (var connection = database.getConnection()) {
      var session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
      var store = session.getDatabase().getStore().getMvStore();
      store.setAutoCommitDelay(NEVER);
      return new DatabaseFile(store, OneAtATime.of(jdbi, new StoreFile(store)));
    }
  }

  private record StoreFile(MVStore store) implements OneAtATime.StoreFile {
    @Override
    public void write() {
      store.commit();
    }

    @Override
    public void sync() {
      store.sync();
    }

    @Override
    public boolean isClosed() {
      return store.isClosed();
    }
  }

  /**
   * Whether H2 has closed it, because it could not be written. Nothing can be done with it then.
   */
  boolean isClosed() {
    return store.isClosed();
  }

  Path file() {
    return file;
  }

  /** Puts into the file what did not wait for it. For a regular job. */
  void save() {
    transactions.save();
  }

  /**
   * Rewrites the file if it has grown by half since the last time: in slices, between which others
   * have their turn, until most of it is live. For a regular job.
   */
  void tidy() throws IOException {
    long before = Files.size(file);
    if (before < SMALL || before < afterLast + afterLast / 2) {
      return;
    }
    for (int slice = 0; slice < MAX_SLICES && isWasteful(); slice++) {
      transactions.alone(() -> store.compactFile(LONGEST_MILLIS));
    }
    afterLast = Files.size(file);
    log.info("database file rewritten octets={} before={}", afterLast, before);
  }

  /** The live share of what has been written, and of the file: both stay low until all is moved. */
  private boolean isWasteful() {
    var written = store.getFileStore();
    return written.getChunksFillRate() < LIVE_PERCENT || written.getFillRate() < LIVE_PERCENT;
  }
}

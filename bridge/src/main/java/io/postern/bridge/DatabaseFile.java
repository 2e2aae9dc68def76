package io.postern.bridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the file of H2 small. With every commit written at once, H2 does no housekeeping of its own
 * and the file would grow with each transaction; docs/adr/0006.
 */
final class DatabaseFile {
  private static final Logger log = LoggerFactory.getLogger(DatabaseFile.class);

  /** Smaller files are left alone. */
  private static final long SMALL = 64L << 20;

  /** Writers wait while the file is rewritten, about this long. */
  private static final int LONGEST_MILLIS = 200;

  private final MVStore store;
  private final OneAtATime transactions;
  private final Path file;
  private long afterLast;

  private DatabaseFile(MVStore store, OneAtATime transactions) {
    this.store = store;
    this.transactions = transactions;
    this.file = Path.of(store.getFileStore().getFileName());
  }

  static DatabaseFile of(DataSource database, OneAtATime transactions) throws SQLException {
    try (var connection = database.getConnection()) {
      var session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
      return new DatabaseFile(session.getDatabase().getStore().getMvStore(), transactions);
    }
  }

  /** Rewrites the file if it has grown by half since the last time. For a regular job. */
  void tidy() throws IOException {
    long before = Files.size(file);
    if (before < SMALL || before < afterLast + afterLast / 2) {
      return;
    }
    transactions.alone(() -> store.compactFile(LONGEST_MILLIS));
    afterLast = Files.size(file);
    log.info("database file rewritten octets={} before={}", afterLast, before);
  }
}

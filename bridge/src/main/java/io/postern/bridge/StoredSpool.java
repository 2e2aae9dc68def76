package io.postern.bridge;

import io.postern.mapping.SpoolRows;
import io.postern.smtp.Spool;
import io.postern.smtp.SpoolStore;
import io.postern.xmtp.store.Lease;
import io.postern.xmtp.store.StoredText;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The spool of a daemon: a table where its database is one of PostgreSQL, else a folder. What an
 * earlier run has left in the other is taken over first. docs/adr/0017.
 */
final class StoredSpool {
  private static final Logger log = LoggerFactory.getLogger(StoredSpool.class);

  /** H2 lets in one process, so no life is told from another there. */
  private static final long ALONE = 1;

  private StoredSpool() {}

  /**
   * @param folder its name tells the spools of one database apart
   * @param jdbi makes the transactions of this daemon
   */
  static Spool open(Path folder, Database database, Jdbi jdbi, Clock clock) throws IOException {
    var life = database.life();
    var files = SpoolStore.folder(folder);
    try {
      var rows = rows(folder, jdbi, database.source());
      var table = new SpoolTable(rows, life.orElse(ALONE), database.lease(), files);
      return life.isPresent()
          ? takenOver(folder, table, files, clock)
          : takenOver(folder, files, table, clock);
    } catch (IOException | RuntimeException failed) {
      files.close();
      throw failed;
    }
  }

  /**
   * The table for an instance that stands by: what it adds is for whoever carries.
   *
   * @param folder for large mails while they arrive; what was left in it is added, too
   */
  static Spool openToAdd(Path folder, DataSource database, Clock clock) throws IOException {
    var files = SpoolStore.folder(folder);
    try {
      var rows = rows(folder, StoredText.jdbi(database), database);
      return takenOver(
          folder, new SpoolTable(rows, SpoolRows.NOBODY, Lease.ALL, files), files, clock);
    } catch (IOException | RuntimeException failed) {
      files.close();
      throw failed;
    }
  }

  private static Spool takenOver(Path folder, SpoolStore store, SpoolStore other, Clock clock)
      throws IOException {
    int taken = store.takeOver(other);
    if (taken > 0) {
      log.info("spool={} took over mails={}", folder.getFileName(), taken);
    }
    return Spool.open(store, clock);
  }

  /** The rows of a spool. */
  static SpoolRows rows(Path folder, Jdbi settling, DataSource database) {
    // What is added is a stream that has been read: no transaction over it is run again.
    var taking = StoredText.jdbi(database);
    Database.keepValuesOutOfMessages(taking);
    return new SpoolRows(settling, taking, folder.getFileName().toString());
  }
}

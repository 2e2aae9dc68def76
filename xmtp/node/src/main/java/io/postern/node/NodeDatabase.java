package io.postern.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's own database file (H2), with one {@link WriteLane} and a pool of connections that only
 * read. A write that was answered is in the {@link Journal}, so it survives a {@code kill -9}.
 *
 * <p>H2 saves the roots of its tables one after the other. If another thread saves while a
 * transaction is being made, the file can have half of it, and does after a kill. So H2's own
 * writer never wakes: the lane's thread saves, between transactions, or H2 in that thread.
 */
final class NodeDatabase implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeDatabase.class);

  private static final String FILE = "node";
  private static final int MAX_CONNECTIONS = 32;
  private static final int NEVER = Integer.MAX_VALUE;

  private final FolderLock lock;
  private final JdbcConnectionPool pool;
  private final Jdbi jdbi;
  private final WriteLane lane;
  private final Sequences sequences;
  private final Journal journal;
  private final AtomicBoolean closed = new AtomicBoolean();

  private NodeDatabase(FolderLock lock, JdbcConnectionPool pool, Path folder, Clock clock)
      throws IOException {
    this.lock = lock;
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
    this.sequences = new Sequences(clock);
    this.journal = recover(jdbi, folder);
    this.lane = WriteLane.open(jdbi, journal, jdbi.withHandle(NodeDatabase::applied));
  }

  /** Brings the database to where the last run ended. */
  private static Journal recover(Jdbi jdbi, Path folder) throws IOException {
    try (var handle = jdbi.open()) {
      var journal =
          Journal.recover(
              folder,
              (number, changes) -> {
                if (number <= applied(handle)) {
                  return;
                }
                handle.begin();
                Transaction.replay(changes, handle);
                handle.execute("UPDATE journal SET applied = ?", number);
                handle.commit();
              });
      save(handle);
      return journal;
    }
  }

  private static long applied(Handle handle) {
    return handle.createQuery("SELECT applied FROM journal").mapTo(Long.class).one();
  }

  /** Makes the database file have every transaction. Not while one is being made. */
  static void save(Handle handle) {
    handle.execute("CHECKPOINT SYNC");
  }

  /**
   * @throws NodeException if the folder cannot be made, or another process has the database open
   */
  static NodeDatabase open(Path folder, Clock clock) throws NodeException {
    FolderLock lock;
    try {
      if (folder.toAbsolutePath().toString().contains(";")) {
        throw new IOException("its name must not have a semicolon");
      }
      Files.createDirectories(folder);
      lock = FolderLock.take(folder);
    } catch (IOException e) {
      throw cannotOpen(folder, e);
    }
    var pool = JdbcConnectionPool.create(url(folder), "sa", "");
    try {
      pool.setMaxConnections(MAX_CONNECTIONS);
      Flyway.configure(NodeDatabase.class.getClassLoader())
          .dataSource(pool)
          .locations("classpath:io/postern/node/migration")
          .load()
          .migrate();
      return new NodeDatabase(lock, pool, folder, clock);
    } catch (IOException | FlywayException | JdbiException e) {
      pool.dispose();
      lock.close();
      throw cannotOpen(folder, e);
    }
  }

  private static NodeException cannotOpen(Path folder, Exception cause) {
    return new NodeException(
        "node data folder %s cannot be opened; choose a folder that is writable and not used by another node: %s"
            .formatted(folder, cause.getMessage()),
        cause);
  }

  private static String url(Path folder) {
    var file = folder.toAbsolutePath().normalize().resolve(FILE).toString();
    return "jdbc:h2:file:%s;WRITE_DELAY=%d;DB_CLOSE_ON_EXIT=FALSE;QUERY_CACHE_SIZE=64"
        .formatted(file, NEVER);
  }

  /** For reading; every change goes through {@link #write}. */
  Jdbi jdbi() {
    return jdbi;
  }

  /** To be used inside a {@link WriteLane.Write} only. */
  Sequences sequences() {
    return sequences;
  }

  /** As {@link WriteLane#submit}. */
  <T> CompletableFuture<T> write(long bytes, WriteLane.Write<T> write) {
    return lane.submit(bytes, write);
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    lane.close();
    try (var connection = pool.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("SHUTDOWN");
      journal.close();
    } catch (IOException | SQLException e) {
      log.warn(
          "the node's files were not closed in order; the journal makes up for it at the next start",
          e);
    }
    pool.dispose();
    lock.close();
  }
}

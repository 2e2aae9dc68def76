package io.postern.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * The node's own database file (H2), with one {@link WriteLane} and a pool of connections that only
 * read. A write that was answered has left the process (WRITE_DELAY=0), so it survives a {@code
 * kill -9}.
 */
final class NodeDatabase implements AutoCloseable {
  private static final String FILE = "node";
  private static final int MAX_CONNECTIONS = 32;

  private final JdbcConnectionPool pool;
  private final Jdbi jdbi;
  private final WriteLane lane;
  private final Sequences sequences;

  private NodeDatabase(JdbcConnectionPool pool, Clock clock) {
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
    this.sequences = new Sequences(clock);
    this.lane = WriteLane.open(jdbi);
  }

  /**
   * @throws NodeException if the folder cannot be made, or another process has the database open
   */
  static NodeDatabase open(Path folder, Clock clock) throws NodeException {
    JdbcConnectionPool pool = null;
    try {
      Files.createDirectories(folder);
      pool = JdbcConnectionPool.create(url(folder), "sa", "");
      pool.setMaxConnections(MAX_CONNECTIONS);
      Flyway.configure(NodeDatabase.class.getClassLoader())
          .dataSource(pool)
          .locations("classpath:io/postern/node/migration")
          .load()
          .migrate();
      return new NodeDatabase(pool, clock);
    } catch (IOException | FlywayException | JdbiException e) {
      if (pool != null) {
        pool.dispose();
      }
      throw new NodeException(
          "node data folder "
              + folder
              + " cannot be opened; choose a folder that is writable and not used by another process: "
              + e.getMessage(),
          e);
    }
  }

  private static String url(Path folder) {
    var file = folder.toAbsolutePath().normalize().resolve(FILE).toString().replace(";", "\\;");
    return "jdbc:h2:file:" + file + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;QUERY_CACHE_SIZE=64";
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
    lane.close();
    pool.dispose();
  }
}

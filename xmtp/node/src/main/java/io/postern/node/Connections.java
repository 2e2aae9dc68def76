package io.postern.node;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcDataSource;
import org.jdbi.v3.core.ConnectionFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections to the node's database, each with the statements that it has read before. The one
 * given back last goes out first. H2's own pool rolls a connection back when it returns, upon which
 * it forgets its statements: then each query is parsed and planned anew. Used by several threads.
 */
final class Connections implements ConnectionFactory {
  private static final Logger log = LoggerFactory.getLogger(Connections.class);

  private static final int MAX = 32;
  private static final int LONGEST_WAIT_SECONDS = 30;

  private final JdbcDataSource source = new JdbcDataSource();
  private final Semaphore free = new Semaphore(MAX, true);

  /** Guarded by itself, as what follows. */
  private final Deque<Connection> idle = new ArrayDeque<>();

  private boolean disposed;

  Connections(String url) {
    source.setURL(url);
    source.setUser("sa");
    source.setPassword("");
  }

  /** Others to the same database, which are not kept. */
  JdbcDataSource source() {
    return source;
  }

  /**
   * @throws SQLException if all are out for long, or it is disposed of: readers may come late to
   *     what a repair has replaced
   */
  @Override
  public Connection openConnection() throws SQLException {
    takePlace();
    boolean opened = false;
    try {
      var connection = idleOne();
      connection = connection == null ? source.getConnection() : connection;
      opened = true;
      return connection;
    } finally {
      if (!opened) {
        free.release();
      }
    }
  }

  private void takePlace() throws SQLException {
    try {
      if (!free.tryAcquire(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new SQLException("all connections to the node's database are in use");
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while waiting for a connection", hurried);
    }
  }

  /** One that is there, or null. */
  private Connection idleOne() throws SQLException {
    synchronized (idle) {
      if (disposed) {
        throw new SQLException("the node's database is closed");
      }
      return idle.poll();
    }
  }

  @Override
  public void closeConnection(Connection connection) throws SQLException {
    try {
      if (!keep(connection)) {
        connection.close();
      }
    } finally {
      free.release();
    }
  }

  /** Whoever has begun a transaction has ended it by now. */
  private boolean keep(Connection connection) throws SQLException {
    boolean good = !connection.isClosed() && connection.getAutoCommit();
    synchronized (idle) {
      if (good && !disposed) {
        idle.push(connection);
        return true;
      }
      return false;
    }
  }

  /** Closes those that are there, and the others when they come back. */
  void dispose() {
    List<Connection> rest;
    synchronized (idle) {
      disposed = true;
      rest = List.copyOf(idle);
      idle.clear();
    }
    for (var connection : rest) {
      try {
        connection.close();
      } catch (SQLException broken) {
        log.debug("what is broken does not close in order either", broken);
      }
    }
  }
}

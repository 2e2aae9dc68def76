package io.postern.bridge;

import io.postern.interop.EachDatabase;
import io.postern.interop.PostgresServer;
import io.postern.mapping.MappingSchema;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientSchema;
import io.postern.xmtp.store.ClientStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Jdbi;

/**
 * The tables of a daemon in memory, or on PostgreSQL if it is that one's turn, and clients on them.
 */
final class TestStore implements AutoCloseable {
  private final JdbcConnectionPool database;
  private final ClientStore store;
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  TestStore() throws SQLException {
    var name = UUID.randomUUID().toString();
    database =
        EachDatabase.isPostgres()
            ? JdbcConnectionPool.create(
                PostgresServer.require().database(name, "bridge", TestStore::migrate).pooled())
            : JdbcConnectionPool.create(
                "jdbc:h2:mem:" + name + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE", "sa", "");
    migrate(database);
    store = ClientStore.open(database, TestVault.any());
  }

  private static void migrate(DataSource database) throws SQLException {
    MappingSchema.migrate(database);
    ClientSchema.migrate(database);
  }

  ClientStore store() {
    return store;
  }

  Jdbi jdbi() {
    return store.jdbi();
  }

  DataSource source() {
    return database;
  }

  ExecutorService workers() {
    return workers;
  }

  ScheduledExecutorService timer() {
    return timer;
  }

  /** A client of these tables that follows nothing. */
  XmtpClient client(Node network) {
    return XmtpClient.open(store, network, workers, timer, Clock.systemUTC(), () -> {});
  }

  /** A network that nobody reaches. */
  static Node away() {
    return away(null, () -> true);
  }

  /** That network, while it is not away. */
  static Node away(Node network, BooleanSupplier away) {
    return (Node)
        Proxy.newProxyInstance(
            Node.class.getClassLoader(),
            new Class<?>[] {Node.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                return null;
              }
              if (away.getAsBoolean()) {
                throw new NodeException(NodeException.Kind.UNREACHABLE, "the network is away");
              }
              try {
                return method.invoke(network, arguments);
              } catch (InvocationTargetException failed) {
                throw failed.getCause();
              }
            });
  }

  @Override
  public void close() {
    workers.shutdownNow();
    timer.shutdownNow();
    database.dispose();
  }
}

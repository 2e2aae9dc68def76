package io.postern.bench;

import io.postern.bridge.BridgeException;
import io.postern.bridge.ClientFile;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.Vault;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcConnectionPool;

/** Our client with a database as the daemon has it, a connection and threads of its own. */
final class OwnClient implements AutoCloseable {
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ClientFile database;
  private final V3Node node;
  private final XmtpClient client;

  private OwnClient(Path file, String url, Secret key, XmtpClient.Events events)
      throws IOException, BridgeException {
    database = ClientFile.open(file, Vault.of(key));
    timer.scheduleWithFixedDelay(database::save, 1, 1, TimeUnit.SECONDS);
    node = V3Node.open(V3Settings.at(URI.create(url)), Clock.systemUTC());
    client = XmtpClient.open(database.store(), node, workers, timer, Clock.systemUTC(), events);
  }

  /**
   * The file of a client that is closed, for a short piece of work. The caller disposes of it.
   *
   * @param file of the database, without its suffix
   */
  static JdbcConnectionPool database(Path file) {
    var database =
        JdbcConnectionPool.create(
            "jdbc:h2:file:"
                + file.toAbsolutePath()
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;WRITE_DELAY=0",
            "sa",
            "");
    return database;
  }

  static Secret newKey() {
    return Secret.random(Vault.KEY_LENGTH, new SecureRandom());
  }

  /**
   * @param file of the database, without its suffix
   * @param key of the vault; the same for the same file
   */
  static OwnClient open(Path file, String url, Secret key) throws IOException, BridgeException {
    return new OwnClient(file, url, key, () -> {});
  }

  /** The same, told of what arrives. */
  static OwnClient open(Path file, String url, Secret key, XmtpClient.Events events)
      throws IOException, BridgeException {
    return new OwnClient(file, url, key, events);
  }

  XmtpClient xmtp() {
    return client;
  }

  ClientStore store() {
    return database.store();
  }

  @Override
  public void close() {
    client.close();
    node.close();
    workers.shutdownNow();
    timer.shutdownNow();
    database.close();
  }
}

package io.postern.bridge;

import io.postern.config.StoreSettings;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.Vault;
import java.nio.file.Path;
import java.sql.SQLException;

/**
 * The database of a client alone, in a file, as the daemon has its own: connections that are kept,
 * transactions that are saved together and forced to the disk. For whoever measures a client
 * without a daemon.
 */
public final class ClientFile implements AutoCloseable {
  private final Database database;
  private final ClientStore store;
  private final DatabaseFile file;

  private ClientFile(Database database, ClientStore store, DatabaseFile file) {
    this.database = database;
    this.store = store;
    this.file = file;
  }

  /**
   * Opens it, or makes it.
   *
   * @param path of the file, without its suffix
   */
  public static ClientFile open(Path path, Vault vault) throws BridgeException {
    var url = "jdbc:h2:file:" + path.toAbsolutePath();
    var database = Database.open(new StoreSettings.H2File(url));
    try {
      var store = ClientStore.open(database.source(), vault);
      var file = database.govern(store.jdbi()).orElseThrow();
      return new ClientFile(database, store, file);
    } catch (SQLException | RuntimeException failed) {
      database.close();
      throw new BridgeException(url + " cannot be opened: " + failed.getMessage(), failed);
    }
  }

  public ClientStore store() {
    return store;
  }

  /** Saves what nobody waits for. For a regular job. */
  public void save() {
    file.save();
  }

  @Override
  public void close() {
    database.close();
  }
}

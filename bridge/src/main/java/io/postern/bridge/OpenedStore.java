package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.VaultSettings;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.Vault;
import io.postern.xmtp.store.VaultStore;
import java.sql.SQLException;
import java.time.Instant;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database with its tables up to date and its vault open: for the daemon, and for commands
 * while none runs.
 */
record OpenedStore(Database database, ClientStore client, Vault vault) implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OpenedStore.class);

  /**
   * @throws BridgeException with what to do: another program has the database, its tables are of
   *     another version, or its vault opens with another key
   */
  static OpenedStore open(Config config, Instant now) throws BridgeException, SQLException {
    return open(config, Database.open(config.store()), now);
  }

  /**
   * The same of a database that is open.
   *
   * @param database closed with the store, and if this fails
   */
  static OpenedStore open(Config config, Database database, Instant now)
      throws BridgeException, SQLException {
    var opened = openForRestore(config, database, now);
    try {
      if (opened.client().jdbi().withHandle(VaultStore::isRestoring)) {
        throw new BridgeException(
            "store.url: a restore of "
                + config.store().url()
                + " did not come to its end; do it again: postern vault restore");
      }
      return opened;
    } catch (BridgeException | RuntimeException | Error failed) {
      opened.close();
      throw failed;
    }
  }

  /** The same, whether or not a restore has come to its end. */
  static OpenedStore openForRestore(Config config, Instant now)
      throws BridgeException, SQLException {
    return openForRestore(config, Database.open(config.store()), now);
  }

  private static OpenedStore openForRestore(Config config, Database database, Instant now)
      throws BridgeException, SQLException {
    try {
      return opened(config, database, now);
    } catch (BridgeException | SQLException | RuntimeException | Error failed) {
      database.close();
      throw failed;
    }
  }

  private static OpenedStore opened(Config config, Database database, Instant now)
      throws BridgeException, SQLException {
    try {
      StoreTables.migrate(database.source(), config.store().url());
      // With a wrong key nothing would work, and each mail would find that out for itself.
      var vault = VaultFile.open(config.vault(), Jdbi.create(database.source()), now);
      var client = ClientStore.on(database.source(), vault, database.lease());
      Database.keepValuesOutOfMessages(client.jdbi());
      return new OpenedStore(database, client, vault);
    } catch (Vault.VaultException notThisKey) {
      throw new BridgeException(
          "vault: " + notThisKey.getMessage() + " for " + config.store().url(), notThisKey);
    }
  }

  /**
   * Whose identities are worth something has seen the words from which they can be made again. In
   * the local profile the first inbox makes a seed by itself.
   */
  void requireSeed(Config config) throws BridgeException {
    if (config.network() instanceof NetworkSettings.Local
        || config.vault() instanceof VaultSettings.KeyFile keyFile && keyFile.madeIfAbsent()) {
      return;
    }
    if (!client.jdbi().withHandle(client.seeds()::isMade)) {
      throw new BridgeException(
          "vault: there is no seed for the wallets of hosted inboxes yet; make it, and write its"
              + " words down, with: postern vault create");
    }
    if (!client.jdbi().withHandle(client.seeds()::isShown)) {
      log.warn(
          "nobody has the words of the seed: without them a lost database loses every hosted"
              + " inbox; stop the daemon and see them once with: postern vault create");
    }
  }

  @Override
  public void close() {
    database.close();
  }
}

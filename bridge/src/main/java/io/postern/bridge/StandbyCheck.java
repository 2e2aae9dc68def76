package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.StoreSettings;
import io.postern.mapping.Carrier;
import io.postern.xmtp.store.Vault;
import java.sql.SQLException;
import java.time.Instant;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an instance could carry in the place of the one that does: what both must have in common.
 * Everything may differ that is of a machine: where it listens, what it is called, its data folder,
 * how its mail leaves. Reads only. docs/adr/0018.
 */
final class StandbyCheck {
  private static final Logger log = LoggerFactory.getLogger(StandbyCheck.class);

  private final Config config;

  StandbyCheck(Config config) {
    this.config = config;
  }

  /**
   * What others that stand by are told of one that begins to carry, and compare with themselves.
   */
  static Carrier carrier(Config config, Instant now) {
    return new Carrier(
        config.smtp().hostname(),
        Version.TEXT,
        Networks.name(config.network()),
        config.domains(),
        parts(config),
        now);
  }

  private static int parts(Config config) {
    return config.store() instanceof StoreSettings.PostgreSql store ? store.carriers() : 1;
  }

  /**
   * @throws BridgeException if it cannot be with these settings or this database, whoever carries
   */
  void requirePossible(DataSource database) throws BridgeException, SQLException {
    try (var connection = database.getConnection()) {
      StoreMark.requireNone(connection, config.store().url());
    }
    if (config.network() instanceof NetworkSettings.Local) {
      throw new BridgeException(
          "another postern has the database "
              + config.store().url()
              + " open, and with network: local each has a node of its own; run one node for both"
              + " (postern node) and write network: {url: …} in both configurations");
    }
  }

  /**
   * @return whether the tables are those of this version, and not of an older one
   * @throws BridgeException if this instance could not carry in the place of that one, with what to
   *     do
   */
  boolean requireFit(DataSource database, Carrier carrier, Instant now) throws BridgeException {
    boolean upToDate = requireKnownTables(database, carrier);
    requireInCommon(carrier);
    requireKey(Jdbi.create(database), now);
    return upToDate;
  }

  private boolean requireKnownTables(DataSource database, Carrier carrier) throws BridgeException {
    int lacking = StoreTables.lacking(database, config.store().url());
    if (lacking > 0) {
      log.info(
          "the tables are of an older version, and wait for {} migrations until this one carries;"
              + " it takes no mail before carrier={} version={}",
          lacking,
          carrier.host(),
          carrier.version());
    }
    return lacking == 0;
  }

  private void requireInCommon(Carrier carrier) throws BridgeException {
    var network = Networks.name(config.network());
    if (!carrier.network().equals(network)) {
      throw new BridgeException(
          different("network is " + network, carrier, "has " + carrier.network()));
    }
    if (carrier.parts() != parts(config)) {
      throw new BridgeException(
          different("store.carriers is " + parts(config), carrier, "has " + carrier.parts()));
    }
    if (!carrier.domains().equals(config.domains())) {
      throw new BridgeException(
          different("domains are " + config.domains(), carrier, "has " + carrier.domains()));
    }
  }

  private static String different(String here, Carrier carrier, String there) {
    return here
        + ", but "
        + carrier.host()
        + ", which has the database, "
        + there
        + "; write the same in both configurations, or stop that one first";
  }

  private void requireKey(Jdbi jdbi, Instant now) throws BridgeException {
    try {
      VaultFile.requireKey(config.vault(), jdbi, now);
    } catch (Vault.VaultException notThisKey) {
      throw new BridgeException(
          "vault: "
              + notThisKey.getMessage()
              + " for "
              + config.store().url()
              + "; take the one with which the postern runs that has it",
          notThisKey);
    }
  }
}

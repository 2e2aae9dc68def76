package io.postern.bridge;

import io.postern.mapping.MappingSchema;
import io.postern.xmtp.store.ClientSchema;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;

/** The tables of all modules in the one database. */
final class StoreTables {
  private StoreTables() {}

  /**
   * Brings them to the version of this program.
   *
   * @param url of the database
   * @throws BridgeException if a newer program has changed them, or a change fails
   */
  static void migrate(DataSource database, String url) throws BridgeException {
    try {
      MappingSchema.migrate(database);
      ClientSchema.migrate(database);
    } catch (FlywayException unusable) {
      throw notOurs(url, unusable);
    }
  }

  /**
   * How many changes they lack. Changes nothing.
   *
   * @throws BridgeException if a newer program has changed them
   */
  static int lacking(DataSource database, String url) throws BridgeException {
    try {
      return MappingSchema.lacking(database) + ClientSchema.lacking(database);
    } catch (FlywayException unusable) {
      throw notOurs(url, unusable);
    }
  }

  private static BridgeException notOurs(String url, FlywayException unusable) {
    return new BridgeException(
        "store.url: the tables of "
            + url
            + " are not those of this version of postern: "
            + unusable.getMessage(),
        unusable);
  }
}

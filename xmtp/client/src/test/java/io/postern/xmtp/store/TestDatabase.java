package io.postern.xmtp.store;

import io.postern.interop.EachDatabase;
import io.postern.interop.PostgresServer;
import io.postern.mls.crypto.Secret;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.h2.jdbcx.JdbcConnectionPool;

/** A real file database, or PostgreSQL if it is that one's turn, with a vault key of its own. */
public final class TestDatabase {
  private TestDatabase() {}

  /** Opens a fresh database in a folder. */
  public static ClientStore open(Path folder) {
    return open(pool(folder));
  }

  /** Opens the database behind these connections, with a new vault key. */
  public static ClientStore open(JdbcConnectionPool pool) {
    return ClientStore.open(pool, Vault.of(Secret.random(Vault.KEY_LENGTH, new SecureRandom())));
  }

  /** Opens it with the vault key that belongs to it. */
  public static ClientStore open(JdbcConnectionPool pool, byte[] vaultKey) {
    return ClientStore.open(pool, Vault.of(Secret.take(vaultKey.clone())));
  }

  /** The connections that the daemon would have. */
  public static JdbcConnectionPool pool(Path folder) {
    if (EachDatabase.isPostgres()) {
      return JdbcConnectionPool.create(
          PostgresServer.require()
              .database(folder.toString(), "client", ClientSchema::migrate)
              .pooled());
    }
    return JdbcConnectionPool.create(
        "jdbc:h2:file:"
            + folder.toAbsolutePath().resolve("client")
            + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;WRITE_DELAY=0",
        "sa",
        "");
  }
}

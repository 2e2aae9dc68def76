package io.postern.mapping;

import io.postern.interop.EachDatabase;
import io.postern.interop.PostgresServer;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.store.StoredText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Jdbi;

/**
 * A database of a test with this module's tables: H2 in real files, or PostgreSQL if it is that
 * one's turn.
 */
final class MappingDatabase implements AutoCloseable {
  static final Instant T0 = Instant.parse("2026-02-03T10:00:00Z");

  private final JdbcConnectionPool pool;
  private final Jdbi jdbi;

  private MappingDatabase(JdbcConnectionPool pool) {
    this.pool = pool;
    this.jdbi = StoredText.jdbi(pool);
  }

  static MappingDatabase open(Path folder) throws SQLException {
    if (EachDatabase.isPostgres()) {
      var database =
          PostgresServer.require()
              .database(folder.toString(), "mapping", MappingSchema::migrate)
              .pooled();
      return new MappingDatabase(JdbcConnectionPool.create(database));
    }
    var url =
        "jdbc:h2:file:"
            + folder.resolve("mapping")
            + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;WRITE_DELAY=0";
    var pool = JdbcConnectionPool.create(url, "sa", "");
    MappingSchema.migrate(pool);
    return new MappingDatabase(pool);
  }

  Jdbi jdbi() {
    return jdbi;
  }

  /** Ends the database as a crash would: without writing what only memory holds. */
  void crash() throws SQLException {
    if (EachDatabase.isPostgres()) {
      pool.dispose(); // What was not committed is gone with its connection.
      return;
    }
    try (var connection = pool.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("shutdown immediately");
    } catch (SQLException gone) {
      if (gone.getErrorCode() != ErrorCode.DATABASE_IS_CLOSED) {
        throw gone;
      }
    }
    pool.dispose();
  }

  @Override
  public void close() {
    pool.dispose();
  }

  /** A table of the numbers x from 1 to :count, which each database writes in its own way. */
  static String numbersToCount() {
    return EachDatabase.isPostgres()
        ? "generate_series(1, :count) as numbers (x)"
        : "system_range(1, :count) as numbers (x)";
  }

  static Mailbox mailbox(String text) {
    try {
      return Mailbox.parse(text);
    } catch (MailException malformed) {
      throw new IllegalArgumentException(malformed);
    }
  }

  /** 64 hex digits, for a message. */
  static String message(int n) {
    return "%064x".formatted(n);
  }

  /** 32 hex digits, for a group. */
  static String group(int n) {
    return "%032x".formatted(n);
  }

  static InboxId inbox(int n) {
    return new InboxId("%064x".formatted(n));
  }

  static InstallationId installation(int n) {
    var octets = new byte[32];
    octets[31] = (byte) n;
    return InstallationId.of(octets);
  }

  /** What a crash looks like to the code around a transaction. */
  static final class Crash extends RuntimeException {}
}

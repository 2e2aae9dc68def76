package io.postern.bridge;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.Vault;
import io.postern.xmtp.store.VaultStore;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import javax.sql.DataSource;

/**
 * Writes a backup: the seed and what {@link BackupTables} names, as the database is at one moment.
 * docs/backup.md.
 *
 * <pre>
 *   made at (seconds) ‖ entropy ‖ shown? ‖ (table ‖ columns ‖ (1 ‖ row)… ‖ 0)… ‖ empty name
 * </pre>
 */
final class Backup {
  private static final int FETCHED_AT_ONCE = 500;

  private final DataSource database;
  private final ClientStore store;
  private final Vault vault;

  Backup(DataSource database, ClientStore store, Vault vault) {
    this.database = database;
    this.store = store;
    this.vault = vault;
  }

  /** What is in a backup. */
  record Summary(long inboxes, long messages) {}

  /** Whether there is anything that a backup could bring back. */
  boolean hasSeed() {
    return store.jdbi().withHandle(store.seeds()::isMade);
  }

  /** Whether inboxes of a restore wait for their new installations, and will get them. */
  boolean isRestoring() {
    return store.jdbi().withHandle(store.lost()::list).stream()
        .anyMatch(lost -> lost.trouble().isEmpty());
  }

  /** How large the database is, and so a backup at most. */
  long databaseOctets() throws SQLException {
    try (var connection = database.getConnection();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                connection.getMetaData().getDatabaseProductName().equals("H2")
                    ? "select cast(setting_value as bigint) from information_schema.settings"
                        + " where setting_name = 'info.FILE_SIZE'"
                    : "select pg_database_size(current_database())")) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /**
   * @throws BridgeException if there is no seed, and so no inbox
   */
  Summary write(OutputStream file, Instant now) throws IOException, SQLException, BridgeException {
    var entropy =
        store
            .jdbi()
            .withHandle(store.seeds()::entropy)
            .orElseThrow(
                () ->
                    new BridgeException(
                        "there is no seed yet, and so nothing to be restored; make it with:"
                            + " postern vault create"));
    var fileKey = Secret.random(Vault.KEY_LENGTH, new SecureRandom());
    try {
      var stretch = store.jdbi().withHandle(VaultStore::stretch);
      var header = BackupHeader.of(fileKey, vault, stretch, entropy);
      var sealed = new BackupOutput(new BufferedOutputStream(file), header, fileKey);
      var out = new DataOutputStream(sealed);
      out.writeLong(now.getEpochSecond());
      out.writeByte(entropy.length);
      out.write(entropy);
      out.writeBoolean(store.jdbi().withHandle(store.seeds()::isShown));
      var summary = tables(out);
      out.writeUTF("");
      sealed.finish();
      return summary;
    } finally {
      Arrays.fill(entropy, (byte) 0);
      fileKey.erase();
    }
  }

  /** In one transaction that sees one moment and keeps no other waiting. */
  private Summary tables(DataOutputStream out) throws IOException, SQLException {
    try (var connection = database.getConnection()) {
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setAutoCommit(false);
      try {
        Tables.rowAfterRow(connection, true);
        long inboxes = 0;
        long messages = 0;
        for (var table : BackupTables.KEPT) {
          long rows = table(connection, table, out);
          inboxes += table.name().equals("lost_inbox") ? rows : 0;
          messages += table.name().equals("message") ? rows : 0;
        }
        return new Summary(inboxes, messages);
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
        Tables.rowAfterRow(connection, false);
      }
    }
  }

  private static long table(Connection connection, BackupTables.Table table, DataOutputStream out)
      throws IOException, SQLException {
    try (var statement = connection.createStatement()) {
      statement.setFetchSize(FETCHED_AT_ONCE);
      try (var rows = statement.executeQuery(table.query())) {
        var columns = rows.getMetaData();
        out.writeUTF(table.name());
        out.writeByte(columns.getColumnCount());
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          out.writeUTF(columns.getColumnLabel(i).toLowerCase(Locale.ROOT));
        }
        long count = 0;
        while (rows.next()) {
          out.writeBoolean(true);
          for (int i = 1; i <= columns.getColumnCount(); i++) {
            BackupRow.write(out, rows, i, columns.getColumnType(i));
          }
          count++;
        }
        out.writeBoolean(false);
        return count;
      }
    }
  }
}

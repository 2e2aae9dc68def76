package io.postern.bridge;

import io.postern.mapping.BindingStore;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.VaultStore;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * Puts a backup into an empty store. All of it becomes true at once; until then a mark keeps
 * everything else from the tables, so that a restore which was interrupted can only be made again.
 */
final class Restore {
  private static final int AT_ONCE = 500;
  private static final int MAX_ENTROPY = 32;

  private final ClientStore store;

  /**
   * @param store that nothing else uses
   */
  Restore(ClientStore store) {
    this.store = store;
  }

  /** What came back. */
  record Summary(Instant madeAt, long inboxes, long messages) {}

  /**
   * Marks the store, whose tables must be empty, or half filled by a restore.
   *
   * @throws BridgeException if there is anything in it
   */
  void begin() throws BridgeException, SQLException {
    var jdbi = store.jdbi();
    if (jdbi.withHandle(VaultStore::isRestoring)) {
      jdbi.useTransaction(Restore::empty);
      return;
    }
    for (var table : tables()) {
      if (!jdbi.withHandle(handle -> isEmpty(handle, table))) {
        throw new BridgeException(
            "the store is not empty (there is something in "
                + table
                + "), and a backup goes into an empty one only: end the daemon, move the database"
                + " aside (of the data folder nothing else: mails wait in its spool), keep it, and"
                + " restore again");
      }
    }
    jdbi.useTransaction(handle -> VaultStore.restoring(handle, true));
  }

  private static List<String> tables() {
    return Stream.concat(
            Stream.of("wallet_seed", "hosted_inbox"),
            BackupTables.KEPT.stream().map(BackupTables.Table::name))
        .toList();
  }

  private static boolean isEmpty(Handle handle, String table) throws SQLException {
    try (var statement = handle.getConnection().createStatement();
        var row = statement.executeQuery("select 1 from " + table + " limit 1")) {
      return !row.next();
    }
  }

  private static void change(Handle handle, String sql) throws SQLException {
    try (var statement = handle.getConnection().createStatement()) {
      statement.execute(sql);
    }
  }

  private static void empty(Handle handle) throws SQLException {
    var tables = new ArrayList<>(tables());
    Collections.reverse(tables);
    for (var table : tables) {
      change(handle, "delete from " + table);
    }
  }

  /**
   * @param file behind its header
   * @throws BridgeException if it is damaged, not whole, or of another version; the mark stays
   */
  Summary run(InputStream file, BackupHeader header, Secret fileKey) throws BridgeException {
    var in = new DataInputStream(new BufferedInputStream(new BackupInput(file, header, fileKey)));
    try {
      var madeAt = Instant.ofEpochSecond(in.readLong());
      var entropy = entropy(in);
      boolean shown = in.readBoolean();
      var counted = new long[2];
      store
          .jdbi()
          .<Exception>useTransaction(
              handle -> {
                store.seeds().insert(handle, entropy);
                Arrays.fill(entropy, (byte) 0);
                if (shown) {
                  store.seeds().shown(handle, seconds(madeAt));
                }
                tables(in, handle, counted);
                settle(handle);
              });
      store.jdbi().useHandle(Restore::goOnCounting);
      store.jdbi().useTransaction(handle -> VaultStore.restoring(handle, false));
      return new Summary(madeAt, counted[0], counted[1]);
    } catch (IOException | BackupException damaged) {
      throw new BridgeException(
          "the backup cannot be read: "
              + (damaged.getMessage() == null ? "it ends early" : damaged.getMessage())
              + "; nothing of it is used: restore another one",
          damaged);
    } catch (SQLException unfit) {
      throw new BridgeException(
          "the backup does not fit the tables of this version of postern: " + unfit.getMessage(),
          unfit);
    } catch (RuntimeException bug) {
      throw bug;
    } catch (Exception other) {
      throw new IllegalStateException(other);
    }
  }

  private static long seconds(Instant at) {
    return TimeUnit.SECONDS.toNanos(at.getEpochSecond());
  }

  private static byte[] entropy(DataInputStream in) throws IOException, BackupException {
    int length = in.readUnsignedByte();
    if (length > MAX_ENTROPY) {
      throw new BackupException("its seed is damaged");
    }
    var entropy = new byte[length];
    in.readFully(entropy);
    return entropy;
  }

  /** The numbers that the database gives out go on after the rows. It ends a transaction. */
  private static void goOnCounting(Handle handle) throws SQLException {
    for (var table : BackupTables.KEPT) {
      TableCopy.goOnCounting(handle.getConnection(), table.name());
    }
  }

  private static String known(String table) throws BackupException {
    if (BackupTables.KEPT.stream().noneMatch(kept -> kept.name().equals(table))) {
      throw new BackupException("it holds " + table + ", which this version does not know");
    }
    return table;
  }

  private static void requireColumn(String column) throws BackupException {
    if (!column.matches("[a-z_]{1,63}")) {
      throw new BackupException("a column has no name");
    }
  }

  private static void tables(DataInputStream in, Handle handle, long[] counted)
      throws IOException, SQLException, BackupException {
    var done = new HashSet<String>();
    String name;
    while (!(name = in.readUTF()).isEmpty()) {
      if (!done.add(known(name))) {
        throw new BackupException("it holds " + name + " twice");
      }
      long rows = table(in, handle, name);
      counted[0] += name.equals("lost_inbox") ? rows : 0;
      counted[1] += name.equals("message") ? rows : 0;
    }
    if (in.read() >= 0) {
      throw new BackupException("there is something behind its end");
    }
  }

  private static long table(DataInputStream in, Handle handle, String name)
      throws IOException, SQLException, BackupException {
    int count = in.readUnsignedByte();
    var columns = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      var column = in.readUTF();
      requireColumn(column);
      columns.add(column);
    }
    var sql =
        "insert into "
            + name
            + " ("
            + String.join(", ", columns)
            + ") values ("
            + columns.stream().map(column -> "?").collect(Collectors.joining(", "))
            + ")";
    long rows = 0;
    try (var insert = handle.getConnection().prepareStatement(sql)) {
      while (in.readBoolean()) {
        row(in, insert, count);
        rows++;
        if (rows % AT_ONCE == 0) {
          insert.executeBatch();
        }
      }
      insert.executeBatch();
    }
    return rows;
  }

  private static void row(DataInputStream in, PreparedStatement insert, int count)
      throws IOException, SQLException {
    for (int i = 1; i <= count; i++) {
      BackupRow.read(in, insert, i);
    }
    insert.addBatch();
  }

  /** What waited to be published or handed on when the backup was made does so no more. */
  private static void settle(Handle handle) throws SQLException {
    change(handle, "update message set status = 2 where status = 0");
    change(handle, "update message set pending = false where pending");
  }

  /**
   * For a seed that came back without a backup.
   *
   * @param wallets that are somebody's
   */
  void reserve(Set<Long> wallets, long nowNs) {
    store
        .jdbi()
        .useTransaction(
            handle -> {
              store.seeds().shown(handle, nowNs);
              for (long wallet : wallets) {
                BindingStore.reserve(handle, wallet);
              }
              VaultStore.restoring(handle, false);
            });
  }
}

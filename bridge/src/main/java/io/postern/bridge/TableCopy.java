package io.postern.bridge;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Copies tables from one database into another of the same tables, whatever kind each is, and says
 * what a table holds, so that both can be compared.
 */
final class TableCopy {
  private static final int BATCH_ROWS = 1_000;
  private static final long BATCH_OCTETS = 8L << 20;

  /** Of such as may be large each: so many are in memory at once. */
  private static final int FEW_ROWS = 16;

  /** So large is a sum of digests at most; it starts anew above. */
  private static final int SUM_BITS = 256;

  private final Connection source;
  private final Connection target;

  TableCopy(Connection source, Connection target) {
    this.source = source;
    this.target = target;
  }

  /**
   * What a table holds, in whatever order: the databases sort text each in its own way.
   *
   * @param sum of the SHA-256 of all rows
   */
  record Content(long rows, BigInteger sum) {}

  private record Column(String name, ColumnKind kind) {
    boolean isLarge() {
      return kind == ColumnKind.OCTETS;
    }
  }

  /** Takes all rows out of the target's tables. */
  void empty(List<String> tables) throws SQLException {
    target.setAutoCommit(true);
    try (var statement = target.createStatement()) {
      for (int i = tables.size() - 1; i >= 0; i--) {
        statement.execute("delete from " + tables.get(i));
      }
    }
  }

  /**
   * Copies a table whose like is empty in the target.
   *
   * @return what the source's holds
   * @throws BridgeException if the tables differ
   */
  Content copy(String table) throws SQLException, BridgeException {
    var columns = columns(source, table);
    if (!columns.equals(columns(target, table))) {
      throw new BridgeException(
          "the table " + table + " is not the same in both databases; both need one version");
    }
    var names = columns.stream().map(Column::name).collect(Collectors.joining(", "));
    var places = columns.stream().map(column -> "?").collect(Collectors.joining(", "));
    var sql = "insert into " + table + " (" + names + ") values (" + places + ")";
    target.setAutoCommit(false);
    try (var insert = target.prepareStatement(sql)) {
      var batch = new Batch(insert, columns);
      var content = each(source, table, columns, batch);
      batch.write();
      return content;
    } finally {
      target.rollback();
      target.setAutoCommit(true);
    }
  }

  /** Rows on their way into the target. */
  private static final class Batch implements Row {
    private final PreparedStatement insert;
    private final List<Column> columns;
    private int rows;
    private long octets;

    Batch(PreparedStatement insert, List<Column> columns) {
      this.insert = insert;
      this.columns = columns;
    }

    @Override
    public void take(Object[] values, long size) throws SQLException {
      for (int i = 0; i < values.length; i++) {
        columns.get(i).kind().bind(insert, i + 1, values[i]);
      }
      insert.addBatch();
      rows++;
      octets += size;
      if (rows >= BATCH_ROWS || octets >= BATCH_OCTETS) {
        write();
      }
    }

    void write() throws SQLException {
      insert.executeBatch();
      insert.getConnection().commit();
      rows = 0;
      octets = 0;
    }
  }

  /** What the target's table holds. */
  Content copied(String table) throws SQLException, BridgeException {
    return each(target, table, columns(target, table), (values, octets) -> {});
  }

  /** Lets numbers that a table gives out by itself go on after the ones that are there. */
  static void goOnCounting(Connection target, String table) throws SQLException {
    var counting = new ArrayList<String>();
    try (var rows =
        target.getMetaData().getColumns(target.getCatalog(), target.getSchema(), table, "%")) {
      while (rows.next()) {
        if (rows.getString("TABLE_NAME").equals(table)
            && "YES".equals(rows.getString("IS_AUTOINCREMENT"))) {
          counting.add(rows.getString("COLUMN_NAME"));
        }
      }
    }
    try (var statement = target.createStatement()) {
      for (var column : counting) {
        long last;
        try (var row =
            statement.executeQuery("select coalesce(max(" + column + "), 0) from " + table)) {
          row.next();
          last = row.getLong(1);
        }
        statement.execute(
            "alter table " + table + " alter column " + column + " restart with " + (last + 1));
      }
    }
  }

  /** Something done with a row. */
  private interface Row {
    void take(Object[] values, long octets) throws SQLException;
  }

  private static Content each(Connection connection, String table, List<Column> columns, Row row)
      throws SQLException {
    var names = columns.stream().map(Column::name).collect(Collectors.joining(", "));
    long rows = 0;
    var sum = BigInteger.ZERO;
    var digest = sha256();
    // PostgreSQL's driver hands out row after row only so.
    connection.setAutoCommit(false);
    Tables.rowAfterRow(connection, true);
    try (var statement =
        connection.prepareStatement(
            "select " + names + " from " + table,
            ResultSet.TYPE_FORWARD_ONLY,
            ResultSet.CONCUR_READ_ONLY)) {
      statement.setFetchSize(columns.stream().anyMatch(Column::isLarge) ? FEW_ROWS : BATCH_ROWS);
      try (var found = statement.executeQuery()) {
        while (found.next()) {
          var values = new Object[columns.size()];
          long octets = 0;
          for (int i = 0; i < values.length; i++) {
            var kind = columns.get(i).kind();
            values[i] = kind.value(found, i + 1);
            octets += kind.digest(digest, values[i]);
          }
          rows++;
          sum = sum.add(new BigInteger(1, digest.digest())).mod(BigInteger.ONE.shiftLeft(SUM_BITS));
          row.take(values, octets);
        }
      }
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
      Tables.rowAfterRow(connection, false);
    }
    return new Content(rows, sum);
  }

  /** In the order of their names, which is the same in both. */
  private static List<Column> columns(Connection connection, String table)
      throws SQLException, BridgeException {
    var columns = new ArrayList<Column>();
    try (var rows =
        connection
            .getMetaData()
            .getColumns(connection.getCatalog(), connection.getSchema(), table, "%")) {
      while (rows.next()) {
        if (!rows.getString("TABLE_NAME").equals(table)) {
          continue; // What was asked for is a pattern.
        }
        var name = rows.getString("COLUMN_NAME");
        var kind = ColumnKind.of(rows.getInt("DATA_TYPE"));
        if (kind.isEmpty()) {
          throw new BridgeException(
              "the column " + table + "." + name + " is of a type that is not moved");
        }
        columns.add(new Column(name, kind.get()));
      }
    }
    columns.sort((one, other) -> one.name().compareTo(other.name()));
    return columns;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }
}

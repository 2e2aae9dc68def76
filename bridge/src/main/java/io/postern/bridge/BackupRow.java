package io.postern.bridge;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** One value of a row, as octets that no database's own forms are in. */
final class BackupRow {
  private static final int NULL = 0;
  private static final int NUMBER = 1;
  private static final int BOOLEAN = 2;
  private static final int TEXT = 3;
  private static final int OCTETS = 4;
  private static final int TIME = 5;
  private static final int DAY = 6;

  /** The network's largest message is smaller. */
  private static final int MAX_VALUE = 64 << 20;

  private BackupRow() {}

  /**
   * @param type the column's, of {@link Types}
   */
  static void write(DataOutputStream out, ResultSet row, int column, int type)
      throws IOException, SQLException {
    switch (type) {
      case Types.SMALLINT, Types.INTEGER, Types.BIGINT -> {
        long number = row.getLong(column);
        if (!isNull(out, row.wasNull(), NUMBER)) {
          out.writeLong(number);
        }
      }
      case Types.BOOLEAN, Types.BIT -> {
        boolean claim = row.getBoolean(column);
        if (!isNull(out, row.wasNull(), BOOLEAN)) {
          out.writeBoolean(claim);
        }
      }
      case Types.VARCHAR, Types.CHAR, Types.LONGVARCHAR -> {
        var text = row.getString(column);
        if (!isNull(out, text == null, TEXT)) {
          writeOctets(out, text.getBytes(StandardCharsets.UTF_8));
        }
      }
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> {
        var octets = row.getBytes(column);
        if (!isNull(out, octets == null, OCTETS)) {
          writeOctets(out, octets);
        }
      }
      case Types.TIMESTAMP_WITH_TIMEZONE, Types.TIMESTAMP -> {
        var time = row.getObject(column, OffsetDateTime.class);
        if (!isNull(out, time == null, TIME)) {
          out.writeLong(time.toInstant().getEpochSecond());
          out.writeInt(time.getNano());
        }
      }
      case Types.DATE -> {
        var day = row.getObject(column, LocalDate.class);
        if (!isNull(out, day == null, DAY)) {
          out.writeLong(day.toEpochDay());
        }
      }
      default -> throw new IllegalStateException("no backup knows the column type " + type);
    }
  }

  private static boolean isNull(DataOutputStream out, boolean isNull, int kind) throws IOException {
    out.writeByte(isNull ? NULL : kind);
    return isNull;
  }

  private static void writeOctets(DataOutputStream out, byte[] octets) throws IOException {
    out.writeInt(octets.length);
    out.write(octets);
  }

  /** Reads a value into a statement. */
  static void read(DataInputStream in, PreparedStatement statement, int parameter)
      throws IOException, SQLException {
    int kind = in.readUnsignedByte();
    switch (kind) {
      case NULL -> statement.setNull(parameter, Types.NULL);
      case NUMBER -> statement.setLong(parameter, in.readLong());
      case BOOLEAN -> statement.setBoolean(parameter, in.readBoolean());
      case TEXT ->
          statement.setString(parameter, new String(readOctets(in), StandardCharsets.UTF_8));
      case OCTETS -> statement.setBytes(parameter, readOctets(in));
      case TIME -> {
        var time = Instant.ofEpochSecond(in.readLong(), in.readInt());
        statement.setObject(parameter, time.atOffset(ZoneOffset.UTC));
      }
      case DAY -> statement.setObject(parameter, LocalDate.ofEpochDay(in.readLong()));
      default -> throw new IOException("a value is of the unknown kind " + kind);
    }
  }

  private static byte[] readOctets(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAX_VALUE) {
      throw new IOException("a value is said to have " + length + " octets");
    }
    // What is not there is not made room for.
    var octets = in.readNBytes(length);
    if (octets.length < length) {
      throw new IOException("a value ends early");
    }
    return octets;
  }
}

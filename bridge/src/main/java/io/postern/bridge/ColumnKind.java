package io.postern.bridge;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * What a column holds, whichever name a database has for its type: how its values are read, written
 * and told apart. A value is null where the column is.
 */
enum ColumnKind {
  OCTETS(Types.VARBINARY) {
    @Override
    Object value(ResultSet row, int column) throws SQLException {
      return row.getBytes(column);
    }

    @Override
    byte[] octets(Object value) {
      return (byte[]) value;
    }
  },
  TEXT(Types.VARCHAR) {
    /** As {@link io.postern.xmtp.store.StoredText} has it: older rows may still hold a NUL. */
    @Override
    Object value(ResultSet row, int column) throws SQLException {
      var text = row.getString(column);
      return text == null ? null : text.replace('\0', '\uFFFD');
    }

    @Override
    byte[] octets(Object value) {
      return ((String) value).getBytes(StandardCharsets.UTF_8);
    }
  },
  NUMBER(Types.BIGINT) {
    @Override
    Object value(ResultSet row, int column) throws SQLException {
      long number = row.getLong(column);
      return row.wasNull() ? null : number;
    }

    @Override
    byte[] octets(Object value) {
      return ByteBuffer.allocate(Long.BYTES).putLong((Long) value).array();
    }
  },
  FLAG(Types.BOOLEAN) {
    @Override
    Object value(ResultSet row, int column) throws SQLException {
      boolean flag = row.getBoolean(column);
      return row.wasNull() ? null : flag;
    }

    @Override
    byte[] octets(Object value) {
      return new byte[] {(byte) ((Boolean) value ? 1 : 0)};
    }
  },
  TIME(Types.TIMESTAMP_WITH_TIMEZONE) {
    @Override
    Object value(ResultSet row, int column) throws SQLException {
      return row.getObject(column, OffsetDateTime.class);
    }

    @Override
    byte[] octets(Object value) {
      var at = ((OffsetDateTime) value).toInstant();
      return ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
          .putLong(at.getEpochSecond())
          .putInt(at.getNano())
          .array();
    }
  },
  DAY(Types.DATE) {
    @Override
    Object value(ResultSet row, int column) throws SQLException {
      return row.getObject(column, LocalDate.class);
    }

    @Override
    byte[] octets(Object value) {
      return ByteBuffer.allocate(Long.BYTES).putLong(((LocalDate) value).toEpochDay()).array();
    }
  };

  private final int type;

  ColumnKind(int type) {
    this.type = type;
  }

  /** The one of a type of JDBC, as H2 and PostgreSQL name it; empty for others. */
  static Optional<ColumnKind> of(int jdbcType) {
    return Optional.ofNullable(
        switch (jdbcType) {
          case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> OCTETS;
          case Types.CHAR, Types.VARCHAR, Types.LONGVARCHAR, Types.CLOB -> TEXT;
          case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> NUMBER;
          case Types.BOOLEAN, Types.BIT -> FLAG;
          // PostgreSQL's driver calls a time with its zone so; the stores have no other ones.
          case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE -> TIME;
          case Types.DATE -> DAY;
          default -> null;
        });
  }

  abstract Object value(ResultSet row, int column) throws SQLException;

  abstract byte[] octets(Object value);

  void bind(PreparedStatement statement, int position, Object value) throws SQLException {
    if (value == null) {
      statement.setNull(position, type);
    } else if (this == OCTETS) {
      statement.setBytes(position, (byte[]) value);
    } else {
      statement.setObject(position, value);
    }
  }

  /**
   * Adds a value to what tells rows apart.
   *
   * @return how many octets it has
   */
  int digest(MessageDigest digest, Object value) {
    if (value == null) {
      digest.update((byte) 0);
      return 0;
    }
    var octets = octets(value);
    digest.update((byte) 1);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(octets.length).flip());
    digest.update(octets);
    return octets.length;
  }
}

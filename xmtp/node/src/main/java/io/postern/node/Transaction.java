package io.postern.node;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jdbi.v3.core.Handle;

/**
 * What a {@link WriteLane.Write} works with: it reads through the handle, and makes its changes by
 * name, so that they are noted for the {@link Journal} as they are made.
 */
final class Transaction {
  private static final int LONG = 1;
  private static final int BOOLEAN = 2;
  private static final int STRING = 3;
  private static final int OCTETS = 4;

  private final Handle handle;
  private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
  private final DataOutputStream notes = new DataOutputStream(octets);

  Transaction(Handle handle) {
    this.handle = handle;
  }

  /** For reading; sees the changes made so far. */
  Handle handle() {
    return handle;
  }

  /**
   * @param values Long, Boolean, String or byte[], in the order of the statement
   */
  void make(Change change, Object... values) {
    handle.execute(change.sql(), values);
    try {
      notes.writeUTF(change.name());
      notes.writeByte(values.length);
      for (var value : values) {
        note(value);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail to be written", e);
    }
  }

  boolean isEmpty() {
    return octets.size() == 0;
  }

  /** The changes, as {@link #replay} reads them. */
  byte[] toByteArray() {
    return octets.toByteArray();
  }

  /**
   * Makes the changes of an earlier transaction again.
   *
   * @throws IOException if the octets are not those of {@link #toByteArray}
   */
  static void replay(byte[] octets, Handle handle) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(octets));
    while (in.available() > 0) {
      var name = in.readUTF();
      var values = new Object[in.readUnsignedByte()];
      for (var i = 0; i < values.length; i++) {
        values[i] = value(in);
      }
      handle.execute(change(name).sql(), values);
    }
  }

  private static Change change(String name) throws IOException {
    try {
      return Change.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new IOException("journal has a change that this release does not know: " + name, e);
    }
  }

  private void note(Object value) throws IOException {
    if (value instanceof Long number) {
      notes.writeByte(LONG);
      notes.writeLong(number);
    } else if (value instanceof Boolean claim) {
      notes.writeByte(BOOLEAN);
      notes.writeBoolean(claim);
    } else if (value instanceof String text) {
      notes.writeByte(STRING);
      noteOctets(text.getBytes(StandardCharsets.UTF_8));
    } else if (value instanceof byte[] bytes) {
      notes.writeByte(OCTETS);
      noteOctets(bytes);
    } else {
      throw new IllegalArgumentException("no way to note a " + value.getClass());
    }
  }

  private void noteOctets(byte[] bytes) throws IOException {
    notes.writeInt(bytes.length);
    notes.write(bytes);
  }

  private static Object value(DataInputStream in) throws IOException {
    var kind = in.readUnsignedByte();
    return switch (kind) {
      case LONG -> in.readLong();
      case BOOLEAN -> in.readBoolean();
      case STRING -> new String(readOctets(in), StandardCharsets.UTF_8);
      case OCTETS -> readOctets(in);
      default -> throw new IOException("journal has a value of unknown kind " + kind);
    };
  }

  private static byte[] readOctets(DataInputStream in) throws IOException {
    var length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("journal has a value that is longer than its transaction");
    }
    return in.readNBytes(length);
  }
}

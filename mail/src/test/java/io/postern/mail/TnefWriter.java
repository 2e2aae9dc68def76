package io.postern.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Packs messages as Outlook does, for the tests. MS-OXTNEF. */
final class TnefWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TnefWriter() {
    int32(out, 0x223e9f78);
    int16(out, 1);
    attribute(1, 0x00089006, 0, 0, 1, 0);
  }

  TnefWriter codePage(int codePage) {
    var octets = new ByteArrayOutputStream();
    int32(octets, codePage);
    int32(octets, 0);
    return attribute(1, 0x00069007, octets.toByteArray());
  }

  TnefWriter message(Properties properties) {
    return attribute(1, 0x00069003, properties.octets());
  }

  TnefWriter body(String text) {
    return attribute(1, 0x0002800c, (text + "\0").getBytes(StandardCharsets.ISO_8859_1));
  }

  TnefWriter file(String shortName, byte[] octets, Properties properties) {
    attribute(2, 0x00069002, new byte[14]);
    attribute(2, 0x00018010, (shortName + "\0").getBytes(StandardCharsets.ISO_8859_1));
    if (octets.length > 0) {
      attribute(2, 0x0006800f, octets);
    }
    return attribute(2, 0x00069005, properties.octets());
  }

  TnefWriter attribute(int level, int id, int... octets) {
    var bytes = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      bytes[i] = (byte) octets[i];
    }
    return attribute(level, id, bytes);
  }

  TnefWriter attribute(int level, int id, byte[] octets) {
    out.write(level);
    int32(out, id);
    int32(out, octets.length);
    out.writeBytes(octets);
    int sum = 0;
    for (byte octet : octets) {
      sum += octet & 0xff;
    }
    int16(out, sum);
    return this;
  }

  TnefWriter raw(byte[] octets) {
    out.writeBytes(octets);
    return this;
  }

  byte[] octets() {
    return out.toByteArray();
  }

  /** Properties of a message or a file. */
  static final class Properties {
    private final List<byte[]> list = new ArrayList<>();

    Properties unicode(int id, String text) {
      return variable(0x1f, id, (text + "\0").getBytes(StandardCharsets.UTF_16LE));
    }

    Properties string8(int id, String text, Charset charset) {
      return variable(0x1e, id, (text + "\0").getBytes(charset));
    }

    Properties binary(int id, byte[] octets) {
      return variable(0x102, id, octets);
    }

    Properties message(byte[] tnef) {
      var object = new ByteArrayOutputStream();
      object.writeBytes(new byte[16]);
      object.writeBytes(tnef);
      return variable(0x0d, 0x3701, object.toByteArray()).number(0x3705, 5);
    }

    Properties number(int id, int value) {
      var property = begun(0x03, id);
      int32(property, value);
      list.add(property.toByteArray());
      return this;
    }

    Properties time(int id, long ticks) {
      var property = begun(0x40, id);
      int32(property, (int) ticks);
      int32(property, (int) (ticks >> 32));
      list.add(property.toByteArray());
      return this;
    }

    /** As Outlook names what it keeps for itself. */
    Properties named(String name, String text) {
      var property = begun(0x1f, 0x8001);
      property.writeBytes(new byte[16]);
      int32(property, 1);
      padded(property, (name + "\0").getBytes(StandardCharsets.UTF_16LE));
      int32(property, 1);
      padded(property, (text + "\0").getBytes(StandardCharsets.UTF_16LE));
      list.add(property.toByteArray());
      return this;
    }

    /** Several values under one id. */
    Properties numbers(int id, int... values) {
      var property = begun(0x1003, id);
      int32(property, values.length);
      for (int value : values) {
        int32(property, value);
      }
      list.add(property.toByteArray());
      return this;
    }

    private Properties variable(int type, int id, byte[] octets) {
      var property = begun(type, id);
      int32(property, 1);
      padded(property, octets);
      list.add(property.toByteArray());
      return this;
    }

    private static void padded(ByteArrayOutputStream out, byte[] octets) {
      int32(out, octets.length);
      out.writeBytes(octets);
      out.writeBytes(new byte[-octets.length & 3]);
    }

    private static ByteArrayOutputStream begun(int type, int id) {
      var property = new ByteArrayOutputStream();
      int16(property, type);
      int16(property, id);
      return property;
    }

    byte[] octets() {
      var all = new ByteArrayOutputStream();
      int32(all, list.size());
      list.forEach(all::writeBytes);
      return all.toByteArray();
    }
  }

  /** The header of MS-OXRTFCP before RTF that is not compressed. */
  static byte[] uncompressed(byte[] rtf) {
    var out = new ByteArrayOutputStream();
    int32(out, rtf.length + 12);
    int32(out, rtf.length);
    int32(out, 0x414c454d);
    int32(out, 0);
    out.writeBytes(rtf);
    return out.toByteArray();
  }

  static void int32(ByteArrayOutputStream out, int value) {
    int16(out, value);
    int16(out, value >> 16);
  }

  static void int16(ByteArrayOutputStream out, int value) {
    out.write(value);
    out.write(value >> 8);
  }
}

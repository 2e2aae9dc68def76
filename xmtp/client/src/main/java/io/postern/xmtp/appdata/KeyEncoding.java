package io.postern.xmtp.appdata;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import io.postern.xmtp.identity.InboxId;

/**
 * How the keys of a set or map stand in it. In memory a key is its octets without version or
 * length; those are in the order in which keys must come.
 */
enum KeyEncoding {
  /** A version, which is 0, and 32 octets. */
  INBOX_ID {
    @Override
    byte[] read(TlsReader in) throws WireException {
      int version = in.uint8("inbox id version");
      if (version != 0) {
        throw in.malformed("inbox id version: expected 0, got " + version);
      }
      return in.fixed(InboxId.OCTETS, "inbox id");
    }

    @Override
    void write(TlsWriter out, byte[] key) {
      out.uint8(0).fixed(key);
    }
  },

  /** The number in the form of a length. */
  COMPONENT_ID {
    @Override
    byte[] read(TlsReader in) throws WireException {
      int id = in.length("component id");
      if (id > 0xffff) {
        throw in.malformed("component id: " + id + " is more than 16 bits");
      }
      return ofComponent(id);
    }

    @Override
    void write(TlsWriter out, byte[] key) {
      out.length(componentId(key));
    }
  },

  /** Octets with their length. */
  OCTETS {
    @Override
    byte[] read(TlsReader in) throws WireException {
      return in.opaque("key");
    }

    @Override
    void write(TlsWriter out, byte[] key) {
      out.opaque(key);
    }
  };

  abstract byte[] read(TlsReader in) throws WireException;

  abstract void write(TlsWriter out, byte[] key);

  byte[] encode(byte[] key) {
    var out = new TlsWriter();
    write(out, key);
    return out.toOctets();
  }

  private static byte[] ofComponent(int id) {
    return new byte[] {(byte) (id >>> 8), (byte) id};
  }

  static int componentId(byte[] key) {
    return (key[0] & 0xff) << 8 | key[1] & 0xff;
  }
}

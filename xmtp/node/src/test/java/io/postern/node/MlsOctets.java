package io.postern.node;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** MLS messages with headers as RFC 9420 §6 frames them and contents that mean nothing. */
final class MlsOctets {
  static final int APPLICATION = 1;
  static final int PROPOSAL = 2;
  static final int COMMIT = 3;

  private MlsOctets() {}

  /** A group id of 16 octets. */
  static ByteString groupId(int number) {
    return ByteString.copyFrom(ByteBuffer.allocate(16).putInt(number).array());
  }

  /** An installation key of 32 octets. */
  static ByteString installationKey(int number) {
    return ByteString.copyFrom(ByteBuffer.allocate(32).putInt(number).array());
  }

  static ByteString application(ByteString groupId, String content) {
    return privateMessage(groupId, APPLICATION, ByteString.copyFromUtf8(content));
  }

  static ByteString commit(ByteString groupId, long epoch) {
    return privateMessage(groupId, COMMIT, ByteString.copyFromUtf8("commit of epoch " + epoch));
  }

  static ByteString privateMessage(ByteString groupId, int contentType, ByteString ciphertext) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 1, 0, 2});
    opaque(out, groupId.toByteArray());
    out.writeBytes(new byte[8]);
    out.write(contentType);
    opaque(out, new byte[0]);
    opaque(out, "sender data".getBytes(StandardCharsets.US_ASCII));
    opaque(out, ciphertext.toByteArray());
    return ByteString.copyFrom(out.toByteArray());
  }

  /** A public message of member 0 up to its content type; what is behind, a node does not read. */
  static ByteString publicMessage(ByteString groupId, int contentType) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 1, 0, 1});
    opaque(out, groupId.toByteArray());
    out.writeBytes(new byte[8]);
    out.writeBytes(new byte[] {1, 0, 0, 0, 0});
    opaque(out, new byte[0]);
    out.write(contentType);
    out.writeBytes("content".getBytes(StandardCharsets.US_ASCII));
    return ByteString.copyFrom(out.toByteArray());
  }

  private static void opaque(ByteArrayOutputStream out, byte[] octets) {
    if (octets.length < 1 << 6) {
      out.write(octets.length);
    } else if (octets.length < 1 << 14) {
      out.write(0x40 | octets.length >> 8);
      out.write(octets.length);
    } else {
      out.writeBytes(ByteBuffer.allocate(4).putInt(0x80000000 | octets.length).array());
    }
    out.writeBytes(octets);
  }
}

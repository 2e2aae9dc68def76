package io.postern.mls.framing;

import io.postern.mls.group.GroupInfo;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.Welcome;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;

/** {@code struct MLSMessage}: the outermost frame. RFC 9420 §6. */
public sealed interface MlsMessage extends TlsStruct {
  /** A {@link PublicMessage}. */
  record OfPublic(PublicMessage message) implements MlsMessage {
    @Override
    public void write(TlsWriter out) {
      frame(out, WireFormat.PUBLIC_MESSAGE, message);
    }

    @Override
    public WireFormat wireFormat() {
      return WireFormat.PUBLIC_MESSAGE;
    }
  }

  /** A {@link PrivateMessage}. */
  record OfPrivate(PrivateMessage message) implements MlsMessage {
    @Override
    public void write(TlsWriter out) {
      frame(out, WireFormat.PRIVATE_MESSAGE, message);
    }

    @Override
    public WireFormat wireFormat() {
      return WireFormat.PRIVATE_MESSAGE;
    }
  }

  /** A {@link Welcome}. */
  record OfWelcome(Welcome welcome) implements MlsMessage {
    @Override
    public void write(TlsWriter out) {
      frame(out, WireFormat.WELCOME, welcome);
    }

    @Override
    public WireFormat wireFormat() {
      return WireFormat.WELCOME;
    }
  }

  /** A {@link GroupInfo}. */
  record OfGroupInfo(GroupInfo groupInfo) implements MlsMessage {
    @Override
    public void write(TlsWriter out) {
      frame(out, WireFormat.GROUP_INFO, groupInfo);
    }

    @Override
    public WireFormat wireFormat() {
      return WireFormat.GROUP_INFO;
    }
  }

  /** A {@link KeyPackage}. */
  record OfKeyPackage(KeyPackage keyPackage) implements MlsMessage {
    @Override
    public void write(TlsWriter out) {
      frame(out, WireFormat.KEY_PACKAGE, keyPackage);
    }

    @Override
    public WireFormat wireFormat() {
      return WireFormat.KEY_PACKAGE;
    }
  }

  /**
   * Octets of the largest message that is no application message: a commit that fills the largest
   * group has some five million.
   */
  int MAX_HANDSHAKE_OCTETS = 8 << 20;

  /** What it holds. */
  WireFormat wireFormat();

  /**
   * Reads one message, and nothing after it.
   *
   * @throws WireException {@code MALFORMED}, or {@code UNSUPPORTED} for another version or wire
   *     format
   */
  static MlsMessage read(byte[] octets) throws WireException {
    TlsReader in = new TlsReader(octets);
    MlsMessage message = read(in);
    in.end("MLSMessage");
    return message;
  }

  /** Reads the struct. */
  static MlsMessage read(TlsReader in) throws WireException {
    int version = in.uint16("version");
    if (version != GroupContext.MLS10) {
      throw in.unsupported("version: expected mls10, got " + version);
    }
    int format = in.uint16("wire_format");
    if (format != WireFormat.PRIVATE_MESSAGE.id()) {
      requireNoLonger(in);
    }
    return switch (format) {
      case 1 -> new OfPublic(PublicMessage.read(in));
      case 2 -> new OfPrivate(PrivateMessage.read(in));
      case 3 -> new OfWelcome(Welcome.read(in));
      case 4 -> new OfGroupInfo(GroupInfo.read(in));
      case 5 -> new OfKeyPackage(KeyPackage.read(in));
      default -> throw in.unsupported("wire_format " + format);
    };
  }

  /** The header of a private message, without keys and without copying. */
  static MessageHeader header(byte[] octets) throws WireException {
    return PrivateMessage.peek(octets);
  }

  /** Before anything is copied. */
  static void requireNoLonger(TlsReader in) throws WireException {
    if (in.remaining() > MAX_HANDSHAKE_OCTETS) {
      throw in.malformed(
          "a message of "
              + in.remaining()
              + " octets; for all but application messages the most is "
              + MAX_HANDSHAKE_OCTETS);
    }
  }

  private static void frame(TlsWriter out, WireFormat format, TlsStruct body) {
    out.uint16(GroupContext.MLS10).uint16(format.id()).struct(body);
  }
}

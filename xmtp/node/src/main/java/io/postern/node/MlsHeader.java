package io.postern.node;

import com.google.protobuf.ByteString;

/**
 * What a node reads of a framed MLS message: whose group it is for, and what kind of content. RFC
 * 9420 §6, {@code MLSMessage}, {@code FramedContent} and {@code PrivateMessage}; everything behind
 * is the members' business.
 *
 * @param groupId of 1 to 255 octets
 */
record MlsHeader(ByteString groupId, ContentType contentType) {
  private static final int MLS_10 = 1;
  private static final int PUBLIC_MESSAGE = 1;
  private static final int PRIVATE_MESSAGE = 2;
  private static final int MAX_GROUP_ID = 255;

  enum ContentType {
    APPLICATION,
    PROPOSAL,
    COMMIT
  }

  /**
   * @throws RefusedException if the octets are not a public or private message of MLS 1.0
   */
  static MlsHeader read(ByteString octets) throws RefusedException {
    var in = new Reader(octets);
    var version = in.uint(2);
    if (version != MLS_10) {
      throw refused("protocol version is " + version + ", not 1");
    }
    var wireFormat = (int) in.uint(2);
    if (wireFormat != PUBLIC_MESSAGE && wireFormat != PRIVATE_MESSAGE) {
      throw refused("wire format is " + wireFormat + ", neither public (1) nor private (2)");
    }
    var groupId = in.opaque();
    if (groupId.isEmpty() || groupId.size() > MAX_GROUP_ID) {
      throw refused("group id has " + groupId.size() + " octets");
    }
    in.uint(8);
    if (wireFormat == PUBLIC_MESSAGE) {
      readSender(in);
      in.opaque();
      return new MlsHeader(groupId, contentType(in));
    }
    var header = new MlsHeader(groupId, contentType(in));
    in.opaque();
    in.opaque();
    in.opaque();
    in.end();
    return header;
  }

  /** Proposals count as commits, as on the network. */
  boolean isCommit() {
    return contentType != ContentType.APPLICATION;
  }

  private static void readSender(Reader in) throws RefusedException {
    var type = (int) in.uint(1);
    switch (type) {
      case 1, 2 -> in.uint(4);
      case 3, 4 -> {}
      default -> throw refused("sender type is " + type);
    }
  }

  private static ContentType contentType(Reader in) throws RefusedException {
    var type = (int) in.uint(1);
    return switch (type) {
      case 1 -> ContentType.APPLICATION;
      case 2 -> ContentType.PROPOSAL;
      case 3 -> ContentType.COMMIT;
      default -> throw refused("content type is " + type);
    };
  }

  private static RefusedException refused(String what) {
    return RefusedException.invalid("invalid group message: " + what);
  }

  private static final class Reader {
    private final ByteString octets;
    private int position;

    Reader(ByteString octets) {
      this.octets = octets;
    }

    long uint(int size) throws RefusedException {
      need(size);
      var value = 0L;
      for (var i = 0; i < size; i++) {
        value = value << 8 | octets.byteAt(position++) & 0xff;
      }
      return value;
    }

    /** A vector with the variable-size length of RFC 9420 §2.1.2. */
    ByteString opaque() throws RefusedException {
      need(1);
      var prefix = octets.byteAt(position) >> 6 & 3;
      if (prefix == 3) {
        throw refused("a vector's length starts with the bits 11");
      }
      var size = 1 << prefix;
      var length = (int) (uint(size) & (1L << 8 * size - 2) - 1);
      need(length);
      position += length;
      return octets.substring(position - length, position);
    }

    void end() throws RefusedException {
      if (position != octets.size()) {
        throw refused((octets.size() - position) + " octets behind its end");
      }
    }

    private void need(int size) throws RefusedException {
      if (size > octets.size() - position) {
        throw refused("ends after " + octets.size() + " octets");
      }
    }
  }
}

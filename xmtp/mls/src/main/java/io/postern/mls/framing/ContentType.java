package io.postern.mls.framing;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.WireException;

/** What a framed message says, told without keys. RFC 9420 §6. */
public enum ContentType {
  /** Application data. */
  APPLICATION(1),
  /** A standalone proposal. */
  PROPOSAL(2),
  /** A commit. */
  COMMIT(3);

  private final int id;

  ContentType(int id) {
    this.id = id;
  }

  /** The number on the wire. */
  public int id() {
    return id;
  }

  /** Reads a {@code uint8}. */
  static ContentType read(TlsReader in) throws WireException {
    int id = in.uint8("content_type");
    if (id < 1 || id > 3) {
      throw in.malformed("content_type: expected 1 to 3, got " + id);
    }
    return values()[id - 1];
  }
}

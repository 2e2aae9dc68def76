package io.postern.mail;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Octets that come in pieces, one of which is held at a time. For one thread. */
public abstract class PieceStream extends InputStream {
  private byte[] piece;
  private int at;

  /**
   * @param first what is read before {@link #next} is asked; it may be empty
   */
  protected PieceStream(byte[] first) {
    this.piece = first;
  }

  /** The piece that follows, which may be empty; none if there are no more. */
  protected abstract Optional<byte[]> next() throws IOException;

  @Override
  public final int read() throws IOException {
    return hasMore() ? piece[at++] & 0xff : -1;
  }

  @Override
  public final int read(byte[] octets, int offset, int length) throws IOException {
    if (length == 0 || !hasMore()) {
      return length == 0 ? 0 : -1;
    }
    int count = Math.min(length, piece.length - at);
    System.arraycopy(piece, at, octets, offset, count);
    at += count;
    return count;
  }

  private boolean hasMore() throws IOException {
    while (at == piece.length) {
      var next = next();
      if (next.isEmpty()) {
        return false;
      }
      piece = next.get();
      at = 0;
    }
    return true;
  }
}

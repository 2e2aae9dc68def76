package io.postern.out;

import java.io.IOException;
import java.io.InputStream;

/**
 * The octets of a mail of a folder, fetched piece by piece (RFC 9051 §6.4.5, partial) while they
 * are read. For one thread, which uses the folder for nothing else meanwhile.
 */
final class ImapPieces extends InputStream {
  /** What is larger than the limit, whatever its server has said. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(long limit) {
      super("more than " + limit + " octets");
    }
  }

  private final ImapFolder folder;
  private final long uid;
  private final long size;
  private final long maxOctets;
  private ImapFolder.Piece piece;
  private int at;
  private long before;

  /**
   * @param first the first piece
   * @param size of all, as the server counts
   * @param maxOctets the most of all pieces together
   */
  ImapPieces(ImapFolder folder, long uid, ImapFolder.Piece first, long size, long maxOctets)
      throws TooLargeException {
    this.folder = folder;
    this.uid = uid;
    this.size = size;
    this.maxOctets = maxOctets;
    this.piece = first;
    requireSize();
  }

  private void requireSize() throws TooLargeException {
    if (before + piece.octets().length > maxOctets) {
      throw new TooLargeException(maxOctets);
    }
  }

  @Override
  public int read() throws IOException {
    return hasMore() ? piece.octets()[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] octets, int offset, int length) throws IOException {
    if (length == 0 || !hasMore()) {
      return length == 0 ? 0 : -1;
    }
    int count = Math.min(length, piece.octets().length - at);
    System.arraycopy(piece.octets(), at, octets, offset, count);
    at += count;
    return count;
  }

  private boolean hasMore() throws IOException {
    while (at == piece.octets().length) {
      if (piece.last()) {
        return false;
      }
      before += piece.octets().length;
      piece = next();
      at = 0;
      requireSize();
    }
    return true;
  }

  private ImapFolder.Piece next() throws IOException {
    try {
      return folder
          .piece(uid, before, size)
          .orElseThrow(() -> new IOException("the mail with UID " + uid + " went in the middle"));
    } catch (UndeliveredException lost) {
      throw new IOException(lost.getMessage(), lost);
    }
  }
}

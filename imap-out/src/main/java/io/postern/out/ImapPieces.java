package io.postern.out;

import io.postern.mail.PieceStream;
import java.io.IOException;
import java.util.Optional;

/**
 * The octets of a mail of a folder, fetched piece by piece (RFC 9051 §6.4.5, partial) while they
 * are read. For one thread, which uses the folder for nothing else meanwhile.
 */
final class ImapPieces extends PieceStream {
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
  private long octets;

  /**
   * @param first the first piece
   * @param size of all, as the server counts
   * @param maxOctets the most of all pieces together
   */
  ImapPieces(ImapFolder folder, long uid, ImapFolder.Piece first, long size, long maxOctets)
      throws TooLargeException {
    super(first.octets());
    this.folder = folder;
    this.uid = uid;
    this.size = size;
    this.maxOctets = maxOctets;
    this.piece = first;
    count();
  }

  /** How many there were until now. */
  long octets() {
    return octets;
  }

  private void count() throws TooLargeException {
    octets += piece.octets().length;
    if (octets > maxOctets) {
      throw new TooLargeException(maxOctets);
    }
  }

  @Override
  protected Optional<byte[]> next() throws IOException {
    if (piece.last()) {
      return Optional.empty();
    }
    piece = fetched();
    count();
    return Optional.of(piece.octets());
  }

  private ImapFolder.Piece fetched() throws IOException {
    try {
      return folder
          .piece(uid, octets, size)
          .orElseThrow(() -> new IOException("the mail with UID " + uid + " went in the middle"));
    } catch (UndeliveredException lost) {
      throw new IOException(lost.getMessage(), lost);
    }
  }
}

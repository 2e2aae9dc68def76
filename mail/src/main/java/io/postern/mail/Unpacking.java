package io.postern.mail;

/**
 * How much may still be unpacked out of one mail, whatever packed it: S/MIME, TNEF, compressed RTF;
 * and how many parts it may still have, in whichever wrapper they stand, with how much of headers
 * and texts. One for each mail that is read, so that many small wrappers cannot add up to what one
 * may not.
 */
final class Unpacking {
  /** The most octets that come out of all wrappers of a mail. */
  static final int MAX_OCTETS = 32 << 20;

  private int octetsLeft;
  private int partsLeft = MailReader.MAX_PARTS;
  private int headersLeft = MailReader.MAX_HEADERS_OCTETS;
  private int textsLeft = MailBody.MAX_TEXTS;

  Unpacking() {
    this(MAX_OCTETS);
  }

  private Unpacking(int octets) {
    this.octetsLeft = octets;
  }

  /** Wrappers stay as they are. */
  static Unpacking none() {
    return new Unpacking(0);
  }

  /**
   * Takes what has been unpacked, or is about to be.
   *
   * @throws MailException 5.6.0 if that is more than is left; then nothing is taken
   */
  void take(long octets) throws MailException {
    if (octets > octetsLeft) {
      throw new MailException("5.6.0", "the mail unpacks to more than " + MAX_OCTETS + " octets");
    }
    octetsLeft -= (int) octets;
  }

  /**
   * Takes one part: of the mail itself, of what is signed in it, or a file of its TNEF.
   *
   * @throws MailException 5.6.0 if none is left
   */
  void takePart() throws MailException {
    if (partsLeft == 0) {
      throw new MailException("5.6.0", "the mail has more than " + MailReader.MAX_PARTS + " parts");
    }
    partsLeft--;
  }

  /**
   * Takes one field of a header.
   *
   * @throws MailException 5.6.0 if that is more than is left
   */
  void takeHeader(int octets) throws MailException {
    if (octets > headersLeft) {
      throw new MailException(
          "5.6.0",
          "the headers of the mail and its parts are larger than "
              + MailReader.MAX_HEADERS_OCTETS
              + " octets");
    }
    headersLeft -= octets;
  }

  /**
   * Takes a text to be shown.
   *
   * @return false if that is more than is left; then nothing is taken, and it is a file
   */
  boolean takeText(int octets) {
    if (octets > textsLeft) {
      return false;
    }
    textsLeft -= octets;
    return true;
  }
}

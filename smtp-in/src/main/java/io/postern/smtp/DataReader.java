package io.postern.smtp;

import java.io.IOException;
import java.util.Optional;

/**
 * The octets after DATA, read to their terminator. RFC 5321 §4.1.1.4, §4.5.2.
 *
 * <p>Nothing but CR LF "." CR LF ends the data, and the data are always read to it, whatever is
 * wrong with them: what stops early leaves the rest of a mail to be run as commands. A bare CR, a
 * bare LF or a NUL is a flaw; the mail is refused, because the next program may take such an octet
 * for a line end and find a second mail inside (SMTP smuggling).
 *
 * <pre>
 *             "."          CR            LF
 *  LINE_START ───▶ DOT ─────────▶ DOT_CR ───▶ the end
 *      ▲            │ else           │ else: bare CR
 *      │            ▼                ▼
 *      └── LF ◀─ CR ◀──── CR ──── TEXT
 * </pre>
 *
 * <p>For one mail and one thread.
 */
final class DataReader {
  /** Where the octets come from; an early end is an {@link java.io.EOFException}. */
  @FunctionalInterface
  interface Source {
    int octet() throws IOException;
  }

  /** Where the mail goes, its dots unstuffed. */
  @FunctionalInterface
  interface Sink {
    void write(byte[] octets, int offset, int length) throws IOException;
  }

  /** What RFC 5321 §2.3.8 and §4.1.1.4 forbid inside the data. */
  enum Flaw {
    BARE_CR("a CR without LF"),
    BARE_LF("an LF without CR"),
    NUL("a NUL octet");

    final String text;

    Flaw(String text) {
      this.text = text;
    }
  }

  /** Looks for flaws in a mail that comes another way, without stuffed dots and without an end. */
  static final class Flaws {
    private Optional<Flaw> first = Optional.empty();
    private boolean afterCr;

    /** Looks through the next octets of the mail. */
    void look(byte[] octets, int length) {
      for (int i = 0; i < length && first.isEmpty(); i++) {
        byte octet = octets[i];
        if (afterCr != (octet == '\n')) {
          first = Optional.of(afterCr ? Flaw.BARE_CR : Flaw.BARE_LF);
        } else if (octet == 0) {
          first = Optional.of(Flaw.NUL);
        }
        afterCr = octet == '\r';
      }
    }

    /** What was found; the mail has ended. */
    Optional<Flaw> first() {
      return first.or(() -> afterCr ? Optional.of(Flaw.BARE_CR) : Optional.empty());
    }
  }

  private enum State {
    LINE_START,
    DOT,
    DOT_CR,
    TEXT,
    CR
  }

  private final long maxOctets;
  private final byte[] chunk = new byte[8192];
  private int filled;
  private long octets;
  private Flaw flaw;
  private IOException sinkFailure;

  /**
   * @param maxOctets the most that a mail may have, line ends counted and stuffed dots not (RFC
   *     1870 §5)
   */
  DataReader(long maxOctets) {
    this.maxOctets = maxOctets;
  }

  /**
   * Reads on to the terminator; what a failed or oversized or flawed mail has left is dropped on
   * the way.
   *
   * @return false if there was still none after twice the allowed octets and a mebibyte: then only
   *     closing the connection is safe
   * @throws IOException if the source failed; failures of the sink are kept, see {@link
   *     #sinkFailure()}
   */
  boolean read(Source source, Sink sink) throws IOException {
    long left = maxOctets * 2 + (1 << 20);
    var state = State.LINE_START;
    while (left-- > 0) {
      int octet = source.octet();
      switch (state) {
        case LINE_START:
          if (octet == '.') {
            state = State.DOT;
            continue;
          }
          break;
        case DOT:
          // The dot is dropped here: RFC 5321 §4.5.2.
          if (octet == '\r') {
            state = State.DOT_CR;
            continue;
          }
          break;
        case DOT_CR:
          if (octet == '\n') {
            flush(sink);
            return true;
          }
          note(Flaw.BARE_CR);
          break;
        case CR:
          if (octet == '\n') {
            put('\r', sink);
            put('\n', sink);
            state = State.LINE_START;
            continue;
          }
          note(Flaw.BARE_CR);
          break;
        case TEXT:
          break;
      }
      if (octet == '\r') {
        state = State.CR;
        continue;
      }
      if (octet == '\n') {
        note(Flaw.BARE_LF);
      } else if (octet == 0) {
        note(Flaw.NUL);
      }
      put(octet, sink);
      state = State.TEXT;
    }
    return false;
  }

  /** The first flaw of the data. */
  Optional<Flaw> flaw() {
    return Optional.ofNullable(flaw);
  }

  /** Whether the mail had more octets than it may have. */
  boolean isTooLarge() {
    return octets > maxOctets;
  }

  /** Why the sink could not take the mail. */
  Optional<IOException> sinkFailure() {
    return Optional.ofNullable(sinkFailure);
  }

  private void note(Flaw found) {
    if (flaw == null) {
      flaw = found;
    }
  }

  private void put(int octet, Sink sink) {
    octets++;
    if (octets > maxOctets || flaw != null || sinkFailure != null) {
      return;
    }
    chunk[filled++] = (byte) octet;
    if (filled == chunk.length) {
      flush(sink);
    }
  }

  private void flush(Sink sink) {
    if (sinkFailure == null && filled > 0) {
      try {
        sink.write(chunk, 0, filled);
      } catch (IOException failed) {
        sinkFailure = failed;
      }
    }
    filled = 0;
  }
}

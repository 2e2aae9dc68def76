package io.postern.out;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.eclipse.angus.mail.iap.ByteArray;
import org.eclipse.angus.mail.iap.ProtocolException;
import org.eclipse.angus.mail.iap.Response;
import org.eclipse.angus.mail.imap.protocol.IMAPProtocol;
import org.eclipse.angus.mail.util.MailLogger;

/**
 * Angus' side of an IMAP connection, which refuses a response that is too long before there is
 * memory for it: RFC 9051 §4.3 lets a server announce a literal of any length, true or not.
 */
final class BoundedImap extends IMAPProtocol {
  private static final MailLogger SILENT =
      new MailLogger(
          BoundedImap.class, "imap", false, new PrintStream(OutputStream.nullOutputStream()));

  private static final int FIRST_OCTETS = 128;

  /** The greeting is read before this is set; then nothing but a line is expected. */
  private final int maxOctets;

  private final boolean greeted;

  /**
   * @param maxOctets of one response
   */
  BoundedImap(String host, int port, Properties properties, boolean implicit, int maxOctets)
      throws IOException, ProtocolException {
    super("imap", host, port, properties, implicit, SILENT);
    this.maxOctets = maxOctets;
    this.greeted = true;
  }

  @Override
  protected ByteArray getResponseBuffer() {
    return new Bounded(greeted ? maxOctets : ImapSockets.MAX_OCTETS);
  }

  @Override
  public Response readResponse() throws IOException, ProtocolException {
    try {
      return super.readResponse();
    } catch (UncheckedIOException tooLong) {
      throw tooLong.getCause();
    }
  }

  /** Grows so far and no further. */
  private static final class Bounded extends ByteArray {
    private final int max;

    Bounded(int max) {
      super(FIRST_OCTETS);
      this.max = max;
    }

    @Override
    public void grow(int octets) {
      if (octets < 0 || octets > max - getBytes().length) {
        throw new UncheckedIOException(
            new IOException("the server announces or sends more than " + max + " octets"));
      }
      super.grow(octets);
    }
  }
}

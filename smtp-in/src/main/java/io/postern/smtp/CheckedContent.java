package io.postern.smtp;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/**
 * The content of a spooled mail, read from its first octet to its last. Where it ends it says
 * whether it was what its CRC-32C promises, and says it again whenever it is asked. What is passed
 * over is read as well.
 */
final class CheckedContent extends CheckedInputStream {
  private final String name;
  private final int expected;
  private long octetsLeft;

  /**
   * @param name of the place, for a person who looks for it
   */
  CheckedContent(InputStream content, String name, long octets, int expected) {
    super(content, new CRC32C());
    this.name = name;
    this.octetsLeft = octets;
    this.expected = expected;
  }

  @Override
  public int read() throws IOException {
    int octet = super.read();
    requireWhole(octet < 0 ? -1 : 1);
    return octet;
  }

  @Override
  public int read(byte[] octets, int offset, int length) throws IOException {
    int count = super.read(octets, offset, length);
    requireWhole(count);
    return count;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private void requireWhole(int count) throws DamagedFileException {
    octetsLeft -= Math.max(count, 0);
    if ((count < 0 || octetsLeft == 0)
        && (octetsLeft > 0 || (int) getChecksum().getValue() != expected)) {
      throw new DamagedFileException(name, "its content has a wrong checksum");
    }
  }
}

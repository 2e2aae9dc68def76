package io.postern.smtp;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32C;

/**
 * The content of a spooled mail, read from its first octet to its last. Where it ends it says
 * whether it was what its CRC-32C promises, and says it again whenever it is asked.
 */
final class CheckedContent extends FilterInputStream {
  private final String name;
  private final int expected;
  private final CRC32C crc = new CRC32C();
  private long octetsLeft;

  /**
   * @param name of the place, for a person who looks for it
   */
  CheckedContent(InputStream content, String name, long octets, int expected) {
    super(content);
    this.name = name;
    this.octetsLeft = octets;
    this.expected = expected;
  }

  @Override
  public int read() throws IOException {
    int octet = super.read();
    if (octet >= 0) {
      crc.update(octet);
    }
    requireWhole(octet < 0 ? -1 : 1);
    return octet;
  }

  @Override
  public int read(byte[] octets, int offset, int length) throws IOException {
    int count = super.read(octets, offset, length);
    if (count > 0) {
      crc.update(octets, offset, count);
    }
    requireWhole(count);
    return count;
  }

  /** What is passed over counts as well. */
  @Override
  public long skip(long count) throws IOException {
    return readNBytes((int) Math.min(count, 8192)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private void requireWhole(int count) throws DamagedFileException {
    octetsLeft -= Math.max(count, 0);
    if ((count < 0 || octetsLeft == 0) && (octetsLeft > 0 || (int) crc.getValue() != expected)) {
      throw new DamagedFileException(name, "its content has a wrong checksum");
    }
  }
}

package io.postern.smtp;

import java.io.IOException;
import java.io.InputStream;

/** A stretch of a mail as a stream; whoever has the octets says how they are read. */
public abstract class Stretch extends InputStream {
  private final long to;
  private long at;

  /** From this octet of the mail to before that one. */
  protected Stretch(long from, long to) {
    this.at = from;
    this.to = to;
  }

  /** As {@link InputStream#read(byte[], int, int)}, of what begins at this octet of the mail. */
  protected abstract int read(long at, byte[] octets, int offset, int length) throws IOException;

  @Override
  public final int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public final int read(byte[] octets, int offset, int length) throws IOException {
    if (length == 0 || at >= to) {
      return length == 0 ? 0 : -1;
    }
    int count = read(at, octets, offset, (int) Math.min(length, to - at));
    at += Math.max(count, 0);
    return count;
  }
}

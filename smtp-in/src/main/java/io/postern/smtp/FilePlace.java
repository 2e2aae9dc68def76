package io.postern.smtp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A place on the disk: a file of its own, or a part of one that several share.
 *
 * @param offset of its first octet in the file
 */
record FilePlace(Path path, long offset, long octets) implements SpoolPlace {
  FilePlace {
    if (offset < 0 || octets < 0) {
      throw new IllegalArgumentException("no place in a file: " + offset + ", " + octets);
    }
  }

  @Override
  public String name() {
    return path.getFileName().toString();
  }

  @Override
  public InputStream open(long from, long to) throws IOException {
    var channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      channel.position(offset + from);
      return new Bounded(Channels.newInputStream(channel), to - from);
    } catch (IOException | RuntimeException failed) {
      channel.close();
      throw failed;
    }
  }

  /** A stream that ends after so many octets. */
  private static final class Bounded extends InputStream {
    private final InputStream in;
    private long left;

    Bounded(InputStream in, long left) {
      this.in = in;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] octets, int offset, int length) throws IOException {
      if (left <= 0) {
        return length == 0 ? 0 : -1;
      }
      int count = in.read(octets, offset, (int) Math.min(length, left));
      left -= Math.max(count, 0);
      return count;
    }

    @Override
    public int available() throws IOException {
      return (int) Math.min(in.available(), left);
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}

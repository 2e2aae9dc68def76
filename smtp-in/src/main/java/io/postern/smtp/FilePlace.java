package io.postern.smtp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
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
    long begin = this.offset;
    return new Stretch(from, to) {
      @Override
      protected int read(long at, byte[] octets, int offset, int length) throws IOException {
        return channel.read(ByteBuffer.wrap(octets, offset, length), begin + at);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}

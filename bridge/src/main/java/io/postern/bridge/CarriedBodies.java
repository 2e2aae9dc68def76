package io.postern.bridge;

import io.postern.mail.Body;
import io.postern.mail.BodyStore;
import io.postern.smtp.Stretch;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bodies of one mail while it is carried: small ones in memory, all others in one private file,
 * which is made when it is needed and gone when this is closed. For one thread.
 */
final class CarriedBodies implements BodyStore, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CarriedBodies.class);

  private static final int CHUNK = 64 << 10;

  /** A body of more octets goes into the file ... */
  private static final int SMALL = 16 << 10;

  /** ... and each that would make the small ones more than this together. */
  private static final int MOST_HELD = 1 << 20;

  private final Path path;
  private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
  private Optional<FileChannel> file = Optional.empty();
  private long fileOctets;
  private int heldOctets;

  /**
   * @param path of the file; what an earlier try may have left there is replaced
   */
  CarriedBodies(Path path) {
    this.path = path;
  }

  @Override
  public Taking begin() {
    buffer.clear();
    long from = fileOctets;
    return new Taking() {
      @Override
      public boolean write(byte[] octets, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
          if (!buffer.hasRemaining()) {
            drain();
          }
          int count = Math.min(buffer.remaining(), length - done);
          buffer.put(octets, offset + done, count);
          done += count;
        }
        return true;
      }

      @Override
      public Body end() throws IOException {
        int size = buffer.position();
        if (from == fileOctets && size <= SMALL && heldOctets + size <= MOST_HELD) {
          heldOctets += size;
          return Body.of(Arrays.copyOf(buffer.array(), size));
        }
        drain();
        return new InFile(file.orElseThrow(), from, Math.toIntExact(fileOctets - from));
      }
    };
  }

  private void drain() throws IOException {
    if (file.isEmpty()) {
      Files.deleteIfExists(path);
      file = Optional.of(PrivateFile.openScratch(path));
    }
    buffer.flip();
    int count = buffer.remaining();
    PrivateFile.write(file.get(), buffer);
    fileOctets += count;
    buffer.clear();
  }

  /** What remains after a crash goes at the next start ({@link Arrivals#open}). */
  @Override
  public void close() {
    if (file.isPresent()) {
      var open = file.get();
      try (open) {
        Files.deleteIfExists(path);
      } catch (IOException failed) {
        log.warn("a file of bodies stays until the next start file={}", path, failed);
      }
    }
  }

  private record InFile(FileChannel file, long from, int size) implements Body {
    @Override
    public InputStream open() {
      return new Stretch(from, from + size) {
        @Override
        protected int read(long at, byte[] octets, int offset, int length) throws IOException {
          int count = file.read(ByteBuffer.wrap(octets, offset, length), at);
          if (count < 0) {
            throw new EOFException("a file of bodies became shorter while its mail was carried");
          }
          return count;
        }
      };
    }
  }
}

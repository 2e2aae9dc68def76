package io.postern.smtp;

import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mail on its way into the spool: kept while it arrives, then {@link #commit committed}, or gone
 * when closed without. A small one stays in memory until then; a larger one is a file. For one
 * thread.
 */
final class IncomingMail implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(IncomingMail.class);

  private final Spool spool;
  private final SpoolId id;
  private final Path path;
  private final ByteBuffer buffer = ByteBuffer.allocate(SpoolJournal.MAX_CONTENT);
  private final CRC32C crc = new CRC32C();
  private Optional<FileChannel> file = Optional.empty();
  private int traceOctets;
  private long contentOctets;

  IncomingMail(Spool spool, SpoolId id, Path path) {
    this.spool = spool;
    this.id = id;
    this.path = path;
  }

  SpoolId id() {
    return id;
  }

  /** Writes the trace field of this server; goes before the first octet of the mail. */
  void writeTrace(byte[] field) throws IOException {
    if (contentOctets > 0) {
      throw new IllegalStateException("the trace field goes on top of the mail");
    }
    write(field, 0, field.length);
    traceOctets = field.length;
  }

  void write(byte[] octets, int offset, int length) throws IOException {
    crc.update(octets, offset, length);
    contentOctets += length;
    int done = 0;
    while (done < length) {
      if (!buffer.hasRemaining()) {
        drain();
      }
      int count = Math.min(buffer.remaining(), length - done);
      buffer.put(octets, offset + done, count);
      done += count;
    }
  }

  /** Octets of the mail, without the trace field. */
  long arrivedOctets() {
    return contentOctets - traceOctets;
  }

  /** The mail as written until now, without the trace field. To be closed. */
  InputStream openArrived() throws IOException {
    if (file.isEmpty()) {
      return new ByteArrayInputStream(buffer.array(), traceOctets, (int) arrivedOctets());
    }
    drain();
    return new FilePlace(path, 0, contentOctets).open(traceOctets, contentOctets);
  }

  /** A file, with all that was written until now. */
  Path written() throws IOException {
    drain();
    return path;
  }

  /** The mail as its judge sees it. */
  ArrivedMail arrived(Envelope envelope, Received received, Optional<Mailbox> login) {
    return new ArrivedMail(this, envelope, received, login);
  }

  /**
   * Makes the mail durable together with all that is known about it. When this returns, the spool
   * holds it whatever happens; when it throws, the spool does not.
   */
  SpoolId commit(Envelope envelope, Received received) throws IOException {
    var form = new SpoolFile(envelope, received, contentOctets, traceOctets, (int) crc.getValue());
    var trailer = form.trailer();
    if (file.isEmpty() && SpoolJournal.takes((int) contentOctets, trailer.length)) {
      spool.adopt(id, buffer.flip(), trailer);
    } else {
      drain();
      file.get().close();
      spool.adopt(id, path, trailer);
    }
    return id;
  }

  SpoolId commit(Envelope envelope, Received received, Verdict verdict) throws IOException {
    return commit(envelope, received.with(verdict));
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      file.get().close();
      // The spool has moved it away, or has a copy, or has not taken it.
      try {
        Files.deleteIfExists(path);
      } catch (IOException failed) {
        // The mail may be taken by now; the next start removes what lies there.
        log.warn("a file of the spool could not be removed file={}", path.getFileName(), failed);
      }
    }
  }

  private void drain() throws IOException {
    if (file.isEmpty()) {
      file =
          Optional.of(
              FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }
    writeFully(file.get(), buffer.flip());
    buffer.clear();
  }

  private static void writeFully(FileChannel channel, ByteBuffer octets) throws IOException {
    while (octets.hasRemaining()) {
      channel.write(octets);
    }
  }
}

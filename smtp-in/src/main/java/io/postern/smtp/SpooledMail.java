package io.postern.smtp;

import io.postern.mail.Envelope;
import io.postern.mail.Received;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** One mail of the spool. Its content stays on the disk until it is asked for. */
public final class SpooledMail {
  private final SpoolId id;
  private final Path path;
  private final SpoolFile file;
  private final int attempts;

  SpooledMail(SpoolId id, Path path, SpoolFile file, int attempts) {
    this.id = id;
    this.path = path;
    this.file = file;
    this.attempts = attempts;
  }

  /** Its name, and the idempotency key of its delivery. */
  public SpoolId id() {
    return id;
  }

  /** Where it goes. */
  public Envelope envelope() {
    return file.envelope();
  }

  /** How it came, and who has been shown to have sent it. */
  public Received received() {
    return file.received();
  }

  /** How often its delivery has been deferred. */
  public int attempts() {
    return attempts;
  }

  /** Octets of the mail as it arrived. */
  public long size() {
    return file.contentOctets() - file.traceOctets();
  }

  /**
   * The mail as final delivery hands it on: {@code Return-Path}, the {@code Received} of this
   * server, then all that arrived, unchanged. RFC 5321 §4.4.
   *
   * @throws DamagedFileException if the file has been altered since it was written
   */
  public byte[] octets() throws IOException {
    var returnPath = TraceField.returnPath(envelope().reversePath());
    var content = content();
    var out = new ByteArrayOutputStream(returnPath.length + content.length);
    out.writeBytes(returnPath);
    out.writeBytes(content);
    return out.toByteArray();
  }

  /**
   * The mail as it arrived, nothing added: what signatures were made over.
   *
   * @throws DamagedFileException if the file has been altered since it was written
   */
  public byte[] arrivedOctets() throws IOException {
    var content = content();
    return Arrays.copyOfRange(content, file.traceOctets(), content.length);
  }

  /** The same as {@link #octets()}, as a stream, unchecked. To be closed. */
  public InputStream open() throws IOException {
    return new SequenceInputStream(
        new ByteArrayInputStream(TraceField.returnPath(envelope().reversePath())),
        SpoolFile.openContent(path, 0, file.contentOctets()));
  }

  @Override
  public String toString() {
    return "SpooledMail[" + id + ", " + envelope() + ", attempts=" + attempts + "]";
  }

  private byte[] content() throws IOException {
    if (file.contentOctets() > Integer.MAX_VALUE - 1024) {
      throw new IOException(path.getFileName() + ": too large to be held in memory");
    }
    try (var in = SpoolFile.openContent(path, 0, file.contentOctets())) {
      var content = in.readNBytes((int) file.contentOctets());
      var crc = new CRC32C();
      crc.update(content);
      if ((int) crc.getValue() != file.contentCrc()) {
        throw new DamagedFileException(path, "its content has a wrong checksum");
      }
      return content;
    }
  }
}

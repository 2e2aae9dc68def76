package io.postern.smtp;

import io.postern.mail.Envelope;
import io.postern.mail.Received;
import io.postern.mail.auth.AuthenticationResults;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** One mail of the spool. Its content stays on the disk until it is asked for. */
public final class SpooledMail {
  private static final int CHUNK = 64 << 10;

  private final SpoolId id;
  private final SpoolPlace place;
  private final SpoolFile file;
  private final SpoolState state;

  SpooledMail(SpoolId id, SpoolPlace place, SpoolFile file, SpoolState state) {
    this.id = id;
    this.place = place;
    this.file = file;
    this.state = state;
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
    return state.attempts();
  }

  /** From when on it counts how long it may wait: its arrival, or its revival if it was dead. */
  public Instant waitsSince() {
    return state.revivedAt().orElseGet(() -> received().at());
  }

  /** Octets of the mail as it arrived. */
  public long size() {
    return file.contentOctets() - file.traceOctets();
  }

  /**
   * The mail as final delivery hands it on: {@code Return-Path}, what was found out about its
   * sender, the {@code Received} of this server, then all that arrived but what claims to be ours
   * and who got a blind copy. RFC 5321 §4.4, RFC 8601 §5, RFC 5322 §3.6.3. To be closed.
   *
   * @throws DamagedFileException now, or at the end of the stream, if the file has been altered
   *     since it was written
   */
  public InputStream open() throws IOException {
    var results = received().verdict().results();
    var above = new ByteArrayOutputStream();
    above.writeBytes(TraceField.returnPath(envelope().reversePath()));
    above.writeBytes(results.getBytes(StandardCharsets.UTF_8));
    var content = content();
    try {
      return new SequenceInputStream(
          new ByteArrayInputStream(above.toByteArray()), HandedOnFields.of(content, host(results)));
    } catch (IOException | RuntimeException failed) {
      content.close();
      throw failed;
    }
  }

  /** Who says so, in a field that this server has made; empty without one. */
  private static String host(String results) {
    var value = results.substring(results.indexOf(':') + 1);
    return AuthenticationResults.parse(value).map(AuthenticationResults::host).orElse("");
  }

  /**
   * The mail as it arrived, nothing added: what signatures were made over.
   *
   * @throws DamagedFileException if the file has been altered since it was written
   */
  public byte[] arrivedOctets() throws IOException {
    try (var in = openArrived()) {
      return in.readAllBytes();
    }
  }

  /**
   * The same as a stream. To be closed.
   *
   * @throws DamagedFileException at the end of the stream, if the file has been altered; so only
   *     who reads to the end knows that it has not
   */
  public InputStream openArrived() throws IOException {
    var content = content();
    try {
      content.skipNBytes(file.traceOctets());
      return content;
    } catch (IOException | RuntimeException failed) {
      content.close();
      throw failed;
    }
  }

  @Override
  public String toString() {
    return "SpooledMail[" + id + ", " + envelope() + ", attempts=" + attempts() + "]";
  }

  /** Trace field and mail; says at its end whether they are what was written. */
  private InputStream content() throws IOException {
    var content = place.open(0, file.contentOctets());
    return new CheckedContent(
        new BufferedInputStream(content, CHUNK),
        place.name(),
        file.contentOctets(),
        file.contentCrc());
  }
}

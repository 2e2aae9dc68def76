package io.postern.smtp;

import io.postern.mail.Envelope;
import io.postern.mail.Received;
import io.postern.mail.auth.AuthenticationResults;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** One mail of the spool. Its content stays on the disk until it is asked for. */
public final class SpooledMail {
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
   * and who got a blind copy. RFC 5321 §4.4, RFC 8601 §5, RFC 5322 §3.6.3.
   *
   * @throws DamagedFileException if the file has been altered since it was written
   */
  public byte[] octets() throws IOException {
    var results = received().verdict().results();
    var out = new ByteArrayOutputStream();
    out.writeBytes(TraceField.returnPath(envelope().reversePath()));
    out.writeBytes(results.getBytes(StandardCharsets.UTF_8));
    out.writeBytes(HandedOnFields.of(content(), host(results)));
    return out.toByteArray();
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
    var content = content();
    return Arrays.copyOfRange(content, file.traceOctets(), content.length);
  }

  @Override
  public String toString() {
    return "SpooledMail[" + id + ", " + envelope() + ", attempts=" + attempts() + "]";
  }

  private byte[] content() throws IOException {
    if (file.contentOctets() > Integer.MAX_VALUE - 1024) {
      throw new IOException(id + ": too large to be held in memory");
    }
    try (var in = place.open(0, file.contentOctets())) {
      var content = in.readNBytes((int) file.contentOctets());
      var crc = new CRC32C();
      crc.update(content);
      if ((int) crc.getValue() != file.contentCrc()) {
        throw new DamagedFileException(place.name(), "its content has a wrong checksum");
      }
      return content;
    }
  }
}

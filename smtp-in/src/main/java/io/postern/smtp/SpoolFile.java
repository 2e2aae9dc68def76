package io.postern.smtp;

import io.postern.mail.Envelope;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * The form of one spooled mail. One file holds all, so that one rename makes a mail and what is
 * known about it durable together; what is known stands behind the content, because much of it is
 * known only when the last octet has come.
 *
 * <pre>
 *  ┌──────────────┬───────────────┬──────────┬──────────────────────────────────────────────┐
 *  │ trace field  │ mail, as it   │ metadata │ footer, 32 octets: content length (8),       │
 *  │ (Received:)  │ arrived       │          │ trace length (4), metadata length (4), CRC of │
 *  └──────────────┴───────────────┴──────────┤ content (4), CRC of metadata and footer (4), │
 *   ╰───────── content ──────────╯           │ "PSTNSP01" (8)                               │
 *                                            └──────────────────────────────────────────────┘
 * </pre>
 *
 * <p>What one instance writes another reads, which may be of the version before: whoever changes
 * the form makes a migration of the tables as well, and nobody takes mail in the new form while one
 * of the old version carries. docs/adr/0021.
 *
 * <p>A file cut short or altered has no valid footer or a wrong CRC-32C and reads as {@link
 * DamagedFileException}.
 *
 * @param envelope where the mail goes
 * @param received how it came
 * @param contentOctets octets of trace field and mail
 * @param traceOctets octets of the trace field
 * @param contentCrc CRC-32C of the content
 */
record SpoolFile(
    Envelope envelope, Received received, long contentOctets, int traceOctets, int contentCrc) {
  private static final int FOOTER = 32;
  private static final long MAGIC = 0x5053544E_53503031L; // "PSTNSP01"

  private static final String RETURNABLE = "returnable";
  private static final String CAUTION = "caution";
  private static final String RESULTS = "results";
  private static final Set<String> ENTRIES = Set.of(RETURNABLE, CAUTION, RESULTS);

  /** Enough for 1,000 recipients with the longest addresses. */
  private static final int MAX_METADATA = 1 << 20;

  /** What stands behind the content: metadata and footer. */
  byte[] trailer() {
    var metadata = metadata();
    var footer = ByteBuffer.allocate(FOOTER);
    footer.putLong(contentOctets).putInt(traceOctets).putInt(metadata.length).putInt(contentCrc);
    var crc = new CRC32C();
    crc.update(metadata);
    crc.update(footer.array(), 0, footer.position());
    footer.putInt((int) crc.getValue()).putLong(MAGIC);

    var trailer = ByteBuffer.allocate(metadata.length + FOOTER);
    return trailer.put(metadata).put(footer.array()).array();
  }

  /**
   * Reads what is known about a mail; its content is not looked at.
   *
   * @throws DamagedFileException if the file is not a whole spooled mail
   */
  static SpoolFile read(SpoolPlace place) throws IOException {
    var name = place.name();
    long size = place.octets();
    if (size < FOOTER) {
      throw new DamagedFileException(name, "it has only " + size + " octets");
    }
    var footer = ByteBuffer.wrap(readAt(place, size - FOOTER, FOOTER));
    long content = footer.getLong();
    int trace = footer.getInt();
    int metadataLength = footer.getInt();
    int contentCrc = footer.getInt();
    int crcFound = footer.getInt();
    boolean ended = footer.getLong() == MAGIC;
    if (!ended
        || metadataLength < 0
        || metadataLength > MAX_METADATA
        || content < 0
        || content != size - FOOTER - metadataLength
        || trace < 0
        || trace > content) {
      throw new DamagedFileException(name, "it does not end as a spooled mail ends");
    }
    var metadata = readAt(place, content, metadataLength);
    var crc = new CRC32C();
    crc.update(metadata);
    crc.update(footer.array(), 0, FOOTER - Integer.BYTES - Long.BYTES);
    if ((int) crc.getValue() != crcFound) {
      throw new DamagedFileException(name, "its metadata have a wrong checksum");
    }
    return parse(name, metadata, content, trace, contentCrc);
  }

  /**
   * Reads a mail from its first octet to its last.
   *
   * @throws DamagedFileException if it is not what was written
   */
  static SpoolFile verify(SpoolPlace place) throws IOException {
    var file = read(place);
    var crc = new CRC32C();
    try (var content = place.open(0, file.contentOctets())) {
      var chunk = new byte[64 << 10];
      int count;
      while ((count = content.read(chunk)) > 0) {
        crc.update(chunk, 0, count);
      }
    }
    if ((int) crc.getValue() != file.contentCrc()) {
      throw new DamagedFileException(place.name(), "the content of a mail has a wrong checksum");
    }
    return file;
  }

  private static byte[] readAt(SpoolPlace place, long position, int length) throws IOException {
    try (var in = place.open(position, position + length)) {
      var octets = in.readNBytes(length);
      if (octets.length < length) {
        throw new IOException(place.name() + " became shorter while it was read");
      }
      return octets;
    }
  }

  private byte[] metadata() {
    var octets = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(octets)) {
      out.writeBoolean(envelope.reversePath().isPresent());
      out.writeUTF(envelope.reversePath().map(Mailbox::toString).orElse(""));
      out.writeInt(envelope.forwardPaths().size());
      for (var path : envelope.forwardPaths()) {
        out.writeUTF(path.toString());
      }
      out.writeLong(received.at().getEpochSecond());
      out.writeInt(received.at().getNano());
      out.writeUTF(received.clientAddress());
      out.writeUTF(received.helo());
      out.writeBoolean(received.tls());
      out.writeUTF(received.verdict().authenticatedDomain());
      for (var entry : entries(received.verdict()).entrySet()) {
        out.writeUTF(entry.getKey());
        out.writeUTF(entry.getValue());
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return octets.toByteArray();
  }

  private static SpoolFile parse(String name, byte[] metadata, long content, int trace, int crc)
      throws DamagedFileException {
    try (var in = new DataInputStream(new ByteArrayInputStream(metadata))) {
      boolean hasReversePath = in.readBoolean();
      var reversePath = in.readUTF();
      int count = in.readInt();
      var forwardPaths = new ArrayList<Mailbox>();
      for (int i = 0; i < count; i++) {
        forwardPaths.add(Mailbox.parse(in.readUTF()));
      }
      var envelope =
          new Envelope(
              hasReversePath ? Optional.of(Mailbox.parse(reversePath)) : Optional.empty(),
              forwardPaths);
      var at = Instant.ofEpochSecond(in.readLong(), in.readInt());
      var client = in.readUTF();
      var helo = in.readUTF();
      boolean tls = in.readBoolean();
      var verdict = verdict(in.readUTF(), entries(name, in));
      var received = new Received(at, client, helo, tls, verdict);
      return new SpoolFile(envelope, received, content, trace, crc);
    } catch (DamagedFileException damaged) {
      throw damaged;
    } catch (IOException | MailException | RuntimeException malformed) {
      throw new DamagedFileException(name, "its metadata do not parse: " + malformed);
    }
  }

  /** What stands behind the fixed metadata, each by its name, as far as there is anything. */
  private static Map<String, String> entries(Verdict verdict) {
    var entries = new LinkedHashMap<String, String>();
    if (verdict.returnable()) {
      entries.put(RETURNABLE, "yes");
    }
    if (!verdict.caution().isEmpty()) {
      entries.put(CAUTION, verdict.caution());
    }
    if (!verdict.results().isEmpty()) {
      entries.put(RESULTS, verdict.results());
    }
    return entries;
  }

  private static Map<String, String> entries(String name, DataInputStream in) throws IOException {
    var entries = new LinkedHashMap<String, String>();
    while (in.available() > 0) {
      var entry = in.readUTF();
      if (!ENTRIES.contains(entry) || entries.put(entry, in.readUTF()) != null) {
        throw new DamagedFileException(name, "its metadata are longer than expected");
      }
    }
    return entries;
  }

  private static Verdict verdict(String domain, Map<String, String> entries) {
    return new Verdict(
        domain,
        entries.containsKey(RETURNABLE),
        entries.getOrDefault(CAUTION, ""),
        entries.getOrDefault(RESULTS, ""));
  }
}

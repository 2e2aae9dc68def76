package io.postern.smtp;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One file of the spool's journal: small mails, one after the other. It has its full length, in
 * zeros, before the first of them, so that a flush writes octets only and nothing about the file.
 *
 * <pre>
 *  ┌───────────────────────┐  each record begins at a multiple of 512 octets:
 *  │ "PSTNJN01" (8)        │  ┌──────────────────────────────────────────────┐
 *  │ salt (16), CRC (4)    │  │ salt (16), length (4), id (26), CRC of these │
 *  │ zeros up to 512       │  │ (4), zeros (13), 'W' or 'G' (1)              │
 *  ├───────────────────────┤  ├──────────────────────────────────────────────┤
 *  │ record, record, …     │  │ the mail in the form of a SpoolFile          │
 *  │ zeros                 │  └──────────────────────────────────────────────┘
 *  └───────────────────────┘
 * </pre>
 *
 * <p>The salt is random: no mail can hold what would pass for a record. A record whose mail has
 * gone says so in one octet, {@code G} instead of {@code W}, which no checksum covers. Records are
 * looked for at every place where one may begin, so that one that was cut short hides no other. No
 * file stays open: there may be many segments, and an interrupted thread closes what it works with.
 *
 * <p>For many threads, but {@link #append} for one at a time.
 */
final class Segment {
  /** Room for some hundred mails of the usual size. */
  static final int OCTETS = 4 << 20;

  /** A larger segment is not one of ours. */
  private static final long MAX_OCTETS = 64L << 20;

  private static final int CHUNK = 64 << 10;
  private static final int ALIGNMENT = 512;
  private static final int HEADER = 64;
  private static final int SALT = 16;
  private static final int ID = 26;
  private static final int STATE_AT = HEADER - 1;
  private static final byte WAITS = 'W';
  private static final byte GONE = 'G';
  private static final long MAGIC = 0x5053544E_4A4E3031L; // "PSTNJN01"

  /**
   * One record.
   *
   * @param at of its first octet
   * @param place of the mail in it
   * @param waits false if it says that its mail has gone
   */
  record Entry(SpoolId id, long at, FilePlace place, boolean waits) {
    /** Where the record behind it may begin. */
    long next() {
      return aligned(place.offset() + place.octets());
    }
  }

  private final Path path;
  private final byte[] salt;
  private final long size;
  private final SharedFlush flush = new SharedFlush(this::force);
  private volatile boolean broken;
  private long end = ALIGNMENT;

  private Segment(Path path, byte[] salt, long size) {
    this.path = path;
    this.salt = salt;
    this.size = size;
  }

  /**
   * Makes an empty one. The caller makes the folder's new entry durable.
   *
   * @param draft where it is written first: what stands at {@code path} is whole
   */
  static Segment create(Path draft, Path path, SecureRandom random) throws IOException {
    var salt = new byte[SALT];
    random.nextBytes(salt);
    var header = ByteBuffer.allocate(CHUNK);
    header.putLong(MAGIC).put(salt).putInt(crc(header));
    try {
      try (var file =
          FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        writeFully(file, header.clear());
        var zeros = ByteBuffer.allocate(CHUNK);
        for (int filled = CHUNK; filled < OCTETS; filled += CHUNK) {
          writeFully(file, zeros.clear());
        }
        file.force(true);
      }
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException failed) {
      Files.deleteIfExists(draft);
      throw failed;
    }
    return new Segment(path, salt, OCTETS);
  }

  /**
   * One of an earlier run, for reading and for saying what has gone.
   *
   * @throws DamagedFileException if it is no segment
   */
  static Segment read(Path path) throws IOException {
    try (var file = new RandomAccessFile(path.toFile(), "r")) {
      var header = ByteBuffer.allocate(Long.BYTES + SALT + Integer.BYTES);
      if (file.length() > MAX_OCTETS || !fill(file, header, 0)) {
        throw new DamagedFileException(
            path, "a segment does not have " + file.length() + " octets");
      }
      var salt = new byte[SALT];
      boolean begins = header.getLong() == MAGIC;
      header.get(salt);
      if (!begins || crc(header) != header.getInt()) {
        throw new DamagedFileException(path, "it does not begin as a segment does");
      }
      return new Segment(path, salt, file.length());
    }
  }

  Path path() {
    return path;
  }

  /** All records, in their order. Whether their mails are whole is not looked at. */
  List<Entry> entries() throws IOException {
    var entries = new ArrayList<Entry>();
    try (var file = new RandomAccessFile(path.toFile(), "r")) {
      var header = ByteBuffer.allocate(HEADER);
      long at = ALIGNMENT;
      while (fill(file, header, at)) {
        var entry = entry(header, at);
        entry.ifPresent(entries::add);
        at = entry.map(Entry::next).orElse(at + ALIGNMENT);
      }
    }
    return entries;
  }

  private Optional<Entry> entry(ByteBuffer header, long at) {
    var found = new byte[SALT];
    header.get(found);
    int length = header.getInt();
    var id = new byte[ID];
    header.get(id);
    if (crc(header) != header.getInt()
        || !Arrays.equals(found, salt)
        || length < 0
        || length > size - at - HEADER) {
      return Optional.empty();
    }
    // An octet that is neither: rather a mail twice than none.
    boolean waits = header.get(STATE_AT) != GONE;
    return SpoolId.parse(new String(id, StandardCharsets.US_ASCII))
        .map(name -> new Entry(name, at, new FilePlace(path, at + HEADER, length), waits));
  }

  /** Whether it can take one more of this length. */
  boolean hasRoomFor(int octets) {
    return !broken && octets <= size - end - HEADER;
  }

  /** Writes one more record; it is durable after {@link #sync}. */
  Entry append(SpoolId id, ByteBuffer content, byte[] trailer) throws IOException {
    int length = content.remaining() + trailer.length;
    if (!hasRoomFor(length)) {
      throw new IllegalStateException("the segment is full");
    }
    var record = ByteBuffer.allocate(HEADER + length);
    record.put(salt).putInt(length).put(id.value().getBytes(StandardCharsets.US_ASCII));
    record.putInt(crc(record)).put(STATE_AT, WAITS);
    record.position(HEADER).put(content).put(trailer);
    var entry = new Entry(id, end, new FilePlace(path, end + HEADER, length), true);
    end = entry.next();
    boolean done = false;
    try {
      write(record.array(), entry.at());
      done = true;
    } finally {
      if (!done) {
        broken = true;
      }
    }
    return entry;
  }

  /**
   * Returns when all that was appended or marked before the call is on the disk. After one failure
   * the segment takes nothing more: nobody knows which of its octets the disk has.
   */
  void sync() throws IOException {
    flush.sync();
  }

  /** Says that a record's mail has gone; survives the process, and the machine after a sync. */
  void markGone(Entry entry) throws IOException {
    write(new byte[] {GONE}, entry.at() + STATE_AT);
  }

  private void force() throws IOException {
    if (broken) {
      throw new IOException(path.getFileName() + ": the disk has failed before");
    }
    boolean done = false;
    try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.force(false);
      done = true;
    } finally {
      if (!done) {
        broken = true;
      }
    }
  }

  /** By a file that an interrupted thread does not close. */
  private void write(byte[] octets, long at) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(at);
      file.write(octets);
    }
  }

  private static long aligned(long octets) {
    return (octets + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Of what stands before the buffer's position. */
  private static int crc(ByteBuffer octets) {
    var crc = new CRC32C();
    crc.update(octets.array(), 0, octets.position());
    return (int) crc.getValue();
  }

  /** False if the file ends before. */
  private static boolean fill(RandomAccessFile file, ByteBuffer buffer, long at)
      throws IOException {
    if (at + buffer.capacity() > file.length()) {
      return false;
    }
    file.seek(at);
    file.readFully(buffer.array());
    buffer.clear();
    return true;
  }

  private static void writeFully(FileChannel channel, ByteBuffer octets) throws IOException {
    while (octets.hasRemaining()) {
      channel.write(octets);
    }
  }
}

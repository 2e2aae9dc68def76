package io.postern.node;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

/**
 * The transactions that the database file may not have yet. The database is saved now and then,
 * many transactions at once; the journal has each transaction, as few octets at its end and forced
 * to the disk, before it is answered. So an answer survives a {@code kill -9} and a power failure,
 * and the database file does not grow by a dozen pages with each message.
 *
 * <pre>
 *   frame: uint32 length | uint32 CRC-32 of the rest | uint64 number | changes
 * </pre>
 *
 * Numbers rise by one. When the file is long and the database has been told to write everything,
 * the file is set aside and a new one begun; the one set aside before is deleted. Used by one
 * thread at a time.
 */
final class Journal implements AutoCloseable {
  /** Above this length the database is made to catch up. */
  static final long MAX_BYTES = 16L << 20;

  private static final String CURRENT = "node.journal";
  private static final String PREVIOUS = "node.journal.previous";
  private static final int HEADER = 8;
  private static final int NUMBER = 8;

  private final Path folder;
  private FileChannel channel;
  private long length;
  private long lastFrame;
  private boolean spoiled;

  private Journal(Path folder) throws IOException {
    this.folder = folder;
    this.channel = open(folder);
    this.length = channel.size();
    this.lastFrame = length;
  }

  /** What {@link #recover} does with each transaction. */
  interface Replay {
    void apply(long number, byte[] changes) throws IOException;
  }

  /**
   * Reads what the journals of the last run have, oldest first, then opens the journal for this
   * one. A frame that was not written to its end was never answered: it ends its file.
   *
   * @throws IOException if the files cannot be read, or {@code replay} throws it
   */
  static Journal recover(Path folder, Replay replay) throws IOException {
    read(folder.resolve(PREVIOUS), replay);
    var whole = read(folder.resolve(CURRENT), replay);
    var journal = new Journal(folder);
    journal.truncate(whole);
    journal.forceNames();
    return journal;
  }

  /**
   * Adds a transaction. When this returns, it is on the disk.
   *
   * @throws IOException if it is not; then the journal may be {@link #isSpoiled}, and takes no more
   */
  void append(long number, byte[] changes) throws IOException {
    checkNotSpoiled();
    var frame = ByteBuffer.allocate(HEADER + NUMBER + changes.length);
    frame.putInt(NUMBER + changes.length).putInt(0).putLong(number).put(changes);
    frame.putInt(4, crc(frame.array(), HEADER, NUMBER + changes.length));
    frame.flip();
    lastFrame = length;
    spoiled = true;
    while (frame.hasRemaining()) {
      length += channel.write(frame);
    }
    channel.force(false);
    spoiled = false;
  }

  /** Takes the last append back: its transaction failed after all. */
  void undo() throws IOException {
    spoiled = true;
    truncate(lastFrame);
    spoiled = false;
  }

  /**
   * Whether a frame may have been written in part: what came behind it would not be read. The
   * journal is to be closed then, and recovered.
   */
  boolean isSpoiled() {
    return spoiled;
  }

  boolean isEmpty() {
    return length == 0;
  }

  boolean isLong() {
    return length > MAX_BYTES;
  }

  /** Sets the file aside and begins a new one. Call it when the database has written everything. */
  void rotate() throws IOException {
    checkNotSpoiled();
    spoiled = true;
    channel.close();
    Files.move(
        folder.resolve(CURRENT), folder.resolve(PREVIOUS), StandardCopyOption.REPLACE_EXISTING);
    channel = open(folder);
    forceNames();
    length = 0;
    lastFrame = 0;
    spoiled = false;
  }

  /** What is forced into a file whose name is lost is lost. */
  private void forceNames() throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (var names = FileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true);
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void checkNotSpoiled() throws IOException {
    if (spoiled) {
      throw new IOException("the journal may end with half a frame: it must be opened again");
    }
  }

  private void truncate(long to) throws IOException {
    channel.truncate(to);
    channel.position(to);
    length = to;
    lastFrame = to;
  }

  private static FileChannel open(Path folder) throws IOException {
    return FileChannel.open(
        folder.resolve(CURRENT), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** Returns the length of the file's whole frames. */
  private static long read(Path file, Replay replay) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    var left = Files.size(file);
    var whole = 0L;
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      while (left >= HEADER + NUMBER) {
        var size = in.readInt();
        var crc = in.readInt();
        if (size < NUMBER || size > left - HEADER) {
          return whole;
        }
        var frame = in.readNBytes(size);
        if (frame.length != size || crc(frame, 0, size) != crc) {
          return whole;
        }
        var octets = ByteBuffer.wrap(frame);
        var number = octets.getLong();
        var changes = new byte[octets.remaining()];
        octets.get(changes);
        replay.apply(number, changes);
        whole += HEADER + size;
        left -= HEADER + size;
      }
    } catch (EOFException e) {
      return whole; // shorter than its size was a moment ago: nobody else writes here, but the end
      // is the end
    }
    return whole;
  }

  private static int crc(byte[] octets, int from, int size) {
    var crc = new CRC32();
    crc.update(octets, from, size);
    return (int) crc.getValue();
  }
}

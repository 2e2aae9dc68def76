package io.postern.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the disk has room for what is about to be written. A database that meets the end of a
 * disk closes itself; so writes end before, and reads go on. Used by one thread at a time.
 */
final class Room {
  private static final Logger log = LoggerFactory.getLogger(Room.class);

  /** Octets that stay free for the journal, and for saving and tidying the database. */
  static final long RESERVE = 64L << 20;

  /** A message is written to the journal, and to the database with its indexes, and moved once. */
  private static final int COPIES = 4;

  private final Path folder;
  private final LongSupplier free;
  private boolean full;

  /**
   * @param free how many octets the folder's disk has left
   */
  Room(Path folder, LongSupplier free) {
    this.folder = folder;
    this.free = free;
  }

  static Room of(Path folder) throws IOException {
    var disk = Files.getFileStore(folder);
    return new Room(
        folder,
        () -> {
          try {
            return disk.getUsableSpace();
          } catch (IOException e) {
            log.debug("the disk does not say how much room it has; writing will show", e);
            return Long.MAX_VALUE;
          }
        });
  }

  /** Whether so many octets may be written. */
  boolean isFor(long bytes) {
    var left = free.getAsLong();
    var isFull = left < RESERVE + COPIES * bytes;
    if (isFull && !full) {
      log.warn(
          "the node stores nothing more: the disk of {} has {} MiB left; it goes on when there is"
              + " room",
          folder,
          left >> 20);
    } else if (full && !isFull) {
      log.info("the node stores again: the disk of {} has {} MiB left", folder, left >> 20);
    }
    full = isFull;
    return !isFull;
  }
}

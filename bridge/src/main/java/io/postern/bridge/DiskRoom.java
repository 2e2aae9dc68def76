package io.postern.bridge;

import io.postern.smtp.Spool;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the disks of the data folder and the database have room for what peers send. Where it has
 * not, nothing more is taken from the network, which keeps it: cursors stay where they are, and no
 * mail is written. None leaves either, since it could not be noted that it has left. The spool's
 * own reserve is smaller, so that mail from people is still taken, and waits. Used by several
 * threads.
 */
final class DiskRoom implements BooleanSupplier {
  /** Some of the largest mails, each of which is composed before it is stored. */
  static final long NEEDED = 256L << 20;

  private static final Logger log = LoggerFactory.getLogger(DiskRoom.class);

  private final Spool spool;
  private final Optional<FileStore> database;
  private final AtomicBoolean low = new AtomicBoolean();

  /**
   * @param database the file of the database, if it is one: it may be on another disk
   */
  DiskRoom(Spool spool, Optional<DatabaseFile> database) throws IOException {
    this.spool = spool;
    this.database =
        database.isPresent()
            ? Optional.of(Files.getFileStore(database.get().file()))
            : Optional.empty();
  }

  @Override
  public boolean getAsBoolean() {
    boolean hasRoom;
    try {
      hasRoom =
          spool.hasRoomFor(NEEDED)
              && (database.isEmpty() || database.get().getUsableSpace() >= NEEDED);
    } catch (IOException unreadable) {
      // What cannot be asked is not known to be full; what is stored there says so itself.
      log.debug("the disk cannot be asked for its room: {}", unreadable.getMessage());
      hasRoom = true;
    }
    if (low.getAndSet(!hasRoom) == hasRoom) {
      if (hasRoom) {
        log.info("the disk has room again");
      } else {
        log.warn(
            "the disk of the data folder or of the database is nearly full; nothing is taken from the network and no"
                + " mail leaves until {} MiB beyond the spool's reserve are free",
            NEEDED >> 20);
      }
    }
    return hasRoom;
  }
}

package io.postern.node;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's files over its whole life: where there is no room for a write it is refused before it
 * does harm, and files that could not be written all the same are closed and opened again. Read by
 * several threads, written by one.
 */
final class Storage implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Storage.class);

  private static final long PAUSE_NANOS = 1_000_000_000;

  private final Path folder;
  private final Room room;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile OpenStorage open;

  // The writing thread's own.
  private boolean broken;
  private boolean told;
  private long lastTry;

  private Storage(Path folder, Room room, OpenStorage open) {
    this.folder = folder;
    this.room = room;
    this.open = open;
  }

  /**
   * @throws IOException if the files cannot be opened; so do {@link FlywayException} and {@link
   *     JdbiException}
   */
  static Storage open(Path folder, Room room) throws IOException {
    return new Storage(folder, room, OpenStorage.open(folder));
  }

  /** For reading. Ask for it each time: it is another one after a repair. */
  Jdbi jdbi() {
    return open.jdbi();
  }

  /**
   * What to do when the files were opened again, on the writing thread: a transaction that failed
   * then may have been stored all the same, and nobody was told.
   */
  void onReopened(Runnable listener) {
    listeners.add(listener);
  }

  /** Why so many octets cannot be written now, if so. Repairs what can be repaired. */
  Optional<String> refusal(long bytes) {
    if (isBroken() && !repair()) {
      return Optional.of("the node's files cannot be written now, its log says why; try again");
    }
    if (bytes > 0 && !room.isFor(bytes)) {
      return Optional.of("the disk of the node is full: make room, then try again");
    }
    return Optional.empty();
  }

  /** As {@link OpenStorage#commit}. */
  void commit(Consumer<Transaction> writes) throws IOException {
    open.commit(writes);
  }

  /** Saves when it is time to. What fails is tried again, after a repair if need be. */
  void keepUp() {
    try {
      open.keepUp();
    } catch (IOException | RuntimeException e) {
      log.error("the node's database cannot be saved; its journal goes on growing", e);
    }
  }

  boolean isBroken() {
    return broken || open.isBroken();
  }

  private boolean repair() {
    var now = System.nanoTime();
    if (broken && now - lastTry < PAUSE_NANOS) {
      return false;
    }
    lastTry = now;
    if (!room.isFor(0)) {
      return false;
    }
    try {
      if (!broken) {
        broken = true;
        open.endWriting();
      }
    } catch (IOException | RuntimeException e) {
      log.debug("what is broken does not close in order either", e);
    }
    try {
      var before = open;
      open = OpenStorage.open(folder);
      before.endReading();
      broken = false;
      told = false;
    } catch (IOException | RuntimeException e) {
      // Whatever H2 throws, callers are to be told to try again.
      if (!told) {
        log.error("the node's files cannot be opened again; it goes on trying", e);
      }
      told = true;
      return false;
    }
    log.info("the node's files are open again folder={}", folder);
    listeners.forEach(Runnable::run);
    return true;
  }

  @Override
  public void close() throws IOException {
    open.close();
  }
}

package io.postern.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the node keeps, in one folder: a database (H2) and its {@link Journal}. It has one {@link
 * WriteLane}, and a pool of connections that only read. Safe for use by several threads.
 */
final class NodeDatabase implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeDatabase.class);

  private final FolderLock lock;
  private final Storage storage;
  private final WriteLane lane;
  private final Sequences sequences;
  private final AtomicBoolean closed = new AtomicBoolean();

  private NodeDatabase(FolderLock lock, Storage storage, Clock clock) {
    this.lock = lock;
    this.storage = storage;
    this.sequences = new Sequences(clock);
    this.lane = WriteLane.open(storage);
  }

  /**
   * @throws NodeException if the folder cannot be made, or another process has the database open
   */
  static NodeDatabase open(Path folder, Clock clock) throws NodeException {
    FolderLock lock;
    Room room;
    try {
      if (folder.toAbsolutePath().toString().contains(";")) {
        throw new IOException("its name must not have a semicolon");
      }
      Files.createDirectories(folder);
      room = Room.of(folder);
      lock = FolderLock.take(folder);
    } catch (IOException e) {
      throw cannotOpen(folder, e);
    }
    return open(folder, clock, lock, room);
  }

  static NodeDatabase open(Path folder, Clock clock, FolderLock lock, Room room)
      throws NodeException {
    try {
      return new NodeDatabase(lock, Storage.open(folder, room), clock);
    } catch (IOException | FlywayException | JdbiException e) {
      lock.close();
      throw cannotOpen(folder, e);
    }
  }

  private static NodeException cannotOpen(Path folder, Exception cause) {
    return new NodeException(
        "node data folder %s cannot be opened; choose a folder that is writable and not used by another node: %s"
            .formatted(folder, cause.getMessage()),
        cause);
  }

  /** For reading, each time anew; every change goes through {@link #write}. */
  Jdbi jdbi() {
    return storage.jdbi();
  }

  /** To be used inside a {@link WriteLane.Write} only, after the start. */
  Sequences sequences() {
    return sequences;
  }

  /** As {@link WriteLane#submit}. */
  <T> CompletableFuture<T> write(long bytes, WriteLane.Write<T> write) {
    return lane.submit(bytes, write);
  }

  /** As {@link Storage#onReopened}. */
  void onReopened(Runnable listener) {
    storage.onReopened(listener);
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    lane.close();
    try {
      storage.close();
    } catch (IOException | JdbiException e) {
      log.warn(
          "the node's files were not closed in order; the journal makes up for it at the next start",
          e);
    } finally {
      lock.close();
    }
  }
}

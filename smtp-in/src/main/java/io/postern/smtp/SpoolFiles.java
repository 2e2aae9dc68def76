package io.postern.smtp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A spool in a folder.
 *
 * <pre>
 *  a small mail ──one flush for all that come at once──▶ journal/ID.segment ──done──▶ gone
 *                                                               │ deferred, dead
 *                                                               ▼
 *  incoming/ID.mail ──fsync, rename, fsync of the folder──▶ ready/ID.mail ──done──▶ gone
 *  (a large one)                                             ready/ID.state  attempts, next one
 *                                                               │ dead
 *                                                               ▼
 *                                                            dead/ID.mail, dead/ID.state
 *  damaged/ what was found in the others and cannot be read; looked at by a person
 * </pre>
 *
 * <p>A mail is ours from the moment that its record is flushed, or that it stands in {@code
 * ready/}; the process may be killed, and the machine may lose its power, at any instruction (ADR
 * 0011). One process uses a folder at a time.
 */
final class SpoolFiles implements SpoolStore {
  private final SpoolFolder folder;
  private final SpoolJournal journal;
  private final SpoolStep.Listener steps;
  private final AtomicBoolean claimed = new AtomicBoolean();

  private SpoolFiles(SpoolFolder folder, SpoolJournal journal, SpoolStep.Listener steps) {
    this.folder = folder;
    this.journal = journal;
    this.steps = steps;
  }

  static SpoolFiles open(Path path, SpoolStep.Listener steps) throws IOException {
    var folder = SpoolFolder.open(path);
    try {
      folder.sweep();
      return new SpoolFiles(folder, SpoolJournal.open(folder, new SecureRandom()), steps);
    } catch (IOException | RuntimeException failed) {
      folder.close();
      throw failed;
    }
  }

  @Override
  public boolean carries() {
    return true;
  }

  @Override
  public Map<SpoolId, SpoolState> claim() throws IOException {
    if (claimed.getAndSet(true)) {
      return Map.of();
    }
    var waiting = folder.waiting();
    journal.ids().forEach(id -> waiting.put(id, SpoolState.NEW));
    return waiting;
  }

  @Override
  public SpoolPlace place(SpoolId id) throws IOException {
    var segment = journal.place(id);
    return segment.isPresent() ? segment.get() : folder.place(folder.ready(id));
  }

  @Override
  public Path arriving(SpoolId id) {
    return folder.incoming(id);
  }

  @Override
  public void add(SpoolId id, ByteBuffer content, byte[] trailer) throws IOException {
    journal.append(id, content, trailer, steps);
  }

  @Override
  public void add(SpoolId id, Path content, byte[] trailer) throws IOException {
    try (var channel =
        FileChannel.open(content, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      var octets = ByteBuffer.wrap(trailer);
      while (octets.hasRemaining()) {
        channel.write(octets);
      }
      steps.reached(SpoolStep.WRITTEN);
      channel.force(true);
      steps.reached(SpoolStep.SYNCED);
    }
    Files.move(content, folder.ready(id), StandardCopyOption.ATOMIC_MOVE);
    steps.reached(SpoolStep.RENAMED);
    try {
      folder.syncReady();
    } catch (IOException failed) {
      // The client will be told to come again; without this the mail would be delivered twice.
      Files.deleteIfExists(folder.ready(id));
      throw failed;
    }
    steps.reached(SpoolStep.FOLDER_SYNCED);
  }

  @Override
  public void add(SpoolId id, SpoolPlace from, long contentOctets, SpoolState state, boolean dead)
      throws IOException {
    journal.moveOut(id); // What an earlier run has left there is the same mail.
    if (!folder.hasFile(id)) {
      if (!state.equals(SpoolState.NEW)) {
        folder.writeReadyStateFirst(id, state);
      }
      folder.giveFile(id, from);
    }
    if (dead && Files.notExists(folder.dead(id))) {
      folder.bury(id, state);
    }
  }

  @Override
  public void remove(SpoolId id) throws IOException {
    if (!journal.leave(id)) {
      // No fsync: should the file come back after a power failure, its id tells that it was done.
      Files.deleteIfExists(folder.ready(id));
      Files.deleteIfExists(folder.readyState(id));
    }
  }

  @Override
  public void defer(SpoolId id, SpoolState state) throws IOException {
    journal.moveOut(id);
    folder.writeReadyState(id, state);
  }

  @Override
  public void bury(SpoolId id, SpoolState state) throws IOException {
    journal.moveOut(id);
    folder.bury(id, state);
  }

  @Override
  public List<SpoolId> dead() throws IOException {
    return folder.deadIds();
  }

  @Override
  public SpoolPlace deadPlace(SpoolId id) throws IOException {
    return folder.place(folder.dead(id));
  }

  @Override
  public SpoolState deadState(SpoolId id) throws IOException {
    return folder.readDeadState(id);
  }

  @Override
  public boolean revive(SpoolId id, SpoolState state) throws IOException {
    return folder.revive(id, state);
  }

  @Override
  public boolean forget(SpoolId id) throws IOException {
    boolean removed = Files.deleteIfExists(folder.dead(id));
    Files.deleteIfExists(folder.deadState(id));
    return removed;
  }

  @Override
  public void setAside(SpoolId id, String why) throws IOException {
    journal.moveOut(id);
    boolean dead = Files.exists(folder.dead(id)) && Files.notExists(folder.ready(id));
    folder.setAside(dead ? folder.dead(id) : folder.ready(id), why);
    Files.deleteIfExists(dead ? folder.deadState(id) : folder.readyState(id));
  }

  @Override
  public boolean hasRoomFor(long octets) throws IOException {
    return folder.usableOctets() > octets + SpoolFolder.RESERVED_OCTETS;
  }

  /** Lets another process use the folder. Nothing is written: all has been. */
  @Override
  public void close() throws IOException {
    try (folder) {
      journal.close();
    }
  }
}

package io.postern.smtp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The small mails of a spool that wait for their first attempt: they stand together in segments,
 * and those that come at once are made durable by one flush. ADR 0011.
 *
 * <p>A mail leaves when it is done, or gets a file of its own when it has to wait for longer; a
 * segment that is full goes when its last mail has left. Should a record come back after a power
 * failure, its id tells what has become of its mail, as that of a file does.
 *
 * <p>For many threads, as long as one at a time settles any one mail.
 */
final class SpoolJournal {
  /** The trace field and the mail; what is larger has a file of its own. */
  static final int MAX_CONTENT = 64 << 10;

  /** With all that is known about it: there may be many recipients. */
  private static final int MAX_OCTETS = 256 << 10;

  private static final Logger log = LoggerFactory.getLogger(SpoolJournal.class);

  private record Held(Segment segment, Segment.Entry entry) {}

  private final SpoolFolder folder;
  private final SecureRandom random;
  private final Map<SpoolId, Held> mails = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  /** How many mails each holds; with the lock. */
  private final Map<Segment, Integer> counts = new HashMap<>();

  /** The one that is written; with the lock. Those of earlier runs are never written again. */
  private Optional<Segment> current = Optional.empty();

  private SpoolJournal(SpoolFolder folder, SecureRandom random) {
    this.folder = folder;
    this.random = random;
  }

  /** Reads what earlier runs have left. */
  static SpoolJournal open(SpoolFolder folder, SecureRandom random) throws IOException {
    var journal = new SpoolJournal(folder, random);
    for (var path : folder.segments()) {
      try {
        journal.recover(Segment.read(path));
      } catch (DamagedFileException damaged) {
        folder.setAside(path, damaged.getMessage());
      }
    }
    return journal;
  }

  /** Whether a mail is small enough. */
  static boolean takes(int content, int trailer) {
    return content <= MAX_CONTENT && content + trailer <= MAX_OCTETS;
  }

  /** All mails that it holds. */
  Set<SpoolId> ids() {
    return Set.copyOf(mails.keySet());
  }

  /** Where a mail stands; empty if it is not here. */
  Optional<FilePlace> place(SpoolId id) {
    return Optional.ofNullable(mails.get(id)).map(held -> held.entry().place());
  }

  /**
   * Takes one more mail. When this returns, it is on the disk; when it throws, it is not here.
   *
   * @param steps is told of each
   */
  void append(SpoolId id, ByteBuffer content, byte[] trailer, SpoolStep.Listener steps)
      throws IOException {
    var held = write(id, content, trailer);
    boolean durable = false;
    try {
      steps.reached(SpoolStep.WRITTEN);
      held.segment().sync();
      durable = true;
    } finally {
      if (!durable) {
        giveUp(held);
      }
    }
    steps.reached(SpoolStep.SYNCED);
  }

  /**
   * The mail is done.
   *
   * @return false if it is not here
   */
  boolean leave(SpoolId id) throws IOException {
    var held = mails.remove(id);
    if (held == null) {
      return false;
    }
    try {
      held.segment().markGone(held.entry());
    } finally {
      release(held.segment());
    }
    return true;
  }

  /** Gives a mail that is here a file of its own. */
  void moveOut(SpoolId id) throws IOException {
    var held = mails.get(id);
    if (held != null) {
      folder.giveFile(id, held.entry().place());
      leave(id);
    }
  }

  /** Leaves no empty segment behind. */
  void close() throws IOException {
    lock.lock();
    try {
      if (current.isPresent()) {
        retire(current.get());
      }
    } finally {
      lock.unlock();
    }
  }

  private void recover(Segment segment) throws IOException {
    for (var entry : segment.entries()) {
      if (!entry.waits()) {
        continue;
      }
      if (folder.hasFile(entry.id())) {
        segment.markGone(entry);
        continue;
      }
      try {
        SpoolFile.verify(entry.place());
        mails.put(entry.id(), new Held(segment, entry));
        counts.merge(segment, 1, Integer::sum);
      } catch (DamagedFileException notWhole) {
        folder.setAside(
            entry.id(),
            entry.place(),
            "it was still arriving when the last run ended, or was damaged since: "
                + notWhole.getMessage());
        segment.markGone(entry);
      }
    }
    if (!counts.containsKey(segment)) {
      Files.deleteIfExists(segment.path());
    }
  }

  private Held write(SpoolId id, ByteBuffer content, byte[] trailer) throws IOException {
    lock.lock();
    try {
      int octets = content.remaining() + trailer.length;
      if (current.filter(segment -> segment.hasRoomFor(octets)).isEmpty()) {
        var next = folder.newSegment(id, random);
        if (current.isPresent()) {
          retire(current.get());
        }
        current = Optional.of(next);
      }
      var segment = current.get();
      var held = new Held(segment, segment.append(id, content, trailer));
      mails.put(id, held);
      counts.merge(segment, 1, Integer::sum);
      return held;
    } finally {
      lock.unlock();
    }
  }

  /** Nobody is answered for this mail: it must not come back with the next start. */
  private void giveUp(Held held) {
    try {
      leave(held.entry().id());
    } catch (IOException failed) {
      log.warn("spool={} may come twice: it cannot be taken back", held.entry().id(), failed);
    }
  }

  private void release(Segment segment) throws IOException {
    lock.lock();
    try {
      counts.computeIfPresent(segment, (same, count) -> count == 1 ? null : count - 1);
      if (current.filter(segment::equals).isEmpty()) {
        deleteIfEmpty(segment);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock held. */
  private void retire(Segment segment) throws IOException {
    current = Optional.empty();
    deleteIfEmpty(segment);
  }

  /**
   * No fsync: should it come back after a power failure, its mails' ids tell that they are done.
   */
  private void deleteIfEmpty(Segment segment) throws IOException {
    if (!counts.containsKey(segment)) {
      Files.deleteIfExists(segment.path());
    }
  }
}

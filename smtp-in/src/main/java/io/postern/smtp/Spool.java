package io.postern.smtp;

import io.postern.mail.AcceptedMail;
import io.postern.mail.MailException;
import io.postern.mail.MailSink;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepted mail waiting for its conversation: a folder.
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
 * 0011). Whoever delivers keeps track of what is in work; until {@link #done}, {@link #defer} or
 * {@link #dead} is called for a mail it stays due. One process uses a spool at a time.
 *
 * <p>For many threads, as long as one at a time settles any one mail.
 */
public final class Spool implements MailSink, Closeable {
  private static final Logger log = LoggerFactory.getLogger(Spool.class);

  private final SpoolFolder folder;
  private final SpoolJournal journal;
  private final Clock clock;
  private final SpoolStep.Listener steps;
  private final SecureRandom random;
  private final AtomicReference<SpoolId> lastId;
  private final ConcurrentSkipListMap<SpoolId, SpoolState> waiting;
  private final List<Runnable> arrivalListeners = new CopyOnWriteArrayList<>();

  private Spool(SpoolFolder folder, SecureRandom random, Clock clock, SpoolStep.Listener steps)
      throws IOException {
    this.folder = folder;
    this.random = random;
    this.journal = SpoolJournal.open(folder, random);
    this.waiting = folder.waiting();
    journal.ids().forEach(id -> waiting.put(id, SpoolState.NEW));
    this.clock = clock;
    this.steps = steps;
    this.lastId = new AtomicReference<>(new SpoolId("0".repeat(26)));
  }

  /**
   * Opens the spool, makes its folders where they are missing, sweeps what a crash has left, and
   * reads the journal.
   *
   * @throws IOException if the folder cannot be used, or another process uses it
   */
  public static Spool open(Path path, Clock clock) throws IOException {
    return open(path, clock, step -> {});
  }

  static Spool open(Path path, Clock clock, SpoolStep.Listener steps) throws IOException {
    var folder = SpoolFolder.open(path);
    try {
      folder.sweep();
      return new Spool(folder, new SecureRandom(), clock, steps);
    } catch (IOException | RuntimeException failed) {
      folder.close();
      throw failed;
    }
  }

  /**
   * Takes a mail that did not come by SMTP; no trace field is added.
   *
   * @throws MailException 4.3.0 if it could not be made durable
   */
  @Override
  public void accept(AcceptedMail mail) throws MailException {
    try (var incoming = begin()) {
      var octets = mail.octets();
      incoming.write(octets, 0, octets.length);
      incoming.commit(mail.envelope(), mail.received());
    } catch (IOException failed) {
      throw new MailException("4.3.0", "The spool could not take the mail; try later", failed);
    }
  }

  /**
   * What is due, oldest first. Mails that cannot be read are set aside and left out.
   *
   * @param limit the most to return
   */
  public List<SpooledMail> due(Instant now, int limit) throws IOException {
    return due(now, limit, Set.of());
  }

  /**
   * As {@link #due(Instant, int)}, without the mails that the caller has in work already.
   *
   * @param inWork may change meanwhile if it is made for that
   */
  public List<SpooledMail> due(Instant now, int limit, Set<SpoolId> inWork) throws IOException {
    var due = new ArrayList<SpooledMail>();
    for (var entry : waiting.entrySet()) {
      if (due.size() >= limit) {
        break;
      }
      if (!entry.getValue().at().isAfter(now) && !inWork.contains(entry.getKey())) {
        find(entry.getKey()).ifPresent(due::add);
      }
    }
    return due;
  }

  /** One waiting mail; empty if it is not there or cannot be read. */
  public Optional<SpooledMail> find(SpoolId id) throws IOException {
    var state = waiting.get(id);
    if (state == null) {
      return Optional.empty();
    }
    var segment = journal.place(id);
    try {
      var place = segment.isPresent() ? segment.get() : folder.place(folder.ready(id));
      return Optional.of(new SpooledMail(id, place, SpoolFile.read(place), state));
    } catch (DamagedFileException damaged) {
      setAside(id, damaged.getMessage());
      return Optional.empty();
    } catch (NoSuchFileException gone) {
      if (!journal.place(id).equals(segment)) {
        return find(id); // It has got a file of its own meanwhile.
      }
      // Settled by another thread meanwhile, or taken away by hand.
      waiting.remove(id);
      return Optional.empty();
    }
  }

  /** When the next waiting mail is due; empty if none waits. */
  public Optional<Instant> nextDue() {
    return waiting.values().stream().map(SpoolState::at).min(Instant::compareTo);
  }

  /** How many mails wait, due or not. */
  public int size() {
    return waiting.size();
  }

  /** The mail has arrived at its end: it is removed. */
  public void done(SpoolId id) throws IOException {
    waiting.remove(id);
    if (!journal.leave(id)) {
      // No fsync: should the file come back after a power failure, its id tells that it was done.
      Files.deleteIfExists(folder.ready(id));
      Files.deleteIfExists(folder.readyState(id));
    }
  }

  /**
   * The mail is to be tried again; counts one attempt, durably.
   *
   * @param reason for a person to read
   */
  public void defer(SpoolId id, Instant until, String reason) throws IOException {
    var state = requireWaiting(id).deferred(until, reason);
    journal.moveOut(id);
    folder.writeReadyState(id, state);
    waiting.replace(id, state);
  }

  /**
   * The mail is given up: it goes to the dead-letter box.
   *
   * @param status RFC 3463, for example {@code 5.1.1}
   * @param reason for a person to read
   */
  public void dead(SpoolId id, String status, String reason) throws IOException {
    var state = requireWaiting(id).dead(clock.instant(), status, reason);
    journal.moveOut(id);
    folder.bury(id, state);
    waiting.remove(id);
  }

  /**
   * The mail's file has turned out to be damaged: it goes where a person can look at it, and the
   * log says so.
   */
  public void setAside(SpoolId id, String reason) throws IOException {
    waiting.remove(id);
    journal.moveOut(id);
    folder.setAside(folder.ready(id), reason);
    Files.deleteIfExists(folder.readyState(id));
  }

  /** The dead-letter box, oldest mail first. Mails that cannot be read are set aside. */
  public List<DeadMail> dead() throws IOException {
    var dead = new ArrayList<DeadMail>();
    for (var id : folder.deadIds()) {
      findDead(id).ifPresent(dead::add);
    }
    return dead;
  }

  /** One mail of the dead-letter box. */
  public Optional<DeadMail> findDead(SpoolId id) throws IOException {
    var path = folder.dead(id);
    try {
      var place = folder.place(path);
      var file = SpoolFile.read(place);
      var state = folder.readDeadState(id);
      return Optional.of(
          new DeadMail(
              new SpooledMail(id, place, file, state), state.at(), state.status(), state.reason()));
    } catch (DamagedFileException damaged) {
      folder.setAside(path, damaged.getMessage());
      return Optional.empty();
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    }
  }

  /**
   * Gives a dead mail another life: it waits again, as if it had just arrived. Not for two threads
   * at once and the same mail, nor beside {@link #forget}.
   *
   * @return false if the dead-letter box has no such mail
   */
  public boolean revive(SpoolId id) throws IOException {
    var state = SpoolState.revived(clock.instant());
    if (!folder.revive(id, state)) {
      return false;
    }
    waiting.put(id, state);
    tellArrival();
    return true;
  }

  /**
   * Removes a mail from the dead-letter box for good.
   *
   * @return false if it was not there
   */
  public boolean forget(SpoolId id) throws IOException {
    boolean removed = Files.deleteIfExists(folder.dead(id));
    Files.deleteIfExists(folder.deadState(id));
    return removed;
  }

  /**
   * Calls the listener after each arrival, in the thread that brought the mail: it should only wake
   * somebody.
   */
  public void onArrival(Runnable listener) {
    arrivalListeners.add(listener);
  }

  /** Lets another process use the folder. Nothing is written: all has been. */
  @Override
  public void close() throws IOException {
    try (folder) {
      journal.close();
    }
  }

  /** A place for a mail that begins to arrive. */
  IncomingMail begin() {
    var id = newId();
    step(SpoolStep.CREATED);
    return new IncomingMail(this, id, folder.incoming(id));
  }

  /** Whether the disk has room for a mail of this size, with some to spare. */
  public boolean hasRoomFor(long octets) throws IOException {
    return folder.usableOctets() > octets + SpoolFolder.RESERVED_OCTETS;
  }

  Instant now() {
    return clock.instant();
  }

  void step(SpoolStep step) {
    steps.reached(step);
  }

  /** The last steps of a mail that is small. */
  void adopt(SpoolId id, ByteBuffer content, byte[] trailer) throws IOException {
    journal.append(id, content, trailer, steps);
    waiting.put(id, SpoolState.NEW);
    tellArrival();
  }

  /** The last steps of a mail whose file is on the disk. */
  void adopt(SpoolId id, Path incoming) throws IOException {
    Files.move(incoming, folder.ready(id), StandardCopyOption.ATOMIC_MOVE);
    step(SpoolStep.RENAMED);
    try {
      folder.syncReady();
    } catch (IOException failed) {
      // The client will be told to come again; without this the mail would be delivered twice.
      Files.deleteIfExists(folder.ready(id));
      throw failed;
    }
    step(SpoolStep.FOLDER_SYNCED);
    waiting.put(id, SpoolState.NEW);
    tellArrival();
  }

  private SpoolId newId() {
    var octets = new byte[10];
    random.nextBytes(octets);
    var fresh = SpoolId.of(clock.instant(), octets);
    return lastId.updateAndGet(last -> last.compareTo(fresh) < 0 ? fresh : last.successor());
  }

  private SpoolState requireWaiting(SpoolId id) throws NoSuchFileException {
    var state = waiting.get(id);
    if (state == null) {
      throw new NoSuchFileException(id.value(), null, "no such mail waits in the spool");
    }
    return state;
  }

  private void tellArrival() {
    for (var listener : arrivalListeners) {
      try {
        listener.run();
      } catch (RuntimeException bug) {
        log.error("a listener of the spool failed; the mail is safe", bug);
      }
    }
  }
}

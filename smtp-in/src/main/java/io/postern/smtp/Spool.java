package io.postern.smtp;

import io.postern.mail.AcceptedMail;
import io.postern.mail.MailException;
import io.postern.mail.MailSink;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
 * Accepted mail waiting for its conversation, in a folder or a table ({@link SpoolStore}).
 *
 * <p>A mail is ours from the moment that the store has it. Whoever delivers keeps track of what is
 * in work; until {@link #done}, {@link #defer} or {@link #dead} is called for a mail it stays due.
 *
 * <p>For many threads, as long as one at a time settles any one mail.
 */
public final class Spool implements MailSink, Closeable {
  private static final Logger log = LoggerFactory.getLogger(Spool.class);

  private final SpoolStore store;
  private final Clock clock;
  private final SpoolStep.Listener steps;
  private final SecureRandom random = new SecureRandom();
  private final AtomicReference<SpoolId> lastId =
      new AtomicReference<>(new SpoolId("0".repeat(26)));
  private final ConcurrentSkipListMap<SpoolId, SpoolState> waiting;
  private final List<Runnable> arrivalListeners = new CopyOnWriteArrayList<>();

  private Spool(SpoolStore store, Clock clock, SpoolStep.Listener steps) throws IOException {
    this.store = store;
    this.clock = clock;
    this.steps = steps;
    this.waiting = new ConcurrentSkipListMap<>(store.claim());
  }

  /** Of a store, which is closed with it, or at once if it cannot be read. */
  public static Spool open(SpoolStore store, Clock clock) throws IOException {
    return open(store, clock, step -> {});
  }

  /**
   * In a folder, which is made where it is missing.
   *
   * @throws IOException if the folder cannot be used, or another process uses it
   */
  public static Spool open(Path path, Clock clock) throws IOException {
    return open(path, clock, step -> {});
  }

  static Spool open(Path path, Clock clock, SpoolStep.Listener steps) throws IOException {
    return open(SpoolFiles.open(path, steps), clock, steps);
  }

  private static Spool open(SpoolStore store, Clock clock, SpoolStep.Listener steps)
      throws IOException {
    try {
      return new Spool(store, clock, steps);
    } catch (IOException | RuntimeException failed) {
      store.close();
      throw failed;
    }
  }

  /** Takes what others have added to the store, if this process delivers; wakes the listeners. */
  public void claim() throws IOException {
    var claimed = store.claim();
    if (!claimed.isEmpty()) {
      claimed.forEach(waiting::putIfAbsent);
      tellArrival();
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
    try {
      var place = store.place(id);
      try {
        return Optional.of(new SpooledMail(id, place, SpoolFile.read(place), state));
      } catch (NoSuchFileException moved) {
        if (place.equals(store.place(id))) {
          throw moved;
        }
        return find(id); // It stands in another place meanwhile.
      }
    } catch (DamagedFileException damaged) {
      setAside(id, damaged.getMessage());
      return Optional.empty();
    } catch (NoSuchFileException gone) {
      // Settled by another thread meanwhile, or taken away by hand.
      waiting.remove(id, state);
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
    store.remove(id);
    waiting.remove(id);
  }

  /**
   * The mail is to be tried again; counts one attempt, durably.
   *
   * @param reason for a person to read
   */
  public void defer(SpoolId id, Instant until, String reason) throws IOException {
    var state = requireWaiting(id).deferred(until, reason);
    store.defer(id, state);
    waiting.replace(id, state);
  }

  /**
   * The mail is another process's, which works for its inbox.
   *
   * @param walletIndex by which that one is known
   */
  public void handOver(SpoolId id, long walletIndex) throws IOException {
    store.handOver(id, walletIndex);
    waiting.remove(id);
  }

  /**
   * The mail is given up: it goes to the dead-letter box.
   *
   * @param status RFC 3463, for example {@code 5.1.1}
   * @param reason for a person to read
   */
  public void dead(SpoolId id, String status, String reason) throws IOException {
    var state = requireWaiting(id).dead(clock.instant(), status, reason);
    store.bury(id, state);
    waiting.remove(id);
  }

  /**
   * The mail has turned out to be damaged: it goes where a person can look at it, and the log says
   * so.
   */
  public void setAside(SpoolId id, String reason) throws IOException {
    try {
      store.setAside(id, reason);
    } finally {
      waiting.remove(id); // Else one mail that cannot be moved would hold up all.
    }
  }

  /** The dead-letter box, oldest mail first. Mails that cannot be read are set aside. */
  public List<DeadMail> dead() throws IOException {
    var dead = new ArrayList<DeadMail>();
    for (var id : store.dead()) {
      findDead(id).ifPresent(dead::add);
    }
    return dead;
  }

  /** One mail of the dead-letter box. */
  public Optional<DeadMail> findDead(SpoolId id) throws IOException {
    try {
      var place = store.deadPlace(id);
      var file = SpoolFile.read(place);
      var state = store.deadState(id);
      return Optional.of(
          new DeadMail(
              new SpooledMail(id, place, file, state), state.at(), state.status(), state.reason()));
    } catch (DamagedFileException damaged) {
      store.setAside(id, damaged.getMessage());
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
    if (!store.revive(id, state)) {
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
    return store.forget(id);
  }

  /**
   * Calls the listener after each arrival, in the thread that brought the mail: it should only wake
   * somebody.
   */
  public void onArrival(Runnable listener) {
    arrivalListeners.add(listener);
  }

  /** Lets another process use the store. Nothing is written: all has been. */
  @Override
  public void close() throws IOException {
    store.close();
  }

  /** A place for a mail that begins to arrive. */
  IncomingMail begin() {
    var id = newId();
    step(SpoolStep.CREATED);
    return new IncomingMail(this, id, store.arriving(id));
  }

  /** Whether the store has room for a mail of this size, with some to spare. */
  public boolean hasRoomFor(long octets) throws IOException {
    return store.hasRoomFor(octets);
  }

  Instant now() {
    return clock.instant();
  }

  void step(SpoolStep step) {
    steps.reached(step);
  }

  /** The last steps of a mail that is small. */
  void adopt(SpoolId id, ByteBuffer content, byte[] trailer) throws IOException {
    store.add(id, content, trailer);
    adopted(id);
  }

  /** The last steps of a mail that stands in a file. */
  void adopt(SpoolId id, Path content, byte[] trailer) throws IOException {
    store.add(id, content, trailer);
    adopted(id);
  }

  private void adopted(SpoolId id) {
    if (store.carries()) {
      waiting.putIfAbsent(id, SpoolState.NEW);
      tellArrival();
    }
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

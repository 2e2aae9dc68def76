package io.postern.out;

import io.postern.mail.FetchedMail;
import io.postern.mail.MailException;
import io.postern.mail.MailIntake;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what comes into a folder of a mailbox: for those whose mail does not come here by SMTP.
 * Nothing in the mailbox is changed, and mail that lay there before the first look is not taken.
 *
 * <p>If it is the folder of one person, they speak by what they put there themselves, as if they
 * had logged in. All other mail must show who wrote it, as any that comes by SMTP; where it came
 * from is not known, so that nothing but a signature can.
 *
 * <p>A mail is taken before the kept position moves beyond it: what a crash repeats is known by its
 * Message-ID. A mail that cannot be taken yet holds up no other. For one thread, but {@link #stop}.
 */
public final class ImapPoll implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(ImapPoll.class);

  /** RFC 2177 wants less than 29 minutes; many a router forgets a connection sooner. */
  private static final Duration RENEW_IDLE = Duration.ofMinutes(10);

  /** How often to look where the server does not tell. */
  static final Duration POLL = Duration.ofSeconds(60);

  /** A server that says without end that mail has come is asked no more often. */
  private static final Duration AFTER_IDLE = Duration.ofSeconds(1);

  private static final int AT_ONCE = 100;

  /** How often it is kept that all was seen. */
  private static final Duration KEEP_SEEN = Duration.ofDays(1);

  /** So much before all was seen, a folder made anew is read again: longer than a mail can wait. */
  private static final Duration READ_AGAIN = LateMails.GIVE_UP_AFTER.plusDays(1);

  private final Deliver.Imap settings;
  private final Optional<Mailbox> person;
  private final Predicate<Mailbox> served;
  private final long maxMailBytes;
  private final Progress progress;
  private final MailIntake intake;
  private final InstantSource clock;
  private final ImapSession session;
  private final ImapFolder folder;
  private final Duration renewIdle;
  private final LateMails late = new LateMails();

  /** UIDs beyond the kept position that are done: one before them is late. */
  private final Set<Long> done = new HashSet<>();

  private volatile boolean stopped;

  /**
   * @param person whose folder it is; empty if it is everybody's
   * @param served whether a recipient is one of ours
   * @param maxMailBytes a larger mail is passed over
   */
  public ImapPoll(
      Deliver.Imap settings,
      Optional<Mailbox> person,
      Predicate<Mailbox> served,
      long maxMailBytes,
      Progress progress,
      MailIntake intake,
      InstantSource clock) {
    this(
        settings,
        person,
        served,
        maxMailBytes,
        progress,
        intake,
        clock,
        Patience.usual(),
        TlsTrust.authorities());
  }

  ImapPoll(
      Deliver.Imap settings,
      Optional<Mailbox> person,
      Predicate<Mailbox> served,
      long maxMailBytes,
      Progress progress,
      MailIntake intake,
      InstantSource clock,
      Patience patience,
      SSLContext authorities) {
    this.settings = settings;
    this.person = person;
    this.served = served;
    this.maxMailBytes = maxMailBytes;
    this.progress = progress;
    this.intake = intake;
    this.clock = clock;
    this.renewIdle = patience.idle();
    this.session =
        new ImapSession(
            settings, patience.timeouts(), authorities, ImapFolder.PIECE + ImapSockets.MAX_OCTETS);
    this.folder = new ImapFolder(session, settings.folder(), patience.step());
  }

  /**
   * How far a folder has been read.
   *
   * @param uidValidity the folder's, RFC 9051 §2.3.1.1
   * @param lastUid mails with a higher one are new
   * @param seenAt all that had come until then has been seen, and is done or late
   * @param since of those mails, only what came on that day or later is new; empty if all are
   */
  public record Position(
      long uidValidity, long lastUid, Instant seenAt, Optional<LocalDate> since) {}

  /** Where the position is kept, durably. */
  public interface Progress {
    /** Empty before the first look. */
    Optional<Position> position();

    /** When this returns, the position outlives the process. */
    void advance(Position position);
  }

  /**
   * How long the server may take.
   *
   * @param step for one command
   * @param idle after which IDLE is renewed
   */
  record Patience(Duration connect, Duration step, Duration idle) {
    static Patience usual() {
      return new Patience(Duration.ofSeconds(30), Duration.ofMinutes(2), RENEW_IDLE);
    }

    ImapTimeouts timeouts() {
      // While it idles, silence is nothing to worry about; a step has its own limit.
      var silence = idle.plus(step).multipliedBy(2);
      return new ImapTimeouts(connect, silence, step.multipliedBy(8));
    }
  }

  /**
   * Whether a folder can be watched: logs in, looks at it, and changes nothing.
   *
   * @throws IOException if the connection was lost or the folder cannot be opened
   * @throws UndeliveredException if the server cannot be reached or refuses the login
   */
  public static void check(Deliver.Imap settings) throws IOException, UndeliveredException {
    var patience = Patience.usual();
    try (var session = new ImapSession(settings, patience.timeouts(), TlsTrust.authorities())) {
      new ImapFolder(session, settings.folder(), patience.step()).examine();
    }
  }

  /**
   * Takes what is new; if nothing is, waits until the server tells of mail, for minutes.
   *
   * @return how long the next turn can wait
   * @throws IOException if the connection was lost
   * @throws UndeliveredException if the server cannot be reached or refuses the login
   */
  public Duration turn() throws IOException, UndeliveredException {
    var standing = folder.examine();
    var position = position(standing);
    var found = folder.after(position.lastUid(), position.since());
    var there = new HashSet<>(found);
    late.keepOnly(there);
    done.retainAll(there);
    var open = new TreeSet<>(found);
    open.removeAll(done);
    var now = clock.instant();
    var due = open.stream().filter(uid -> late.isDue(uid, now)).limit(AT_ONCE).toList();
    for (var uid : due) {
      if (stopped) {
        return Duration.ZERO;
      }
      if (take(uid)) {
        late.forget(uid);
        done.add(uid);
        open.remove(uid);
        advance(position, found, open);
      }
    }
    return due.isEmpty() ? await(standing, position, open) : Duration.ZERO;
  }

  private Duration await(ImapFolder.Standing standing, Position position, NavigableSet<Long> open)
      throws IOException, UndeliveredException {
    var now = clock.instant();
    if (open.isEmpty() && position.since().isPresent()) {
      var last = Math.max(position.lastUid(), standing.highestUid());
      progress.advance(new Position(position.uidValidity(), last, now, Optional.empty()));
      return Duration.ZERO;
    }
    if (position.since().isEmpty() && position.seenAt().plus(KEEP_SEEN).isBefore(now)) {
      progress.advance(
          new Position(position.uidValidity(), position.lastUid(), now, Optional.empty()));
      return Duration.ZERO;
    }
    var next = late.untilNext(now).orElse(LateMails.GIVE_UP_AFTER);
    return folder.await(shorter(next, renewIdle)) ? AFTER_IDLE : shorter(next, POLL);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Beyond all that is done, but not beyond what is still open. */
  private void advance(Position position, List<Long> found, NavigableSet<Long> open) {
    long reached = open.isEmpty() ? found.get(found.size() - 1) : open.first() - 1;
    if (reached > position.lastUid()) {
      progress.advance(
          new Position(position.uidValidity(), reached, position.seenAt(), position.since()));
    }
  }

  private Position position(ImapFolder.Standing standing) {
    var kept = progress.position();
    if (kept.isPresent() && kept.get().uidValidity() == standing.uidValidity()) {
      return kept.get();
    }
    late.keepOnly(Set.of());
    done.clear();
    Position begun;
    if (kept.isPresent()) {
      // What was taken before is known by its Message-ID.
      var since = LocalDate.ofInstant(kept.get().seenAt().minus(READ_AGAIN), ZoneOffset.UTC);
      begun = new Position(standing.uidValidity(), 0, kept.get().seenAt(), Optional.of(since));
      LOG.warn("{} was made anew by its server; it is read again since {}", name(), since);
    } else {
      begun =
          new Position(
              standing.uidValidity(), standing.highestUid(), clock.instant(), Optional.empty());
      LOG.info("{} is watched from here on", name());
    }
    progress.advance(begun);
    return begun;
  }

  private String name() {
    return "host="
        + settings.host()
        + " login="
        + settings.login().user()
        + " folder="
        + settings.folder();
  }

  /**
   * @return whether it is done: taken, passed over, or none of ours
   */
  private boolean take(long uid) throws IOException, UndeliveredException {
    var unfetchable = late.unfetchable(uid, clock.instant());
    var mail = new Fetched(uid);
    if (unfetchable.isPresent()) {
      mail.passOver(new MailException("5.4.7", "It cannot be fetched: " + unfetchable.get()));
      return true;
    }
    try {
      mail.offer();
      return true;
    } catch (MailException notYet) {
      return mail.putOff(notYet.getMessage());
    } catch (IOException broken) {
      if (!stopped) {
        later(uid, broken.getMessage(), false);
      }
      throw broken;
    } catch (RuntimeException | StackOverflowError bug) {
      LOG.error("{} uid={} cannot be taken", name(), uid, bug);
      if (mail.putOff("an internal trouble")) {
        return true;
      }
      // What was open on the connection is not known any more: the next turn begins anew.
      throw new IOException("an internal trouble with uid " + uid, bug);
    }
  }

  private void later(long uid, String reason, boolean fetched) {
    if (late.note(uid, clock.instant(), reason, fetched)) {
      LOG.warn("{} uid={} is not taken yet reason={}", name(), uid, reason);
    }
  }

  /** One mail, as far as it is known. */
  private final class Fetched {
    private final long uid;
    private List<Mailbox> recipients = List.of();
    private byte[] header = {};
    private long size;

    Fetched(long uid) {
      this.uid = uid;
    }

    /**
     * @throws MailException of class 4, if it can be taken later
     */
    void offer() throws IOException, UndeliveredException, MailException {
      try {
        judge();
      } catch (MailException refused) {
        if (refused.status().startsWith("4.")) {
          throw refused;
        }
        passOver(refused);
      }
    }

    private void judge() throws IOException, UndeliveredException, MailException {
      var head = folder.head(uid);
      if (head.isEmpty()) {
        return;
      }
      size = head.get().size();
      header = head.get().octets();
      if (head.get().isTooLong()) {
        throw new MailException(
            "5.3.4", "Its header is larger than " + ImapFolder.MAX_HEADER + " octets");
      }
      var read = FolderMail.read(header, served);
      recipients = read.recipients();
      if (recipients.isEmpty()) {
        return;
      }
      requirePerson(read);
      var envelope = read.envelope();
      requireSize(size);
      var first = folder.piece(uid, 0, size);
      if (first.isEmpty()) {
        return;
      }
      boolean tls = settings.tls() != TlsMode.NONE;
      try (var content = new ImapPieces(folder, uid, first.get(), size, maxMailBytes)) {
        var mail = new FetchedMail(envelope, Received.fetched(clock.instant(), tls), size, content);
        if (accept(mail, read.delivered() ? Optional.empty() : person)) {
          LOG.info(
              "{} uid={} recipients={} octets={} taken",
              name(),
              uid,
              recipients.size(),
              content.octets());
        }
      } catch (ImapPieces.TooLargeException largerThanSaid) {
        throw new MailException("5.3.4", "It has " + largerThanSaid.getMessage());
      }
    }

    private void requirePerson(FolderMail read) throws MailException {
      if (person.isPresent() && read.author().filter(person.get()::sameAs).isEmpty()) {
        throw new MailException("5.7.1", "Its From is not " + person.get() + " alone");
      }
    }

    private void requireSize(long octets) throws MailException {
      if (octets > maxMailBytes) {
        throw new MailException(
            "5.3.4", "It has " + octets + " octets; the limit is " + maxMailBytes);
      }
    }

    /**
     * @return whether it is taken; what the intake refuses for good it has noted itself
     */
    private boolean accept(FetchedMail mail, Optional<Mailbox> login)
        throws MailException, IOException {
      try {
        intake.accept(mail, login);
        return true;
      } catch (MailException refused) {
        if (refused.status().startsWith("4.")) {
          throw refused;
        }
        LOG.info("{} uid={} refused reason={}", name(), uid, refused.getMessage());
        return false;
      }
    }

    void passOver(MailException reason) {
      LOG.warn("{} uid={} is not taken reason={}", name(), uid, reason.getMessage());
      intake.passOver(recipients, header, size, reason);
    }

    /**
     * @return whether it has been put off for long enough, and is given up
     */
    boolean putOff(String reason) {
      if (late.isOver(uid, clock.instant())) {
        passOver(new MailException("5.4.7", "It could not be taken for too long: " + reason));
        return true;
      }
      later(uid, reason, true);
      return false;
    }
  }

  /** Ends a turn of another thread soon; no later one does anything. Does not block. */
  public void stop() {
    stopped = true;
    session.stop();
  }

  /** Gives the connection back. */
  @Override
  public void close() {
    session.close();
  }
}

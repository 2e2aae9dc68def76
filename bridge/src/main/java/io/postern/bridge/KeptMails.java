package io.postern.bridge;

import io.postern.mail.Body;
import io.postern.mapping.ConversationId;
import io.postern.mapping.KeptMail;
import io.postern.mapping.KeptMailStore;
import io.postern.xmtp.store.Vault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole of every mail that became messages, for as long as {@code keepMails} says: each in a
 * file of its own, sealed with the vault key. May be used by several threads.
 *
 * <p>A file is written before the transaction that names it. What a crash leaves between the two is
 * a file that nobody names, and {@link #expire} takes it away.
 */
final class KeptMails {
  private static final Logger log = LoggerFactory.getLogger(KeptMails.class);

  /** Octets of all files; beyond it the eldest mails go before their time. */
  static final long MAX_OCTETS = 2L << 30;

  /** A file that is not named by then never will be. */
  private static final Duration NAMED_WITHIN = Duration.ofHours(1);

  private static final int NAME_OCTETS = 16;
  private static final String PLACE = "kept_mail ";

  private final Path folder;
  private final Duration time;
  private final long maxOctets;
  private final Vault vault;
  private final KeptMailStore store;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  /** So that a full disk is told once. */
  private final AtomicBoolean failing = new AtomicBoolean();

  /** Octets of all files, at least; taken anew from the table now and then. */
  private final AtomicLong total = new AtomicLong();

  private KeptMails(
      Path folder, Duration time, long maxOctets, Vault vault, Jdbi jdbi, InstantSource clock) {
    this.folder = folder;
    this.time = time;
    this.maxOctets = maxOctets;
    this.vault = vault;
    this.store = new KeptMailStore(jdbi);
    this.clock = clock;
    this.total.set(store.octets());
  }

  /**
   * @param time how long each mail is kept; zero: none is
   */
  static KeptMails open(Path folder, Duration time, Vault vault, Jdbi jdbi, InstantSource clock)
      throws IOException {
    return open(folder, time, MAX_OCTETS, vault, jdbi, clock);
  }

  /** The same with another bound. */
  static KeptMails open(
      Path folder, Duration time, long maxOctets, Vault vault, Jdbi jdbi, InstantSource clock)
      throws IOException {
    PrivateFile.makeFolder(folder);
    return new KeptMails(folder, time, maxOctets, vault, jdbi, clock);
  }

  /** Whether mails are kept at all. */
  boolean isOn() {
    return !time.isZero();
  }

  /** Where the octets of a mail come from, if they are wanted. */
  interface Octets {
    InputStream open() throws IOException;
  }

  /**
   * Writes the file of a mail; {@link #keep} is to follow.
   *
   * @return what is kept of this mail already, from an earlier recipient, or what is written now;
   *     empty if none is kept, or none can be: then the mail is carried all the same
   */
  Optional<KeptMail> write(String spoolId, Octets octets) {
    if (!isOn()) {
      return Optional.empty();
    }
    try {
      var written = written(spoolId, octets);
      failing.set(false);
      return written;
    } catch (IOException full) {
      if (!failing.getAndSet(true)) {
        log.warn("mails cannot be kept reason={}", Words.of(full));
      }
      return Optional.empty();
    }
  }

  private Optional<KeptMail> written(String spoolId, Octets octets) throws IOException {
    var standing = store.find(spoolId);
    if (standing.isPresent()) {
      return standing;
    }
    var name = new byte[NAME_OCTETS];
    random.nextBytes(name);
    var fileName = HexFormat.of().formatHex(name);
    var file = folder.resolve(fileName);
    OptionalLong size;
    try (var whole = octets.open()) {
      size = KeptFile.write(file, vault, PLACE + spoolId, whole, maxOctets);
    } catch (IOException | RuntimeException | Error failed) {
      remove(file, failed);
      throw failed;
    }
    if (size.isEmpty()) {
      Files.deleteIfExists(file);
      return Optional.empty();
    }
    PrivateFile.syncFolder(folder);
    if (total.addAndGet(size.getAsLong()) > maxOctets) {
      makeRoom();
    }
    return Optional.of(new KeptMail(spoolId, fileName, size.getAsLong(), clock.instant()));
  }

  private static void remove(Path file, Throwable why) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException also) {
      why.addSuppressed(also); // The file goes with the next expiry.
    }
  }

  /** Takes a file away again that no transaction has named. */
  void discard(KeptMail mail) {
    if (has(mail.spoolId())) {
      return;
    }
    try {
      if (Files.deleteIfExists(file(mail))) {
        total.addAndGet(-mail.fileOctets());
      }
    } catch (IOException later) {
      log.debug("kept mail spool={} goes with the next expiry", mail.spoolId());
    }
  }

  /** Names a written mail in the transaction that stores the messages which it became. */
  void keep(Handle handle, KeptMail mail, ConversationId conversation, List<String> messageIds) {
    store.keep(handle, mail, conversation, messageIds);
  }

  /** Where mails are asked for. */
  KeptMailStore store() {
    return store;
  }

  boolean has(String spoolId) {
    return store.find(spoolId).isPresent();
  }

  /** The mail of this spool id as final delivery hands it on; empty if it is not kept. */
  Optional<Body> read(String spoolId) throws IOException {
    var mail = store.find(spoolId);
    return mail.isPresent() ? read(mail.get()) : Optional.empty();
  }

  /**
   * A mail, read to its end once and then left where it is; empty, and told to the log, if its file
   * is gone or damaged.
   *
   * @throws IOException if it cannot be read, which may be otherwise the next time
   */
  Optional<Body> read(KeptMail mail) throws IOException {
    return read(
        mail,
        octets -> {
          try (var in = octets.open()) {
            long size = in.transferTo(OutputStream.nullOutputStream());
            return new Whole(Math.toIntExact(size), octets);
          }
        });
  }

  private record Whole(int size, Octets octetsOfIt) implements Body {
    @Override
    public InputStream open() throws IOException {
      return octetsOfIt.open();
    }
  }

  /** What somebody wants of a mail. */
  interface Reading<T> {
    /**
     * @param mail as often as it is wanted; only the end of it says that it was whole
     */
    T of(Octets mail) throws IOException;
  }

  /** The same for a mail of which no more than a piece is in memory. */
  <T> Optional<T> read(KeptMail mail, Reading<T> reading) throws IOException {
    try {
      return Optional.of(
          reading.of(() -> KeptFile.open(file(mail), vault, PLACE + mail.spoolId())));
    } catch (NoSuchFileException | KeptFile.DamagedException | Vault.VaultException unreadable) {
      log.warn("kept mail spool={} cannot be read reason={}", mail.spoolId(), Words.of(unreadable));
      return Optional.empty();
    }
  }

  /**
   * Takes away what is older than it should be, the eldest beyond the bound, and nameless files.
   */
  void expire() throws IOException {
    var now = clock.instant();
    store.expire(now.minus(time));
    sweep(now.minus(NAMED_WITHIN));
    total.set(store.octets());
    makeRoom();
  }

  private synchronized void makeRoom() throws IOException {
    while (total.get() > maxOctets) {
      var eldest = store.eldest(1);
      if (eldest.isEmpty()) {
        return; // What is too much has no name yet, or never will: its turn comes by its age.
      }
      store.forget(eldest.get(0));
      Files.deleteIfExists(file(eldest.get(0)));
      total.addAndGet(-eldest.get(0).fileOctets());
      log.info("kept mail spool={} made room before its time", eldest.get(0).spoolId());
    }
  }

  private void sweep(Instant before) throws IOException {
    var named = store.fileNames();
    try (var files = Files.newDirectoryStream(folder)) {
      for (var file : files) {
        if (!named.contains(file.getFileName().toString()) && isOlder(file, before)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static boolean isOlder(Path file, Instant before) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(before);
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  private Path file(KeptMail mail) {
    return folder.resolve(mail.fileName());
  }
}

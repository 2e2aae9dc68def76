package io.postern.smtp;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folders and file names of {@link SpoolFiles}, and the moves between them. */
final class SpoolFolder implements Closeable {
  /** Left free for what else the daemon writes. */
  static final long RESERVED_OCTETS = 64L << 20;

  private static final Logger log = LoggerFactory.getLogger(SpoolFolder.class);
  private static final String MAIL = ".mail";
  private static final String STATE = ".state";
  private static final String SEGMENT = ".segment";

  private static final String FOREIGN = "nothing of the spool has such a name";

  private final Path root;
  private final FileStore disk;
  private final Path incoming;
  private final Path journal;
  private final Path ready;
  private final Path dead;
  private final Path damaged;
  private final SharedFlush journalSync;
  private final SharedFlush readySync;
  private final SharedFlush deadSync;
  private final FileChannel lock;

  private SpoolFolder(Path root, FileChannel lock) throws IOException {
    this.root = root;
    this.disk = Files.getFileStore(root); // Looks through all mounts: once.
    this.lock = lock;
    incoming = makePrivate(root.resolve("incoming"));
    journal = makePrivate(root.resolve("journal"));
    ready = makePrivate(root.resolve("ready"));
    dead = makePrivate(root.resolve("dead"));
    damaged = makePrivate(root.resolve("damaged"));
    journalSync = SharedFlush.ofFolder(journal);
    readySync = SharedFlush.ofFolder(ready);
    deadSync = SharedFlush.ofFolder(dead);
    SharedFlush.ofFolder(root).sync();
  }

  static SpoolFolder open(Path root) throws IOException {
    makePrivate(root);
    var lock =
        FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!locked(lock)) {
        throw new IOException(root + ": another process uses this spool; stop it first");
      }
      return new SpoolFolder(root, lock);
    } catch (IOException | RuntimeException failed) {
      lock.close();
      throw failed;
    }
  }

  Path incoming(SpoolId id) {
    return incoming.resolve(id + MAIL);
  }

  Path ready(SpoolId id) {
    return ready.resolve(id + MAIL);
  }

  Path readyState(SpoolId id) {
    return ready.resolve(id + STATE);
  }

  Path dead(SpoolId id) {
    return dead.resolve(id + MAIL);
  }

  Path deadState(SpoolId id) {
    return dead.resolve(id + STATE);
  }

  /** Removes what a crash has left: mails that nobody was answered for, states without a mail. */
  void sweep() throws IOException {
    for (var left : list(incoming)) {
      log.warn("removed {}: it was still arriving when the last run ended", left.getFileName());
      delete(left);
    }
    for (var file : list(journal)) {
      if (idOf(file, SEGMENT).isEmpty()) {
        setAside(file, FOREIGN);
      }
    }
    for (var folder : List.of(ready, dead)) {
      for (var file : list(folder)) {
        var id = idOf(file, STATE);
        if (id.isPresent() && !Files.exists(folder.resolve(id.get() + MAIL))) {
          Files.delete(file);
        } else if (id.isEmpty() && idOf(file, MAIL).isEmpty()) {
          setAside(file, FOREIGN);
        }
      }
    }
  }

  /** All mails that wait in a file of their own, with what is known of their attempts. */
  ConcurrentSkipListMap<SpoolId, SpoolState> waiting() throws IOException {
    var waiting = new ConcurrentSkipListMap<SpoolId, SpoolState>();
    for (var file : list(ready)) {
      idOf(file, MAIL).ifPresent(id -> waiting.put(id, SpoolState.NEW));
    }
    for (var id : waiting.keySet()) {
      waiting.put(id, readState(readyState(id)));
    }
    return waiting;
  }

  /** The segments of the journal, in the order in which they were begun. */
  List<Path> segments() throws IOException {
    return list(journal).stream().filter(file -> idOf(file, SEGMENT).isPresent()).sorted().toList();
  }

  /** One more segment, durable. */
  Segment newSegment(SpoolId name, SecureRandom random) throws IOException {
    var file = name + SEGMENT;
    var segment = Segment.create(incoming.resolve(file), journal.resolve(file), random);
    journalSync.sync();
    return segment;
  }

  /** A whole file as the place of a mail. */
  FilePlace place(Path file) throws IOException {
    return new FilePlace(file, 0, Files.size(file));
  }

  /** Whether a mail waits, or is dead, in a file of its own. */
  boolean hasFile(SpoolId id) {
    return Files.exists(ready(id)) || Files.exists(dead(id));
  }

  /** Gives a mail that stands in a segment a file of its own, durably. */
  void giveFile(SpoolId id, SpoolPlace place) throws IOException {
    copy(place, incoming(id));
    try (var file = FileChannel.open(incoming(id), StandardOpenOption.WRITE)) {
      file.force(true);
    }
    Files.move(incoming(id), ready(id), StandardCopyOption.ATOMIC_MOVE);
    readySync.sync();
  }

  List<SpoolId> deadIds() throws IOException {
    return list(dead).stream().flatMap(file -> idOf(file, MAIL).stream()).sorted().toList();
  }

  SpoolState readDeadState(SpoolId id) throws IOException {
    return readState(deadState(id));
  }

  void writeReadyState(SpoolId id, SpoolState state) throws IOException {
    if (!Files.exists(ready(id))) {
      throw new NoSuchFileException(id.value(), null, "no such mail waits in the spool");
    }
    writeState(readyState(id), state);
    readySync.sync();
  }

  /** Before the mail has its file: what a crash leaves of it is swept. */
  void writeReadyStateFirst(SpoolId id, SpoolState state) throws IOException {
    writeState(readyState(id), state);
  }

  /** To the dead-letter box. The state goes first, so that no mail is dead without a reason. */
  void bury(SpoolId id, SpoolState state) throws IOException {
    writeState(deadState(id), state);
    Files.move(ready(id), dead(id), StandardCopyOption.ATOMIC_MOVE);
    deadSync.sync();
    readySync.sync();
    Files.deleteIfExists(readyState(id));
  }

  /** Out of the dead-letter box. The state goes first, so that no mail has its old age again. */
  boolean revive(SpoolId id, SpoolState state) throws IOException {
    if (!Files.exists(dead(id))) {
      return false;
    }
    writeState(readyState(id), state);
    Files.move(dead(id), ready(id), StandardCopyOption.ATOMIC_MOVE);
    readySync.sync();
    deadSync.sync();
    Files.deleteIfExists(deadState(id));
    return true;
  }

  void syncReady() throws IOException {
    readySync.sync();
  }

  /** Moves a file that cannot be used to where a person can look at it. */
  void setAside(Path file, String why) throws IOException {
    var target = damaged.resolve(file.getFileName().toString());
    for (int i = 1; Files.exists(target, LinkOption.NOFOLLOW_LINKS); i++) {
      target = damaged.resolve(file.getFileName() + "." + i);
    }
    try {
      Files.move(file, target);
      log.error("set aside {} as {}: {}", file, target, why);
    } catch (NoSuchFileException gone) {
      log.error("{} cannot be used and is gone: {}", file, why);
    }
  }

  /** Copies a record that cannot be used to where a person can look at it. */
  void setAside(SpoolId id, SpoolPlace place, String why) throws IOException {
    copy(place, incoming(id));
    setAside(incoming(id), why);
  }

  long usableOctets() throws IOException {
    return disk.getUsableSpace();
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }

  private static void copy(SpoolPlace place, Path file) throws IOException {
    try (var in = place.open(0, place.octets())) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private SpoolState readState(Path path) throws IOException {
    try {
      return SpoolState.read(path);
    } catch (NoSuchFileException fresh) {
      return SpoolState.NEW;
    } catch (DamagedFileException damagedState) {
      setAside(path, damagedState.getMessage());
      return SpoolState.NEW;
    }
  }

  private void writeState(Path path, SpoolState state) throws IOException {
    var draft = incoming.resolve(path.getFileName().toString());
    try (var channel =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var octets = ByteBuffer.wrap(state.octets());
      while (octets.hasRemaining()) {
        channel.write(octets);
      }
      channel.force(true);
    }
    Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static Optional<SpoolId> idOf(Path file, String suffix) {
    var name = file.getFileName().toString();
    return name.endsWith(suffix) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        ? SpoolId.parse(name.substring(0, name.length() - suffix.length()))
            .filter(id -> name.equals(id + suffix))
        : Optional.empty();
  }

  private static List<Path> list(Path folder) throws IOException {
    var files = new ArrayList<Path>();
    try (var stream = Files.newDirectoryStream(folder)) {
      stream.forEach(files::add);
    }
    return files;
  }

  private void delete(Path left) throws IOException {
    if (Files.isDirectory(left, LinkOption.NOFOLLOW_LINKS)) {
      setAside(left, "nothing of the spool is a folder in here");
    } else {
      Files.delete(left);
    }
  }

  /**
   * Mail is nobody else's business: the folder is its owner's alone where the system can say so.
   */
  private static Path makePrivate(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return Files.createDirectories(folder);
  }

  private static boolean locked(FileChannel lock) throws IOException {
    try {
      return lock.tryLock() != null;
    } catch (OverlappingFileLockException sameProcess) {
      return false;
    }
  }
}

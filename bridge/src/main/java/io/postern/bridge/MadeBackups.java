package io.postern.bridge;

import io.postern.bridge.web.Backups;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Backups that the daemon makes: one whenever it is asked, and one each night into a folder, in
 * which the last seven stay. One at a time. May be used by several threads.
 */
final class MadeBackups implements Backups {
  static final String MAKING = "making ";
  static final String MADE = "made ";

  private static final Logger log = LoggerFactory.getLogger(MadeBackups.class);

  private static final int KEPT = 7;

  /** Local time at which little else is done. */
  private static final int NIGHT = 3;

  /** One night after the other, and not twice in one. */
  private static final Duration SAME_NIGHT = Duration.ofHours(20);

  /** Whoever runs only by day has one a day, too. */
  private static final Duration TOO_OLD = Duration.ofHours(30);

  /** What the mail and the database have left when a backup is made. */
  private static final long RESERVED_OCTETS = 1L << 30;

  private static final Pattern OURS = Pattern.compile("postern-\\d{8}-\\d{6}\\.backup");
  private static final Pattern HALF = Pattern.compile(OURS.pattern() + "\\.new");
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'postern-'yyyyMMdd-HHmmss'.backup'", Locale.ROOT)
          .withZone(ZoneId.of("UTC"));

  private final Backup backup;
  private final Path folder;
  private final Executor executor;
  private final Space space;
  private final Clock clock;

  /** When one of a night has failed: the next night is soon enough. */
  private Instant failed = Instant.EPOCH;

  /** Whether inboxes were seen that wait for their new installations. */
  private boolean restoring;

  private boolean making;
  private String last = "no backup was made since the daemon has started";

  /**
   * @param folder of those of each night
   * @param executor makes those that are asked for
   */
  MadeBackups(Backup backup, Path folder, Executor executor, Clock clock) {
    this(backup, folder, executor, at -> Files.getFileStore(at).getUsableSpace(), clock);
  }

  MadeBackups(Backup backup, Path folder, Executor executor, Space space, Clock clock) {
    this.backup = backup;
    this.folder = folder;
    this.executor = executor;
    this.space = space;
    this.clock = clock;
    this.restoring = backup.isRestoring();
  }

  /** How many octets the disk of a folder has left. */
  interface Space {
    long octets(Path folder) throws IOException;
  }

  @Override
  public String begin(Path file) {
    if (!take(file)) {
      return "another backup is being made; ask again when it is done";
    }
    executor.execute(
        () -> {
          try {
            over(make(backup, file, clock.instant()));
          } catch (IOException | SQLException | BridgeException failed) {
            log.warn("backup failed file={} reason={}", file, Words.of(failed));
            over("the backup failed: " + Words.of(failed));
          } catch (RuntimeException | Error bug) {
            log.error("backup failed file={}", file, bug);
            over("the backup failed; the log says how");
            throw bug;
          }
        });
    return progress();
  }

  private synchronized boolean take(Path file) {
    if (making) {
      return false;
    }
    making = true;
    last = MAKING + file;
    return true;
  }

  private synchronized void over(String words) {
    making = false;
    last = words;
  }

  @Override
  public synchronized String progress() {
    return last;
  }

  /**
   * Makes the one of this night, if it is night and there is none, and one when a restore has come
   * to its end: another restore of an older one would leave the new installations behind. For a
   * regular job.
   */
  void nightly() throws IOException {
    boolean waits = backup.isRestoring();
    boolean restored = restoring && !waits;
    restoring |= waits;
    if (!restored && !isDue() || !backup.hasSeed()) {
      return;
    }
    var file = folder.resolve(NAME.format(clock.instant()));
    if (!take(file)) {
      return;
    }
    var words = "the nightly backup failed";
    failed = clock.instant();
    restoring = waits;
    try {
      PrivateFile.makeFolder(folder);
      forgetHalf();
      requireSpace();
      words = make(backup, file, clock.instant());
      failed = Instant.EPOCH;
    } catch (IOException | SQLException | BridgeException failure) {
      // Said here: a job that is not due until the next night would be said to work again.
      log.warn("nightly backup failed reason={}", Words.of(failure));
      words += ": " + Words.of(failure);
    } finally {
      over(words);
    }
    forgetOld();
  }

  /** What a crash has left in the middle of a backup. */
  private void forgetHalf() throws IOException {
    for (var half : all(HALF)) {
      Files.deleteIfExists(half);
    }
  }

  /** A full disk stops more than backups. */
  private void requireSpace() throws IOException, SQLException, BridgeException {
    var all = all(OURS);
    long octets = all.isEmpty() ? backup.databaseOctets() : Files.size(all.get(all.size() - 1));
    if (space.octets(folder) < octets + RESERVED_OCTETS) {
      throw new BridgeException(
          "the disk of "
              + folder
              + " has no room for a backup, which is made when "
              + ((octets + RESERVED_OCTETS) >> 20)
              + " MiB are free");
    }
  }

  private boolean isDue() throws IOException {
    var all = all(OURS);
    var last = failed;
    if (!all.isEmpty()) {
      // Their names, since a copied file may be younger than what is in it.
      var newest = NAME.parse(all.get(all.size() - 1).getFileName().toString(), Instant::from);
      last = newest.isAfter(failed) ? newest : failed;
    }
    var age = Duration.between(last, clock.instant());
    boolean isNight = clock.instant().atZone(ZoneId.systemDefault()).getHour() == NIGHT;
    return age.compareTo(TOO_OLD) > 0 || isNight && age.compareTo(SAME_NIGHT) > 0;
  }

  /** Those of each night, the oldest first: their names are their times. */
  private List<Path> all(Pattern names) throws IOException {
    if (Files.notExists(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> names.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparing(file -> file.getFileName().toString()))
          .toList();
    }
  }

  private void forgetOld() throws IOException {
    var all = all(OURS);
    for (var old : all.subList(0, Math.max(0, all.size() - KEPT))) {
      Files.deleteIfExists(old);
      log.info("backup forgotten file={}", old);
    }
  }

  /**
   * Writes a backup that is durable when this returns; until then nothing bears its name.
   *
   * @return what is told of it
   * @throws BridgeException if the file is there, or cannot be
   */
  static String make(Backup backup, Path file, Instant now)
      throws IOException, SQLException, BridgeException {
    if (Files.exists(file)) {
      throw new BridgeException(file + " is there already; name another file");
    }
    var half = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(half);
    Backup.Summary summary;
    try (var channel = PrivateFile.open(half);
        var out = Channels.newOutputStream(channel)) {
      summary = backup.write(out, now);
      channel.force(true);
    } catch (IOException | SQLException | BridgeException | RuntimeException failed) {
      Files.deleteIfExists(half);
      throw failed;
    }
    Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    PrivateFile.syncFolder(file.toAbsolutePath().getParent());
    log.info(
        "backup made file={} octets={} inboxes={} messages={}",
        file,
        Files.size(file),
        summary.inboxes(),
        summary.messages());
    return MADE
        + file
        + ": "
        + summary.inboxes()
        + " inboxes, "
        + summary.messages()
        + " messages; the vault's key or the words of the seed open it";
  }
}

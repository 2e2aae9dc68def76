package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MadeBackupsTest {
  /** At noon, wherever this runs. */
  private static final Instant NOON =
      Instant.parse("2026-11-30T00:00:00Z").atZone(ZoneId.systemDefault()).withHour(12).toInstant();

  @TempDir Path folder;
  private Path nightly;
  private OpenedStore store;
  private final Queue<Runnable> asked = new ArrayDeque<>();

  @BeforeEach
  void open() throws Exception {
    var data = Files.createDirectories(folder.resolve("data"));
    nightly = data.resolve("backups");
    store = OpenedStore.open(new TestConfig(data).get(), NOON);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void makeSeed() {
    store.client().jdbi().useHandle(h -> store.client().seeds().insert(h, new byte[32]));
  }

  private MadeBackups at(Instant now) {
    var backup = new Backup(store.database().source(), store.client(), store.vault());
    return new MadeBackups(backup, nightly, asked::add, Clock.fixed(now, ZoneId.of("UTC")));
  }

  private List<String> names() throws Exception {
    try (var files = Files.list(nightly)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void makesOneEachNightAndKeepsSeven() throws Exception {
    makeSeed();
    var night = NOON.minus(Duration.ofHours(9));

    for (int day = 0; day < 9; day++) {
      for (int minute = 0; minute < 60; minute += 20) {
        at(night.plus(Duration.ofDays(day)).plus(Duration.ofMinutes(minute))).nightly();
      }
      at(night.plus(Duration.ofDays(day)).plus(Duration.ofHours(9))).nightly();
    }

    assertThat(names()).hasSize(7).allMatch(name -> name.matches("postern-[0-9-]{15}\\.backup"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(nightly)))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(nightly.resolve(names().get(0)))))
        .isEqualTo("rw-------");
  }

  @Test
  void makesOneByDayWhereNobodyRunsAtNight() throws Exception {
    makeSeed();

    at(NOON).nightly();
    at(NOON.plus(Duration.ofHours(5))).nightly();
    at(NOON.plus(Duration.ofHours(44))).nightly();

    assertThat(names()).hasSize(2);
  }

  private MadeBackups at(TestClock clock, AtomicLong free) {
    var backup = new Backup(store.database().source(), store.client(), store.vault());
    return new MadeBackups(backup, nightly, asked::add, at -> free.get(), clock.asClock());
  }

  @Test
  void leavesADiskAloneThatHasNoRoomAndWaitsForTheNextNight() throws Exception {
    makeSeed();
    var clock = new TestClock();
    var free = new AtomicLong(1L << 30);
    var backups = at(clock, free);

    backups.nightly();
    assertThat(backups.progress()).contains("has no room for a backup");
    free.set(2L << 30);
    backups.nightly();
    assertThat(names()).isEmpty();
    clock.goOn(Duration.ofHours(31));
    backups.nightly();

    assertThat(names()).hasSize(1);
  }

  @Test
  void makesOneWhenARestoreHasComeToItsEnd() throws Exception {
    makeSeed();
    var clock = new TestClock(NOON);
    var jdbi = store.client().jdbi();
    jdbi.useHandle(
        handle ->
            handle.execute(
                "insert into lost_inbox (inbox_id, installation_id, address, wallet_index, trouble)"
                    + " values (?, ?, ?, 0, '')",
                "ab".repeat(32),
                new byte[32],
                "0x" + "00".repeat(20)));
    at(clock, new AtomicLong(2L << 30)).nightly();
    clock.goOn(Duration.ofMinutes(5));
    var backups = at(clock, new AtomicLong(2L << 30));
    var whileRestoring = names();

    // All at once, before the first look.
    jdbi.useHandle(handle -> handle.execute("delete from lost_inbox"));
    for (int i = 0; i < 3; i++) {
      backups.nightly();
      clock.goOn(Duration.ofMinutes(5));
    }

    assertThat(whileRestoring).hasSize(1);
    assertThat(names()).hasSize(2);
  }

  @Test
  void takesAwayWhatACrashHasLeft() throws Exception {
    makeSeed();
    Files.createDirectories(nightly);
    Files.writeString(nightly.resolve("postern-20260101-030000.backup.new"), "half");
    Files.writeString(nightly.resolve("by-hand.backup.new"), "mine");

    at(NOON).nightly();

    assertThat(names()).hasSize(2).contains("by-hand.backup.new");
  }

  @Test
  void makesNoneOfNothing() throws Exception {
    at(NOON).nightly();

    assertThat(nightly).doesNotExist();
  }

  @Test
  void othersFilesInTheFolderStay() throws Exception {
    makeSeed();
    Files.createDirectories(nightly);
    Files.writeString(nightly.resolve("by-hand.backup"), "mine");

    for (int day = 0; day < 9; day++) {
      at(NOON.plus(Duration.ofDays(2 * day))).nightly();
    }

    assertThat(names()).hasSize(8).contains("by-hand.backup");
  }

  @Test
  void oneIsMadeAtATimeAndItsEndIsTold() throws Exception {
    makeSeed();
    var backups = at(NOON);
    var file = folder.resolve("one.backup");

    assertThat(backups.begin(file)).startsWith("making ");
    assertThat(backups.begin(folder.resolve("two.backup"))).startsWith("another backup");
    assertThat(file).doesNotExist();
    asked.remove().run();

    assertThat(backups.progress()).startsWith("made " + file + ": 0 inboxes");
    assertThat(file).exists();
  }

  @Test
  void nothingIsWrittenOverAndAFailureIsTold() throws Exception {
    makeSeed();
    var file = folder.resolve("mine");
    Files.writeString(file, "mine");
    var backups = at(NOON);

    backups.begin(file);
    asked.remove().run();
    var first = backups.progress();
    backups.begin(folder.resolve("no").resolve("such").resolve("folder"));
    asked.remove().run();

    assertThat(first).contains("there already");
    assertThat(Files.readString(file)).isEqualTo("mine");
    assertThat(backups.progress()).startsWith("the backup failed");
  }

  @Test
  void aBackupThatFailsLeavesNoFile() throws Exception {
    var file = folder.resolve("one.backup");
    var backup = new Backup(store.database().source(), store.client(), store.vault());

    assertThatThrownBy(() -> MadeBackups.make(backup, file, NOON))
        .isInstanceOf(BridgeException.class);

    assertThat(file).doesNotExist();
    assertThat(folder.resolve("one.backup.new")).doesNotExist();
  }
}

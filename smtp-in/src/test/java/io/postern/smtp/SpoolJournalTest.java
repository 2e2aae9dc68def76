package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the journal holds after a crash of the process, of the machine, and of the disk. */
class SpoolJournalTest {
  private static final Instant NOW = Instant.parse("2026-11-25T00:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final int SECTOR = 512;

  @TempDir Path folder;
  private Spool spool;

  /** What the disk had after the last flush. */
  private byte[] flushed = {};

  private boolean diesWhenWritten;

  @BeforeEach
  void open() throws IOException {
    spool = Spool.open(folder, CLOCK, this::reached);
  }

  @AfterEach
  void close() throws IOException {
    spool.close();
  }

  @Test
  void smallMailsStandTogetherAndGoTogether() throws Exception {
    var ids = List.of(accept("one"), accept("two"), accept("three"));

    assertThat(segments()).hasSize(1);
    assertThat(folder.resolve("ready")).isEmptyDirectory();
    spool.done(ids.get(1));
    reopen();
    assertEquals(List.of("one", "three"), due());

    spool.done(ids.get(0));
    spool.done(ids.get(2));
    assertThat(segments()).isEmpty();
    accept("four");
    reopen();
    assertEquals(List.of("four"), due());
  }

  @Test
  void aPowerFailureTakesNothingThatWasFlushed() throws Exception {
    accept("one");
    accept("two");
    diesWhenWritten = true;
    assertThrows(IllegalStateException.class, () -> accept("three"));

    spool.close();
    Files.write(segments().get(0), flushed);
    open();

    assertEquals(List.of("one", "two"), due());
  }

  @Test
  void aRecordThatWasCutShortHidesNoOther() throws Exception {
    accept("one");
    int begin = endOf(1);
    accept("two");
    int end = endOf(2);
    spool.close();
    var segment = segments().get(0);
    var whole = Files.readAllBytes(segment);

    for (int cut = begin; cut < end; cut++) {
      var torn = whole.clone();
      Arrays.fill(torn, cut, end, (byte) 0);
      Files.write(segment, torn);

      open();

      // The last octets may be zeros by themselves.
      boolean same = Arrays.equals(whole, torn);
      assertEquals(same ? List.of("one", "two") : List.of("one"), due(), "cut at " + cut);
      spool.close();
    }
  }

  @Test
  void noSectorThatIsLostTakesAnotherMailWithIt() throws Exception {
    accept("one");
    int begin = endOf(1);
    accept("two" + "x".repeat(3 * SECTOR));
    int end = endOf(2);
    accept("three");
    spool.close();
    var segment = segments().get(0);
    var whole = Files.readAllBytes(segment);

    for (int lost = begin; lost < end; lost += SECTOR) {
      var torn = whole.clone();
      Arrays.fill(torn, lost, lost + SECTOR, (byte) 0);
      Files.write(segment, torn);

      open();

      assertEquals(List.of("one", "three"), due(), "lost at " + lost);
      spool.close();
    }
    assertThat(folder.resolve("damaged")).isNotEmptyDirectory();
  }

  @Test
  void noMailCanHoldARecord() throws Exception {
    accept("forged");
    spool.close();
    var segment = segments().get(0);
    var forged = Arrays.copyOfRange(Files.readAllBytes(segment), SECTOR, 3 * SECTOR);
    Files.delete(segment);
    open();
    // The header of this one is lost, so its octets are looked at where a record may begin.
    var filler = "x".repeat(SECTOR - 64);
    accept((filler + new String(forged, StandardCharsets.ISO_8859_1)));
    spool.close();
    segment = segments().get(0);
    var octets = Files.readAllBytes(segment);
    assertThat(Arrays.copyOfRange(octets, 2 * SECTOR, 4 * SECTOR)).isEqualTo(forged);
    Arrays.fill(octets, SECTOR, 2 * SECTOR, (byte) 0);
    Files.write(segment, octets);

    open();

    assertThat(due()).isEmpty();
  }

  @Test
  void whatNobodyWasAnsweredForDoesNotComeBack() throws Exception {
    diesWhenWritten = true;
    assertThrows(IllegalStateException.class, () -> accept("one"));
    diesWhenWritten = false;
    accept("two");

    reopen();

    assertEquals(List.of("two"), due());
  }

  @Test
  void aFullSegmentIsFollowedByAnother() throws Exception {
    var text = "x".repeat(60_000);
    var ids = new ArrayList<SpoolId>();
    for (int i = 0; i < 75; i++) {
      ids.add(accept(i + text));
    }
    assertThat(segments()).hasSize(2);

    reopen();

    assertEquals(ids, spool.due(NOW, 100).stream().map(SpooledMail::id).toList());
    for (var id : ids.subList(0, 70)) {
      spool.done(id);
    }
    assertThat(segments()).hasSize(1);
  }

  @Test
  void aMailThatWaitsGetsAFileOfItsOwnAndComesOnce() throws Exception {
    var id = accept("one");
    accept("two");
    var segment = segments().get(0);
    var before = Files.readAllBytes(segment);
    spool.defer(id, NOW, "busy");
    assertThat(folder.resolve("ready").resolve(id + ".mail")).exists();
    spool.close();

    Files.write(segment, before); // Its record says that it waits, as after a crash in between.
    open();

    assertEquals(List.of("one", "two"), due());
    assertEquals(1, spool.find(id).orElseThrow().attempts());
  }

  @Test
  void aMailThatHasDiedDoesNotComeBack() throws Exception {
    var id = accept("one");
    var segment = segments().get(0);
    var before = Files.readAllBytes(segment);
    spool.dead(id, "5.1.1", "nobody there");
    spool.close();

    Files.write(segment, before);
    open();

    assertThat(due()).isEmpty();
    assertEquals(id, spool.dead().get(0).mail().id());
  }

  @Test
  void anAlteredMailIsSetAside() throws Exception {
    accept("hello");
    accept("two");
    spool.close();
    var segment = segments().get(0);
    var octets = new String(Files.readAllBytes(segment), StandardCharsets.ISO_8859_1);
    Files.writeString(segment, octets.replace("hello", "jello"), StandardCharsets.ISO_8859_1);

    open();

    assertEquals(List.of("two"), due());
    assertThat(folder.resolve("damaged")).isNotEmptyDirectory();
    reopen();
    try (var aside = Files.list(folder.resolve("damaged"))) {
      assertThat(aside).hasSize(1);
    }
  }

  @Test
  void whatIsNoSegmentIsSetAside() throws Exception {
    var path = folder.resolve("journal").resolve("01JDGQ0000000000000000000A.segment");
    Files.write(path, new byte[4096]);
    Files.writeString(folder.resolve("journal").resolve("notes.txt"), "hello");
    Files.write(folder.resolve("journal").resolve("01JDGQ0000000000000000000B.segment"), flushed);

    reopen();

    assertThat(due()).isEmpty();
    assertThat(folder.resolve("journal")).isEmptyDirectory();
    try (var aside = Files.list(folder.resolve("damaged"))) {
      assertThat(aside).hasSize(3);
    }
  }

  @Test
  void aSegmentThatWasTakenAwayByHandIsReplaced() throws Exception {
    accept("one");
    Files.delete(segments().get(0));

    assertThrows(IOException.class, () -> accept("two"));
    accept("three");

    assertEquals(List.of("three"), due());
  }

  private void reached(SpoolStep step) {
    try {
      if (step == SpoolStep.SYNCED) {
        flushed = Files.readAllBytes(segments().get(0));
      }
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
    if (step == SpoolStep.WRITTEN && diesWhenWritten) {
      throw new IllegalStateException("the power has gone");
    }
  }

  private SpoolId accept(String text) throws Exception {
    try (var incoming = spool.begin()) {
      var octets = text.getBytes(StandardCharsets.ISO_8859_1);
      incoming.write(octets, 0, octets.length);
      return incoming.commit(
          Envelope.of(
              Mailbox.parse("bob@example.org"), List.of(Mailbox.parse("alice@bridge.example"))),
          new Received(NOW, "203.0.113.5", "mail.example.org", true, Verdict.none()));
    }
  }

  private List<String> due() throws IOException {
    var texts = new ArrayList<String>();
    for (var mail : spool.due(NOW, 1_000)) {
      texts.add(new String(mail.arrivedOctets(), StandardCharsets.ISO_8859_1));
    }
    return texts;
  }

  private int endOf(int record) throws IOException {
    return (int) Segment.read(segments().get(0)).entries().get(record - 1).next();
  }

  private List<Path> segments() throws IOException {
    try (var files = Files.list(folder.resolve("journal"))) {
      return files.sorted().toList();
    }
  }

  private void reopen() throws IOException {
    spool.close();
    open();
  }
}

package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.AcceptedMail;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  private static final Instant NOW = Instant.parse("2026-11-25T00:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  @TempDir Path folder;
  private Spool spool;

  @BeforeEach
  void open() throws IOException {
    spool = Spool.open(folder, CLOCK);
  }

  @AfterEach
  void close() throws IOException {
    spool.close();
  }

  @Test
  void givesBackWhatItAccepted() throws Exception {
    var mail = mail("Subject: hi\r\n\r\nhello\r\n");

    spool.accept(mail);

    var spooled = only(spool.due(NOW, 10));
    assertEquals(mail.envelope(), spooled.envelope());
    assertEquals(mail.received(), spooled.received());
    assertArrayEquals(mail.octets(), spooled.arrivedOctets());
    assertEquals(mail.size(), spooled.size());
    assertEquals(
        "Return-Path: <bob@example.org>\r\nSubject: hi\r\n\r\nhello\r\n",
        new String(spooled.octets(), StandardCharsets.UTF_8));
  }

  @Test
  void showsWhatWasFoundOutAndNothingThatClaimsToBeOurs() throws Exception {
    var found = "Authentication-Results: mx.bridge.example;\r\n\tspf=fail\r\n";
    var forged = "Authentication-Results: mx.bridge.example; spf=pass\r\n";
    var mail = mail(forged + "Subject: hi\r\n\r\nhello\r\n");
    var verdict = new Verdict("example.org", true, "", found);
    spool.accept(new AcceptedMail(mail.envelope(), mail.octets(), mail.received().with(verdict)));

    var spooled = only(spool.due(NOW, 10));

    assertEquals(
        "Return-Path: <bob@example.org>\r\n" + found + "Subject: hi\r\n\r\nhello\r\n",
        new String(spooled.octets(), StandardCharsets.UTF_8));
    assertArrayEquals(mail.octets(), spooled.arrivedOctets());
  }

  @Test
  void whoGotABlindCopyIsHandedOnToNobodyAndKeptAsItArrived() throws Exception {
    var mail = mail("Bcc: dave@example.org\r\nSubject: hi\r\n\r\nhello\r\n");

    spool.accept(mail);

    var spooled = only(spool.due(NOW, 10));
    assertEquals(
        "Return-Path: <bob@example.org>\r\nSubject: hi\r\n\r\nhello\r\n",
        new String(spooled.octets(), StandardCharsets.UTF_8));
    assertArrayEquals(mail.octets(), spooled.arrivedOctets());
  }

  @Test
  void keepsTheOrderOfArrivalWithinOneMillisecond() throws Exception {
    for (int i = 0; i < 50; i++) {
      spool.accept(mail("number " + i));
    }

    var due = spool.due(NOW, 30);

    assertEquals(30, due.size());
    var inWork = Set.of(due.get(0).id(), due.get(2).id());
    assertEquals(
        List.of(due.get(1).id(), due.get(3).id()),
        spool.due(NOW, 2, inWork).stream().map(SpooledMail::id).toList());
    for (int i = 0; i < due.size(); i++) {
      assertEquals("number " + i, new String(due.get(i).arrivedOctets(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void holdsItsMailsAfterANewStart() throws Exception {
    spool.accept(mail("one"));
    spool.accept(mail("two"));
    var before = spool.due(NOW, 10).stream().map(SpooledMail::id).toList();

    reopen();

    assertEquals(before, spool.due(NOW, 10).stream().map(SpooledMail::id).toList());
  }

  @Test
  void aDeferredMailIsDueLaterAndItsAttemptsAreKept() throws Exception {
    spool.accept(mail("one"));
    var id = only(spool.due(NOW, 10)).id();
    var later = NOW.plusSeconds(60);

    spool.defer(id, NOW.plusSeconds(1), "line\nbreak = \u00e9");
    spool.defer(id, later, "busy");
    reopen();

    assertThat(spool.due(later.minusMillis(1), 10)).isEmpty();
    assertEquals(later, spool.nextDue().orElseThrow());
    var spooled = only(spool.due(later, 10));
    assertEquals(id, spooled.id());
    assertEquals(2, spooled.attempts());
  }

  @Test
  void aMailThatIsDoneIsGone() throws Exception {
    spool.accept(mail("one"));
    var id = only(spool.due(NOW, 10)).id();
    spool.defer(id, NOW, "once");

    spool.done(id);

    assertThat(spool.due(NOW, 10)).isEmpty();
    assertThat(spool.nextDue()).isEmpty();
    assertEquals(0, spool.size());
    assertThat(folder.resolve("ready")).isEmptyDirectory();
    assertThrows(NoSuchFileException.class, () -> spool.defer(id, NOW, "again"));
    assertThrows(NoSuchFileException.class, () -> spool.dead(id, "5.0.0", "again"));
  }

  @Test
  void aDeadMailWaitsInTheDeadLetterBox() throws Exception {
    spool.accept(mail("one"));
    var id = only(spool.due(NOW, 10)).id();
    spool.defer(id, NOW, "once");

    spool.dead(id, "5.1.1", "nobody there");
    reopen();

    assertThat(spool.due(NOW, 10)).isEmpty();
    var dead = only(spool.dead());
    assertEquals(id, dead.mail().id());
    assertEquals("5.1.1", dead.status());
    assertEquals("nobody there", dead.reason());
    assertEquals(NOW, dead.at());
    assertEquals(1, dead.mail().attempts());
    assertEquals("one", new String(dead.mail().arrivedOctets(), StandardCharsets.UTF_8));
    assertThat(folder.resolve("ready")).isEmptyDirectory();
  }

  @Test
  void aDeadMailCanBeRevivedOrForgotten() throws Exception {
    spool.accept(mail("one"));
    var id = only(spool.due(NOW, 10)).id();
    spool.dead(id, "5.1.1", "nobody there");

    assertTrue(spool.revive(id));
    assertFalse(spool.revive(id));
    assertThat(spool.dead()).isEmpty();
    assertEquals(0, only(spool.due(NOW, 10)).attempts());

    reopen();
    assertEquals(NOW, only(spool.due(NOW, 10)).waitsSince(), "its second life, also after a start");
    spool.defer(id, NOW, "busy");
    assertEquals(NOW, only(spool.due(NOW, 10)).waitsSince());

    spool.dead(id, "5.1.1", "nobody there");
    assertTrue(spool.forget(id));
    assertFalse(spool.forget(id));
    assertThat(folder.resolve("dead")).isEmptyDirectory();
  }

  @Test
  void wakesListenersAndSurvivesTheirBugs() throws Exception {
    var calls = new AtomicInteger();
    spool.onArrival(
        () -> {
          throw new IllegalStateException("a bug");
        });
    spool.onArrival(calls::incrementAndGet);

    spool.accept(mail("one"));

    assertEquals(1, calls.get());
  }

  @Test
  void sweepsWhatWasStillArriving() throws Exception {
    var left = folder.resolve("incoming").resolve("01JDGQ0000000000000000000A.mail");
    Files.writeString(left, "half a mail");

    reopen();

    assertThat(folder.resolve("incoming")).isEmptyDirectory();
    assertThat(spool.due(NOW, 10)).isEmpty();
  }

  @Test
  void setsForeignFilesAside() throws Exception {
    spool.accept(mail("one"));
    Files.writeString(folder.resolve("ready").resolve("notes.txt"), "hello");
    Files.createDirectory(folder.resolve("ready").resolve("folder.mail"));
    Files.writeString(folder.resolve("dead").resolve("notes.txt"), "hello");

    reopen();

    assertEquals(1, spool.due(NOW, 10).size());
    try (var files = Files.list(folder.resolve("damaged"))) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("notes.txt", "notes.txt.1", "folder.mail");
    }
  }

  @Test
  void setsADamagedMailAsideAndGoesOnWithTheOthers() throws Exception {
    spool.accept(mail("one"));
    spool.accept(mail("two"));
    var first = spool.due(NOW, 1).get(0).id();
    spool.defer(first, NOW, "busy");
    Files.writeString(folder.resolve("ready").resolve(first + ".mail"), "no spooled mail");

    reopen();

    assertEquals(
        "two", new String(only(spool.due(NOW, 10)).arrivedOctets(), StandardCharsets.UTF_8));
    assertThat(folder.resolve("damaged").resolve(first + ".mail")).hasContent("no spooled mail");
    assertEquals(1, spool.size());
  }

  @Test
  void noticesAnAlteredContent() throws Exception {
    spool.accept(mail("hello"));
    var spooled = only(spool.due(NOW, 10));
    spool.defer(spooled.id(), NOW, "busy");
    spooled = only(spool.due(NOW, 10));
    var path = folder.resolve("ready").resolve(spooled.id() + ".mail");
    try (var channel = java.nio.channels.FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.write(java.nio.ByteBuffer.wrap(new byte[] {'j'}), 0);
    }

    assertThrows(DamagedFileException.class, spooled::octets);
    assertThrows(DamagedFileException.class, spooled::arrivedOctets);
    spool.setAside(spooled.id(), "altered");
    assertThat(spool.due(NOW, 10)).isEmpty();
    assertThat(folder.resolve("damaged")).isNotEmptyDirectory();
  }

  @Test
  void aDamagedStateCountsAsNone() throws Exception {
    spool.accept(mail("one"));
    var id = only(spool.due(NOW, 10)).id();
    spool.defer(id, NOW.plusSeconds(60), "busy");
    Files.writeString(folder.resolve("ready").resolve(id + ".state"), "attempts=\\u00zz");

    reopen();

    assertEquals(0, only(spool.due(NOW, 10)).attempts());
  }

  @Test
  void aMailTakenAwayByHandIsNotDue() throws Exception {
    spool.accept(mail("one"));
    var id = only(spool.due(NOW, 10)).id();
    spool.defer(id, NOW, "busy");
    Files.delete(folder.resolve("ready").resolve(id + ".mail"));

    assertThat(spool.due(NOW, 10)).isEmpty();
  }

  @Test
  void belongsToOneProcessAtATime() {
    var refused = assertThrows(IOException.class, () -> Spool.open(folder, CLOCK));

    assertThat(refused).hasMessageContaining("another process uses this spool");
  }

  @Test
  void isReadableByItsOwnerOnly() throws Exception {
    var inside = folder.resolve("ready");

    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(inside)));
  }

  @Test
  void takesMailsFromManyThreads() throws Exception {
    var threads = Executors.newFixedThreadPool(8);
    try {
      Callable<Void> work =
          () -> {
            for (int i = 0; i < 25; i++) {
              spool.accept(mail("x"));
            }
            return null;
          };
      for (var done : threads.invokeAll(java.util.Collections.nCopies(8, work))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertEquals(200, spool.due(NOW, 1_000).size());
    assertEquals(200, spool.due(NOW, 1_000).stream().map(SpooledMail::id).distinct().count());
  }

  private void reopen() throws IOException {
    spool.close();
    spool = Spool.open(folder, CLOCK);
  }

  private static AcceptedMail mail(String text) throws Exception {
    return new AcceptedMail(
        Envelope.of(
            Mailbox.parse("bob@example.org"), List.of(Mailbox.parse("alice@bridge.example"))),
        text.getBytes(StandardCharsets.UTF_8),
        new Received(NOW, "203.0.113.5", "mail.example.org", true, Verdict.none()));
  }

  private static <T> T only(List<T> list) {
    assertEquals(1, list.size());
    return list.get(0);
  }
}

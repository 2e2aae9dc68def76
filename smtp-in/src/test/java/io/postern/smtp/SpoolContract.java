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
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a spool must do wherever its mails lie. */
public abstract class SpoolContract {
  protected static final Instant NOW = Instant.parse("2026-11-25T00:00:00Z");
  protected static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  protected Spool spool;

  /** The store of this test; the same one each time, after it was closed. */
  protected abstract SpoolStore store() throws Exception;

  @BeforeEach
  protected void open() throws Exception {
    spool = Spool.open(store(), CLOCK);
  }

  @AfterEach
  protected void close() throws IOException {
    spool.close();
  }

  static String handedOn(SpooledMail mail) throws IOException {
    try (var in = mail.open()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
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
        "Return-Path: <bob@example.org>\r\nSubject: hi\r\n\r\nhello\r\n", handedOn(spooled));
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
        handedOn(spooled));
    assertArrayEquals(mail.octets(), spooled.arrivedOctets());
  }

  @Test
  void whoGotABlindCopyIsHandedOnToNobodyAndKeptAsItArrived() throws Exception {
    var mail = mail("Bcc: dave@example.org\r\nSubject: hi\r\n\r\nhello\r\n");

    spool.accept(mail);

    var spooled = only(spool.due(NOW, 10));
    assertEquals(
        "Return-Path: <bob@example.org>\r\nSubject: hi\r\n\r\nhello\r\n", handedOn(spooled));
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
      for (var done : threads.invokeAll(Collections.nCopies(8, work))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertEquals(200, spool.due(NOW, 1_000).size());
    assertEquals(200, spool.due(NOW, 1_000).stream().map(SpooledMail::id).distinct().count());
  }

  /** Mails of every size around the limits of what is kept together, and of what is cut. */
  @Test
  void givesBackMailsOfEverySize() throws Exception {
    var random = new SplittableRandom(11);
    int[] sizes = {1, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 524_288, 3_000_000};

    for (int size : sizes) {
      var octets = new byte[size];
      random.nextBytes(octets);
      spool.accept(mail(octets));
    }
    reopen();

    var due = spool.due(NOW, 100);
    assertEquals(
        Arrays.stream(sizes).boxed().toList(), due.stream().map(m -> (int) m.size()).toList());
    random = new SplittableRandom(11);
    for (var spooled : due) {
      var octets = new byte[(int) spooled.size()];
      random.nextBytes(octets);
      assertArrayEquals(octets, spooled.arrivedOctets());
      spool.defer(spooled.id(), NOW, "busy");
      assertArrayEquals(octets, spool.find(spooled.id()).orElseThrow().arrivedOctets());
    }
  }

  @Test
  void keepsEachRecipientOfAMailToMany() throws Exception {
    var recipients = new ArrayList<Mailbox>();
    for (int i = 0; i < 1_000; i++) {
      recipients.add(Mailbox.parse("r" + "x".repeat(50) + i + "@bridge.example"));
    }
    var mail = mail("to many");

    spool.accept(
        new AcceptedMail(
            new Envelope(Optional.empty(), recipients), mail.octets(), mail.received()));
    reopen();

    assertEquals(recipients, only(spool.due(NOW, 10)).envelope().forwardPaths());
  }

  @Test
  void theSameMailTwiceIsTwoMails() throws Exception {
    spool.accept(mail("one"));
    spool.accept(mail("one"));

    var due = spool.due(NOW, 10);
    spool.done(due.get(0).id());

    assertEquals(due.get(1).id(), only(spool.due(NOW, 10)).id());
  }

  /** A mail is settled once: whoever comes later, or twice, changes nothing. */
  @Test
  void whatComesInTheWrongOrderChangesNothing() throws Exception {
    spool.accept(mail("one"));
    var id = only(spool.due(NOW, 10)).id();

    assertFalse(spool.revive(id));
    assertFalse(spool.forget(id));
    assertThat(spool.findDead(id)).isEmpty();
    spool.done(id);
    spool.done(id);
    assertFalse(spool.revive(id));
    assertThrows(NoSuchFileException.class, () -> spool.defer(id, NOW, "late"));
    assertThrows(NoSuchFileException.class, () -> spool.dead(id, "5.0.0", "late"));
    reopen();

    assertEquals(0, spool.size());
    assertThat(spool.dead()).isEmpty();
  }

  @Test
  void aMailThatIsSetAsideIsNobodysAnyMore() throws Exception {
    spool.accept(mail("one"));
    spool.accept(mail("two"));
    var id = spool.due(NOW, 10).get(0).id();

    spool.setAside(id, "it cannot be read");

    assertEquals(1, spool.size());
    reopen();
    assertEquals(1, spool.size());
    assertThat(spool.dead()).isEmpty();
  }

  protected void reopen() throws Exception {
    spool.close();
    open();
  }

  protected static AcceptedMail mail(String text) throws Exception {
    return mail(text.getBytes(StandardCharsets.UTF_8));
  }

  protected static AcceptedMail mail(byte[] octets) throws Exception {
    return new AcceptedMail(
        Envelope.of(
            Mailbox.parse("bob@example.org"), List.of(Mailbox.parse("alice@bridge.example"))),
        octets,
        new Received(NOW, "203.0.113.5", "mail.example.org", true, Verdict.none()));
  }

  protected static <T> T only(List<T> list) {
    assertEquals(1, list.size());
    return list.get(0);
  }
}

package io.postern.bridge;

import static io.postern.bridge.SharedStore.HALF_A_MINUTE;
import static io.postern.bridge.SharedStore.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs that carry at once, each for its part of the inboxes, on one PostgreSQL. Each mail is
 * one message and each message one mail, whoever of them takes it and whoever is killed; those of
 * one author by one host keep their order. docs/adr/0023.
 */
@Timeout(400)
class SeveralCarriersIT {
  private static final int AUTHORS = 6;
  private static final int PAUSE_MILLIS = 100;

  @TempDir Path folder;
  private SharedStore both;

  /** The line of a program that may carry beside another. */
  private String carriers;

  /** What was answered 250, of each author in their order. */
  private final Map<Mailbox, List<String>> accepted = new ConcurrentHashMap<>();

  private final List<String> answers = new CopyOnWriteArrayList<>();

  @BeforeEach
  void open() throws Exception {
    both = new SharedStore(folder);
    carriers =
        both.store(both.databasePort()).replace("connections: 8", "connections: 8, carriers: 2");
  }

  @AfterEach
  void close() {
    both.close();
  }

  @Test
  void eachWorksForItsPartAndForAllWhereTheOtherIsKilled() throws Exception {
    try (var a = both.carrying("a", carriers);
        var b = both.run("b", carriers)) {
      b.awaitReadyAtLast(PATIENCE);
      a.awaitReadyAtLast(PATIENCE);
      assertThat(SharedStore.get(a, "ready").statusCode()).isEqualTo(200);
      assertThat(SharedStore.get(b, "ready").statusCode()).isEqualTo(200);
      for (int i = 0; i < AUTHORS; i++) {
        accept(i % 2 == 0 ? a : b, author(i), "hello");
      }
      awaitHeard();
      answerEach("first");
      awaitMailed();
      for (var mail : both.envelopes()) {
        bounce(a, mail);
        bounce(b, mail);
      }
      await().atMost(PATIENCE).until(() -> notices() == AUTHORS);
      assertThat(kept("a")).as("carried by a").isPositive();
      assertThat(kept("b")).as("carried by b").isPositive();

      var over = new AtomicBoolean();
      var toA = CompletableFuture.runAsync(() -> load(a, 0, over));
      var toB = CompletableFuture.runAsync(() -> load(b, 1, over));
      await().atMost(PATIENCE).until(() -> total() > 10 * AUTHORS);
      answerEach("under load");
      awaitMailed();
      a.kill();
      answerEach("while one is dead");
      b.awaitReadyAtLast(HALF_A_MINUTE);
      awaitMailed();
      awaitHeard(); // What comes by another host may come before it.
      accept(b, author(0), "by the other host");
      try (var again = both.run("a", carriers)) {
        again.awaitReadyAtLast(PATIENCE);
        b.awaitReadyAtLast(PATIENCE);
        over.set(true);
        toA.join();
        toB.join();
        awaitHeard();
        for (int i = 0; i < AUTHORS; i++) {
          accept(again, author(i), "at last");
        }
        awaitHeard();
        answerEach("last");
        awaitMailed();
      }
    }

    assertThat(both.heard()).doesNotHaveDuplicates();
    assertThat(notices())
        .as("each told once, though both have taken the report")
        .isEqualTo(AUTHORS);
    both.assertThatAllWasReadable();
    heard()
        .forEach(
            (author, texts) ->
                assertThat(texts).as("of %s", author).containsSubsequence(accepted.get(author)));
  }

  /** As a virtual machine that is paused: what it does when it wakes comes too late. */
  @Test
  void theOneThatStandsStillIsReplacedAndHasItsPartAgainWhenItWakes() throws Exception {
    try (var a = both.carrying("a", carriers);
        var b = both.run("b", carriers)) {
      b.awaitReadyAtLast();
      a.awaitReadyAtLast();
      for (int i = 0; i < AUTHORS; i++) {
        accept(b, author(i), "hello");
      }
      awaitHeard();
      var over = new AtomicBoolean();
      var load = CompletableFuture.runAsync(() -> load(b, 0, over));
      answerEach("before");
      awaitMailed();
      a.signal("STOP");
      answerEach("while one stands still");
      b.awaitReadyAtLast();
      awaitMailed();
      a.signal("CONT");
      a.awaitReadyAtLast();
      b.awaitReadyAtLast();
      over.set(true);
      load.join();
      accept(a, author(0), "at last");
      awaitHeard();
      answerEach("after");
      awaitMailed();
    }

    assertThat(both.heard()).doesNotHaveDuplicates();
    both.assertThatAllWasReadable();
  }

  private static Mailbox author(int number) {
    return new Mailbox("author" + number, "example.org");
  }

  private int total() {
    return accepted.values().stream().mapToInt(List::size).sum();
  }

  private void accept(DaemonProcess by, Mailbox author, String text) {
    await().atMost(PATIENCE).until(() -> isAccepted(by, author, text));
  }

  private boolean isAccepted(DaemonProcess by, Mailbox author, String text) {
    var line = author.localPart() + " " + text;
    boolean taken = both.mail(by, author, line) instanceof Delivery.Delivered;
    if (taken) {
      accepted.computeIfAbsent(author, key -> new CopyOnWriteArrayList<>()).add(line);
    }
    return taken;
  }

  /** Those of every second author, one after the other; what is not taken is not sent again. */
  private void load(DaemonProcess by, int first, AtomicBoolean over) {
    for (int i = 0; i < 1000 && !over.get(); i++) {
      isAccepted(by, author(first + 2 * (i % (AUTHORS / 2))), "load " + i);
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException stopped) {
        throw new AssertionError(stopped);
      }
    }
  }

  private void awaitHeard() {
    var all = accepted.values().stream().flatMap(List::stream).toList();
    await().atMost(PATIENCE).until(() -> both.heard().containsAll(all));
  }

  /** What Alice has heard of each. */
  private Map<Mailbox, List<String>> heard() {
    var heard = new HashMap<Mailbox, List<String>>();
    for (var text : both.heard()) {
      var author = new Mailbox(text.substring(0, text.indexOf(' ')), "example.org");
      heard.computeIfAbsent(author, key -> new ArrayList<>()).add(text);
    }
    return heard;
  }

  private void answerEach(String text) throws Exception {
    for (var conversation : conversations().entrySet()) {
      var answer = text + " to " + conversation.getKey().localPart();
      conversation
          .getValue()
          .send(EncodedMessage.of(new Text(answer), UUID.randomUUID().toString()));
      answers.add(answer);
    }
  }

  /** Alice's, by who has written there. */
  private Map<Mailbox, Conversation> conversations() {
    var inbox = both.alice.inbox();
    var found = new HashMap<Mailbox, Conversation>();
    for (var row : inbox.groups()) {
      var conversation = inbox.conversation(row.group());
      for (int i = 0; i < AUTHORS; i++) {
        var hello = author(i).localPart() + " hello";
        if (conversation.messages(10_000).stream()
            .anyMatch(message -> message.content().length > 0 && says(message.content(), hello))) {
          found.put(author(i), conversation);
        }
      }
    }
    assertThat(found).hasSize(AUTHORS);
    return found;
  }

  private static boolean says(byte[] content, String line) {
    return ContentCodec.decode(content) instanceof Text text && text.text().endsWith(line);
  }

  /** And that it is noted: else who is killed then sends once more, as docs/adr/0018 says. */
  private void awaitMailed() {
    answers.forEach(both::awaitMailed);
  }

  /** To its return path: it is told by the one that has the inbox, whoever takes it. */
  private static void bounce(DaemonProcess by, Envelope mail) {
    var path = mail.reversePath().orElseThrow();
    var bounce =
        TestBridge.mail(
            by.smtpPort(),
            Envelope.fromNobody(List.of(path)),
            "From: MAILER-DAEMON@example.org",
            "To: <" + path + ">",
            "Subject: failure notice",
            "",
            "I could not deliver your mail.",
            "",
            "<" + mail.forwardPaths().get(0) + ">:",
            "550 5.2.2 mailbox is full");
    assertThat(bounce).isInstanceOf(Delivery.Delivered.class);
  }

  private long notices() {
    return both.alice.messages().stream().filter(NoticeKind::isNotice).count();
  }

  private long kept(String name) throws Exception {
    try (var files = Files.list(folder.resolve(name).resolve("kept"))) {
      return files.count();
    }
  }
}

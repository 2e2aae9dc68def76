package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.xmtp.content.Text;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines on both sides, and whole daemons between them: it ends. docs/adr/0007. */
class LoopsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration SILENCE = Duration.ofSeconds(3);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final String WITHHELD = "withheld";
  private static final String HELD = "machines seem to answer each other";

  @TempDir Path folder;

  @Test
  void twoPosternsWithPeopleBehindThemCarryTheThread() throws Exception {
    try (var world = new TwoBridges(folder);
        var alice = new TestPeer(sub("alice"), world.one.nodeUrl());
        var carol = new TestPeer(sub("carol"), world.other.nodeUrl())) {
      world.introduce(alice, carol);
      await().atMost(PATIENCE).until(() -> !carol.heardTexts().isEmpty());

      for (int i = 0; i < 3; i++) {
        carol.answer("question " + i);
        int round = i;
        await().atMost(PATIENCE).until(() -> said(alice, "question " + round));
        alice.answer("answer " + i);
        await().atMost(PATIENCE).until(() -> said(carol, "answer " + round));
      }

      assertThat(alice.heardTexts()).hasSize(3);
      assertThat(carol.heardTexts()).hasSize(4);
    }
  }

  @Test
  void twoPosternsWithAgentsBehindThemEndInSilence() throws Exception {
    try (var world = new TwoBridges(folder);
        var alice = new EchoPeer(sub("alice"), world.one.nodeUrl());
        var carol = new EchoPeer(sub("carol"), world.other.nodeUrl())) {
      world.introduce(alice.peer(), carol.peer());

      await()
          .atMost(PATIENCE)
          .until(() -> world.one.status().contains(HELD) || world.other.status().contains(HELD));

      int carried = silence(() -> heard(alice) + heard(carol));
      assertThat(heard(alice)).isBetween(15, 21);
      assertThat(heard(carol)).isBetween(15, 22);
      assertThat(carried).isEqualTo(heard(alice) + heard(carol));
    }
  }

  @Test
  void anAutoresponderWithItsHeaderIsShownOnce() throws Exception {
    try (var bridge = TestBridge.open(folder);
        var agent = new EchoPeer(sub("agent"), bridge.nodeUrl())) {
      write(bridge, agent.peer().mailbox(), 0);

      answerAll(
          bridge,
          WITHHELD,
          (to, back, mailId, number) ->
              bridge.mail(
                  BOB,
                  to,
                  "From: <" + BOB + ">",
                  "Subject: Re: hello",
                  "Message-ID: <" + number + "@example.org>",
                  "In-Reply-To: " + mailId,
                  "Auto-Submitted: auto-replied",
                  "",
                  "I am away."));

      int mails = silence(() -> bridge.captured().size());
      assertThat(mails).isEqualTo(2);
      assertThat(agent.peer().heardTexts()).hasSize(2);
    }
  }

  @Test
  void anAutoresponderThatWritesFromNobodyIsNotShown() throws Exception {
    try (var bridge = TestBridge.open(folder);
        var agent = new EchoPeer(sub("agent"), bridge.nodeUrl())) {
      write(bridge, agent.peer().mailbox(), 0);

      answerAll(
          bridge,
          WITHHELD,
          (to, back, mailId, number) ->
              TestBridge.mail(
                  bridge.smtpPort(),
                  Envelope.fromNobody(List.of(back)),
                  "From: <" + BOB + ">",
                  "Subject: Re: hello",
                  "Message-ID: <" + number + "@example.org>",
                  "",
                  "I am away."));

      int mails = silence(() -> bridge.captured().size());
      assertThat(mails).isEqualTo(1);
      assertThat(agent.peer().heardTexts()).hasSize(1);
    }
  }

  @Test
  void anAutoresponderWithoutAnySignIsHeld() throws Exception {
    try (var bridge = TestBridge.open(folder);
        var agent = new EchoPeer(sub("agent"), bridge.nodeUrl())) {
      write(bridge, agent.peer().mailbox(), 0);

      answerAll(bridge, HELD, (to, back, mailId, number) -> write(bridge, to, number));

      int mails = silence(() -> bridge.captured().size());
      assertThat(mails).isBetween(15, 20);
    }
  }

  /** What a robot does with one mail. */
  private interface Answer {
    Delivery to(Mailbox author, Mailbox returnPath, String mailId, int number);
  }

  /** Has a robot answer each mail that leaves until the status page says this. */
  private static void answerAll(TestBridge bridge, String end, Answer answer) {
    var answered = new ArrayList<String>();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              var mails = bridge.captured();
              var paths = bridge.returnPaths();
              for (int i = answered.size(); i < mails.size(); i++) {
                var mailId = mails.get(i).id().orElseThrow().asWritten();
                answered.add(mailId);
                var author = mails.get(i).author().orElseThrow().mailbox();
                var taken = answer.to(author, paths.get(i), mailId, answered.size());
                assertThat(taken).isInstanceOf(Delivery.Delivered.class);
              }
              return bridge.status().contains(end);
            });
  }

  private static Delivery write(TestBridge bridge, Mailbox to, int number) {
    return bridge.mail(
        BOB,
        to,
        "From: <" + BOB + ">",
        "Subject: hello",
        "Message-ID: <n" + number + "@example.org>",
        "",
        "hello " + number);
  }

  private static int heard(EchoPeer agent) {
    return agent.peer().heardTexts().size();
  }

  private static boolean said(TestPeer peer, String text) {
    return peer.heard().stream()
        .anyMatch(content -> content instanceof Text said && said.text().contains(text));
  }

  private Path sub(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private interface Count {
    int now() throws Exception;
  }

  /** The count, once it has been the same for a while. */
  private static int silence(Count count) throws Exception {
    var last = new int[] {count.now()};
    await()
        .atMost(PATIENCE)
        .during(SILENCE)
        .until(
            () -> {
              int before = last[0];
              last[0] = count.now();
              return before == last[0];
            });
    return last[0];
  }

  /** Two daemons on networks of their own, each the other's mail server. */
  private static final class TwoBridges implements AutoCloseable {
    static final String ONE = "one.localhost";
    static final String OTHER = "other.localhost";
    final TestBridge one;
    final TestBridge other;

    TwoBridges(Path folder) throws Exception {
      int first = freePort();
      int second = freePort();
      one = TestBridge.facing(folder.resolve("one"), ONE, first, second);
      other = TestBridge.facing(folder.resolve("other"), OTHER, second, first);
    }

    /** Has the peer of the first bridge write to that of the other one: as the first would. */
    void introduce(TestPeer alice, TestPeer carol) {
      var delivery =
          other.mail(
              alice.mailbox(ONE),
              carol.mailbox(OTHER),
              "From: <" + alice.mailbox(ONE) + ">",
              "Subject: hello",
              "Message-ID: <1@example.org>",
              "",
              "hello");
      assertThat(delivery).isInstanceOf(Delivery.Delivered.class);
    }

    private static int freePort() throws IOException {
      try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      }
    }

    @Override
    public void close() {
      one.close();
      other.close();
    }
  }
}

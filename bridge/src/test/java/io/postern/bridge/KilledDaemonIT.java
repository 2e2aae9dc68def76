package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.StoreSettings;
import io.postern.interop.OnEachDatabase;
import io.postern.interop.Servers;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.out.Capture;
import io.postern.out.Deliver;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.ContentException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon, as an operator runs it, is killed at any instant, again and again, while mail of
 * several people comes in and messages come back in the same conversations. At the end each mail
 * that was answered 250 is one message, and each message is in one mail. A generation of a ratchet
 * that had been used twice would show as a message that its peer could not open.
 *
 * <p>How often it is killed says {@code postern.kills}, and when {@code postern.kills.seed}; {@code
 * mvn -Pkills verify} kills it 200 times.
 */
@OnEachDatabase
class KilledDaemonIT {
  private static final Duration PATIENCE = Duration.ofMinutes(15);
  private static final int KILLS = Integer.getInteger("postern.kills", 10);
  private static final List<Mailbox> AUTHORS =
      List.of(
          new Mailbox("bob", "example.org"),
          new Mailbox("carol", "example.org"),
          new Mailbox("erin", "example.org"));

  /** Each who writes writes so many lines for each life of the daemon. */
  private static final int LINES_PER_LIFE = 8;

  /** One in so many lives ends before it is known to have begun. */
  private static final int EARLY = 4;

  private static final int LONGEST_START_MILLIS = 4_000;
  private static final int LONGEST_REST_MILLIS = 1_000;
  private static final int LONGEST_PAUSE_MILLIS = 150;
  private static final int POLL_MILLIS = 10;
  private static final int FIRST_PORT = 20_025;
  private static final int LAST_PORT = 21_025;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final List<String> mailed = Collections.synchronizedList(new ArrayList<>());
  private final List<String> said = Collections.synchronizedList(new ArrayList<>());
  private final List<Semaphore> lines = new ArrayList<>();
  private final List<Future<?>> writers = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private LocalNode node;
  private TestPeer alice;
  private TestPeer dave;
  private Capture capture;
  private Path config;
  private int smtpPort;
  private int lives;

  @BeforeEach
  void open() throws Exception {
    var settings = NodeSettings.of(new InetSocketAddress("127.0.0.1", 0), folder.resolve("node"));
    node = LocalNode.open(settings);
    var url = "http://127.0.0.1:" + node.port();
    alice = new TestPeer(folder.resolve("alice"), url);
    dave = new TestPeer(folder.resolve("dave"), url);
    // Once: opening it clears away what a crash has left, and what is being written, too.
    capture = Capture.open(new Deliver.Capture(data().resolve("captured")));
    smtpPort = lowPort();
    config = Files.writeString(folder.resolve("postern.yml"), config(url));
    DaemonProcess.createVault(config);
  }

  /**
   * Below those that the system gives to clients: whoever tries to reach such a one again and again
   * while nobody listens may at last be connected to itself, and the daemon could not listen then.
   */
  private static int lowPort() throws IOException {
    for (int port = FIRST_PORT; port < LAST_PORT; port++) {
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException taken) {
        // The next one, then.
      }
    }
    throw new IOException("no port is free from " + FIRST_PORT + " to " + LAST_PORT);
  }

  /** What peers make leave is bounded by the hour: what is more would wait longer than we do. */
  private String config(String url) throws IOException {
    return String.join(
        "\n",
        "domains: [" + TestBridge.DOMAIN + "]",
        "data: " + data(),
        "network: {url: \"" + url + "\"}",
        "smtp: {listen: \"127.0.0.1:" + smtpPort + "\"}",
        "web: {listen: \"127.0.0.1:" + Servers.freePort() + "\"}",
        "deliver: {via: capture}",
        "quiet: 100ms",
        "provision: open",
        "quota: {leaving: {mailsPerHour: 1000000, mailsPerDay: 1000000}}",
        "vault: {keyFile: " + folder.resolve("vault.key") + "}",
        store(StoreOfTest.of(data())),
        "");
  }

  private static String store(StoreSettings store) {
    return store instanceof StoreSettings.PostgreSql postgres
        ? "store: {url: \""
            + postgres.url()
            + "\", user: "
            + postgres.user()
            + ", passwordFile: "
            + postgres.passwordFile().orElseThrow()
            + "}"
        : "store: {url: \"" + store.url() + "\"}";
  }

  private Path data() {
    return folder.resolve("bridge");
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    alice.close();
    dave.close();
    node.close();
  }

  @Test
  void everyMailIsOneMessageAndEveryMessageIsInOneMail() throws Exception {
    long seed = Long.getLong("postern.kills.seed", System.nanoTime());
    System.out.println("kills=" + KILLS + " postern.kills.seed=" + seed);
    var random = new SplittableRandom(seed);
    meet();
    for (var author : AUTHORS) {
      write(random.split(), number -> mail(author, alice, author.localPart() + " " + number));
    }
    write(random.split(), number -> say(alice, "alice " + number));
    write(random.split(), number -> say(dave, "dave " + number));

    for (int kill = 0; kill < KILLS; kill++) {
      try (var daemon = nextLife()) {
        if (random.nextInt(EARLY) == 0) {
          daemon.liveOn(random.nextInt(LONGEST_START_MILLIS));
        } else {
          daemon.awaitReadyAtLast();
          carry(daemon, random.nextInt(AUTHORS.size() * LINES_PER_LIFE));
          daemon.liveOn(random.nextInt(LONGEST_REST_MILLIS));
        }
      }
    }
    try (var daemon = nextLife()) {
      daemon.awaitReadyAtLast();
      for (var writer : writers) {
        writer.get(PATIENCE.toMinutes(), TimeUnit.MINUTES);
      }
      awaitThat(() -> lastLines(alice).size() + lastLines(dave).size() >= mailed.size());
      awaitThat(() -> capturedLines().size() >= said.size());
    }

    System.out.println("mails=" + mailed.size() + " messages=" + said.size());
    var heard = new ArrayList<>(lastLines(alice));
    heard.addAll(lastLines(dave));
    assertThat(heard).containsExactlyInAnyOrderElementsOf(mailed);
    assertThat(capturedLines()).containsExactlyInAnyOrderElementsOf(said);
    assertThat(captured().stream().map(Mail::id).map(id -> id.map(MailId::value)))
        .doesNotHaveDuplicates();
  }

  /** Both peers have been written to, so that they have somebody to speak to. */
  private void meet() throws Exception {
    try (var daemon = DaemonProcess.start(config, folder.resolve("life0.log"))) {
      daemon.awaitReadyAtLast();
      mail(AUTHORS.get(0), alice, "hello alice");
      mail(AUTHORS.get(0), dave, "hello dave");
      awaitThat(() -> lastLines(alice).size() + lastLines(dave).size() == 2);
    }
  }

  /** Lives until it has taken so many more mails, however fast this machine is. */
  private void carry(DaemonProcess daemon, int mails) {
    int enough = mailed.size() + mails;
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .until(
            () -> {
              daemon.liveOn(POLL_MILLIS);
              return mailed.size() >= enough;
            });
  }

  /** Seldom looked at, for each look reads all. */
  private static void awaitThat(Callable<Boolean> condition) {
    await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(condition);
  }

  private DaemonProcess nextLife() throws IOException {
    lives++;
    var daemon = DaemonProcess.start(config, folder.resolve("life" + lives + ".log"));
    lines.forEach(writer -> writer.release(LINES_PER_LIFE));
    return daemon;
  }

  private interface Line {
    void send(int number) throws Exception;
  }

  /** Somebody writes, as long as there are lives, with random pauses. */
  private void write(SplittableRandom random, Line line) {
    var allowed = new Semaphore(0);
    lines.add(allowed);
    writers.add(
        threads.submit(
            () -> {
              for (int number = 0; number < (KILLS + 1) * LINES_PER_LIFE; number++) {
                allowed.acquire();
                line.send(number);
                pause(random.nextInt(LONGEST_PAUSE_MILLIS));
              }
              return "";
            }));
  }

  private static void pause(int millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** As a mail server does: what was not answered 250 is sent again. */
  private void mail(Mailbox from, TestPeer to, String text) throws InterruptedException {
    var id = text.replace(' ', '.') + "@example.org";
    Delivery answer;
    do {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      answer =
          TestBridge.mail(
              smtpPort,
              from,
              to.mailbox(),
              "From: <" + from + ">",
              "To: " + to.mailbox(),
              "Subject: Kills",
              "Message-ID: <" + id + ">",
              "",
              text);
      assertThat(answer).isNotInstanceOf(Delivery.Refused.class);
      pause(answer instanceof Delivery.Delivered ? 0 : LONGEST_PAUSE_MILLIS);
    } while (!(answer instanceof Delivery.Delivered));
    mailed.add(text);
  }

  private void say(TestPeer peer, String text) throws XmtpException, ContentException {
    peer.answer(text);
    said.add(text);
  }

  /** The last line of each text: what stands before it is who writes and the subject. */
  private static List<String> lastLines(TestPeer peer) {
    return peer.heardTexts().stream()
        .map(text -> text.substring(text.lastIndexOf('\n') + 1))
        .toList();
  }

  private List<Mail> captured() throws Exception {
    return TestBridge.captured(capture);
  }

  private List<String> capturedLines() throws Exception {
    var found = new ArrayList<String>();
    for (var mail : captured()) {
      TestBridge.said(mail).lines().filter(line -> !line.isBlank()).forEach(found::add);
    }
    return found;
  }
}

package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.out.Capture;
import io.postern.out.Deliver;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is killed at every checkpoint of both journeys, one after the other on the same data.
 * At the end every mail is one message, and every message is in one mail.
 */
@OnEachDatabase
class CrashIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final List<Checkpoint> MAIL_TO_XMTP =
      List.of(
          Checkpoint.INBOX_READY,
          Checkpoint.DM_READY,
          Checkpoint.TRANSLATED,
          Checkpoint.PAYLOAD_STORED,
          Checkpoint.PAYLOAD_SENT,
          Checkpoint.PUBLISHED);
  private static final List<Checkpoint> XMTP_TO_MAIL =
      List.of(
          Checkpoint.LINES_WRITTEN,
          Checkpoint.BUNDLE_CLOSED,
          Checkpoint.MAIL_SENT,
          Checkpoint.MAIL_NOTED);

  @TempDir Path folder;
  private LocalNode node;
  private TestPeer alice;
  private String url;
  private int mailed;

  @BeforeEach
  void open() throws Exception {
    var settings = NodeSettings.of(new InetSocketAddress("127.0.0.1", 0), folder.resolve("node"));
    node = LocalNode.open(settings);
    url = "http://127.0.0.1:" + node.port();
    alice = new TestPeer(folder, url);
  }

  @AfterEach
  void close() {
    alice.close();
    node.close();
  }

  @Test
  void everyMailIsOneMessageWhereverTheDaemonIsKilled() throws Exception {
    var texts = new ArrayList<String>();
    for (var checkpoint : MAIL_TO_XMTP) {
      texts.add("killed at " + checkpoint);
      try (var daemon = new Daemon(checkpoint.name())) {
        mailWhatIsLeft(daemon, texts);
        daemon.awaitCrash();
      }
    }

    texts.add("the last");
    try (var daemon = new Daemon("NONE")) {
      mailWhatIsLeft(daemon, texts);
      await().atMost(PATIENCE).until(() -> heard().contains("the last"));
    }

    assertThat(mailed).isEqualTo(texts.size());
    assertThat(heard()).containsExactlyElementsOf(texts);
  }

  /**
   * As a mail server does: what was not answered 250 is sent again. A daemon with something left
   * from its last life may die of it before it takes anything new.
   */
  private void mailWhatIsLeft(Daemon daemon, List<String> texts) {
    while (mailed < texts.size()
        && daemon.mail(mailed, texts.get(mailed)) instanceof Delivery.Delivered) {
      mailed++;
    }
  }

  /** The last line of each text: what stands before it is who writes and the subject. */
  private List<String> heard() {
    return alice.heardTexts().stream()
        .map(text -> text.substring(text.lastIndexOf('\n') + 1))
        .toList();
  }

  @Test
  void everyMessageIsInOneMailWhereverTheDaemonIsKilled() throws Exception {
    try (var daemon = new Daemon("NONE")) {
      daemon.mail(0, "hello");
      await().atMost(PATIENCE).until(() -> heard().contains("hello"));
    }
    var said = new ArrayList<String>();
    for (var checkpoint : XMTP_TO_MAIL) {
      try (var daemon = new Daemon(checkpoint.name())) {
        var text = "killed at " + checkpoint;
        alice.answer(text);
        said.add(text);
        daemon.awaitCrash();
      }
    }

    try (var daemon = new Daemon("NONE")) {
      assertThat(daemon.smtpPort).isPositive();
      alice.answer("the last");
      said.add("the last");
      await().atMost(PATIENCE).until(() -> mailedLines().contains("the last"));
    }

    assertThat(mailedLines()).containsExactlyInAnyOrderElementsOf(said);
    assertThat(captured().stream().map(Mail::id).map(id -> id.map(MailId::value)))
        .doesNotHaveDuplicates();
  }

  private List<Mail> captured() throws Exception {
    var capture = Capture.open(new Deliver.Capture(folder.resolve("bridge").resolve("captured")));
    return TestBridge.captured(capture);
  }

  private List<String> mailedLines() throws Exception {
    var lines = new ArrayList<String>();
    for (var mail : captured()) {
      TestBridge.said(mail).lines().forEach(lines::add);
    }
    return lines;
  }

  /** A daemon in a process of its own. */
  private final class Daemon implements AutoCloseable {
    private final Process process;
    private final int smtpPort;

    private Daemon(String checkpoint) throws Exception {
      var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      var errors = Files.createTempFile(folder, "daemon", ".log").toFile();
      var data = folder.resolve("bridge");
      var command =
          new ArrayList<>(
              List.of(
                  java,
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  CrashingDaemon.class.getName(),
                  data.toString(),
                  url,
                  checkpoint));
      command.addAll(StoreOfTest.arguments(StoreOfTest.of(data)));
      process = new ProcessBuilder(command).redirectError(errors).start();
      var out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      var line = out.readLine();
      while (line != null && !line.startsWith("ready ")) {
        line = out.readLine();
      }
      // A daemon that has something left to do may reach its checkpoint before it is ready.
      smtpPort = line == null ? 0 : Integer.parseInt(line.substring("ready ".length()));
    }

    private Delivery mail(int number, String text) {
      return TestBridge.mail(
          smtpPort,
          BOB,
          alice.mailbox(),
          "From: Bob <" + BOB + ">",
          "To: " + alice.mailbox(),
          "Subject: " + (number == 0 ? "" : "Re: ") + "Crash",
          "Message-ID: <crash" + number + "@example.org>",
          "",
          text);
    }

    private void awaitCrash() throws InterruptedException {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(CrashingDaemon.CRASHED);
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }
}

package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Octets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Mails of some 20 MiB that come at once are carried whole by a daemon with a small heap. */
@Timeout(400)
@OnEachDatabase
class LargeMailsCarriedIT {
  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final int LARGE = 17 << 20;
  private static final int SMALL = 700_000;

  @TempDir Path folder;
  private LocalNode node;
  private TestPeer alice;

  @BeforeEach
  void open() throws Exception {
    node =
        LocalNode.open(
            NodeSettings.of(new InetSocketAddress("127.0.0.1", 0), folder.resolve("node")));
    alice = new TestPeer(folder, "http://127.0.0.1:" + node.port());
  }

  @AfterEach
  void close() {
    alice.close();
    node.close();
  }

  /** The heap would hold three of them, with what else it needs hardly one. */
  @Test
  void areCarriedWithoutBeingHeldInMemory() throws Exception {
    carry("96m", 6, LARGE, SMALL);

    assertThat(alice.heardTexts().stream().filter(text -> text.contains("0.bin")))
        .hasSize(6)
        .allMatch(text -> text.contains("was not delivered: too large"));
    // What is too large for a message is kept, all of it.
    try (var kept = Files.list(folder.resolve("bridge").resolve("kept"))) {
      assertThat(kept.filter(file -> file.toFile().length() > 24L << 20)).hasSize(6);
    }
  }

  /** All of them become messages, which the database holds and writes in one piece. */
  @Test
  void areCarriedFileByFile() throws Exception {
    var files = new int[20];
    Arrays.fill(files, SMALL);

    carry("256m", 4, files);
  }

  /** Each needs a third of the heap while it is unpacked: nobody may do that who only judges it. */
  @Test
  void areCarriedWhereMuchComesOutOfThem() throws Exception {
    var packed = SignedOutlookMail.lines();
    var daemon = start("160m");
    try {
      int port = port(log());
      assertThat(port).as(() -> text(errors())).isPositive();
      sendAtOnce(
          6,
          number -> {
            var lines = new ArrayList<>(List.of("From: <" + author(number) + ">"));
            lines.add("Subject: packed");
            lines.add("Message-ID: <packed" + number + "@example.org>");
            lines.addAll(packed);
            send(port, number, lines);
          });

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(alice.heardTexts().stream().filter(text -> text.contains(".eml")))
                      .as(() -> text(errors()))
                      .hasSize(6)
                      .allMatch(text -> text.contains("was not delivered: too large")));
    } finally {
      daemon.destroyForcibly().waitFor();
    }

    assertThat(text(errors())).doesNotContain("OutOfMemoryError");
  }

  private Path data() {
    return folder.resolve("bridge");
  }

  private Path errors() {
    return folder.resolve("errors");
  }

  private Path log() {
    return folder.resolve("log");
  }

  private Process start(String heap) throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        new ArrayList<>(
            List.of(
                java,
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingDaemon.class.getName(),
                data().toString(),
                "http://127.0.0.1:" + node.port(),
                "NONE"));
    command.addAll(StoreOfTest.arguments(StoreOfTest.of(data())));
    return new ProcessBuilder(command)
        .redirectError(errors().toFile())
        .redirectOutput(log().toFile())
        .start();
  }

  private void carry(String heap, int mails, int... sizes) throws Exception {
    var expected = new ArrayList<Octets>();
    for (int i = 0; i < mails; i++) {
      for (int file = 0; file < sizes.length; file++) {
        if (sizes[file] <= SMALL) {
          expected.add(Octets.of(octets(i, file, sizes[file])));
        }
      }
    }
    var daemon = start(heap);
    try {
      int port = port(log());
      assertThat(port).as(() -> text(errors())).isPositive();
      sendAtOnce(mails, number -> send(port, number, sizes));

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(alice.heardTexts().stream().filter(text -> text.contains("files:")))
                      .as(() -> text(errors()))
                      .hasSize(mails));
      await().atMost(PATIENCE).until(() -> files().size() == expected.size());
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(data().resolve("carrying")).isEmptyDirectory());
    } finally {
      daemon.destroyForcibly().waitFor();
    }

    assertThat(text(errors())).doesNotContain("OutOfMemoryError");
    assertThat(files()).containsExactlyInAnyOrderElementsOf(expected);
  }

  private List<Octets> files() {
    return alice.heard().stream()
        .filter(Attachment.class::isInstance)
        .map(file -> ((Attachment) file).octets())
        .toList();
  }

  private static int port(Path log) {
    var ready =
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    Files.readAllLines(log).stream()
                        .filter(line -> line.startsWith("ready "))
                        .findFirst(),
                Optional::isPresent);
    return Integer.parseInt(ready.get().substring("ready ".length()));
  }

  private static void sendAtOnce(int mails, IntConsumer send) throws Exception {
    var threads = Executors.newFixedThreadPool(mails);
    try {
      var sent = new ArrayList<CompletableFuture<Void>>();
      for (int i = 0; i < mails; i++) {
        int number = i;
        sent.add(CompletableFuture.runAsync(() -> send.accept(number), threads));
      }
      for (var one : sent) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Mailbox author(int number) {
    return new Mailbox("author" + number, "example.org");
  }

  private void send(int port, int number, int... sizes) {
    var lines =
        new ArrayList<>(
            List.of(
                "From: <" + author(number) + ">",
                "Subject: large",
                "Message-ID: <large" + number + "@example.org>",
                "Content-Type: multipart/mixed; boundary=b",
                "",
                "--b",
                "",
                "files: " + sizes.length));
    for (int file = 0; file < sizes.length; file++) {
      lines.add("--b");
      lines.add("Content-Type: application/octet-stream; name=" + file + ".bin");
      lines.add("Content-Transfer-Encoding: base64");
      lines.add("");
      lines.add(base64(octets(number, file, sizes[file])));
    }
    lines.add("--b--");
    send(port, number, lines);
  }

  /** As a mail server does: what was not answered 250 is sent again. */
  private void send(int port, int number, List<String> lines) {
    var author = author(number);
    var mail = lines.toArray(String[]::new);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                TestBridge.mail(port, author, alice.mailbox(), mail) instanceof Delivery.Delivered);
  }

  private static String base64(byte[] octets) {
    return Base64.getMimeEncoder().encodeToString(octets);
  }

  private static byte[] octets(int number, int file, int size) {
    var octets = new byte[size];
    new SplittableRandom(100L * number + file).nextBytes(octets);
    return octets;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }
}

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
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mails of 24 MiB that come at once are carried whole by a daemon whose heap would hold three of
 * them, with what else it needs hardly one.
 */
@Timeout(400)
@OnEachDatabase
class LargeMailsCarriedIT {
  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final int MAILS = 6;
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

  @Test
  void areCarriedWithoutBeingHeldInMemory() throws Exception {
    var data = folder.resolve("bridge");
    var errors = Files.createFile(folder.resolve("errors"));
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        new ArrayList<>(
            List.of(
                java,
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingDaemon.class.getName(),
                data.toString(),
                "http://127.0.0.1:" + node.port(),
                "NONE"));
    command.addAll(StoreOfTest.arguments(StoreOfTest.of(data)));
    var daemon = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    try {
      int port = port(daemon);
      assertThat(port).as(() -> text(errors)).isPositive();
      sendAtOnce(port);

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(alice.heardTexts().stream().filter(text -> text.contains("large.bin")))
                      .as(() -> text(errors))
                      .hasSize(MAILS));
      await().atMost(PATIENCE).until(() -> files().size() == MAILS);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(data.resolve("carrying")).isEmptyDirectory());
    } finally {
      daemon.destroyForcibly().waitFor();
    }

    assertThat(text(errors)).doesNotContain("OutOfMemoryError");
    assertThat(alice.heardTexts())
        .filteredOn(text -> text.contains("large.bin"))
        .allMatch(text -> text.contains("was not delivered: too large"));
    var sent = new ArrayList<Octets>();
    for (int i = 0; i < MAILS; i++) {
      sent.add(Octets.of(octets(i, SMALL)));
    }
    assertThat(files()).containsExactlyInAnyOrderElementsOf(sent);
    // What is too large for a message is kept, all of it.
    try (var kept = Files.list(data.resolve("kept"))) {
      assertThat(kept.filter(file -> file.toFile().length() > 24L << 20)).hasSize(MAILS);
    }
  }

  private List<Octets> files() {
    return alice.heard().stream()
        .filter(Attachment.class::isInstance)
        .map(file -> ((Attachment) file).octets())
        .toList();
  }

  private static int port(Process daemon) throws IOException {
    var out =
        new BufferedReader(
            new InputStreamReader(daemon.getInputStream(), StandardCharsets.US_ASCII));
    var line = out.readLine();
    while (line != null && !line.startsWith("ready ")) {
      line = out.readLine();
    }
    return line == null ? 0 : Integer.parseInt(line.substring("ready ".length()));
  }

  private void sendAtOnce(int port) throws Exception {
    var threads = Executors.newFixedThreadPool(MAILS);
    try {
      var sent = new ArrayList<CompletableFuture<Void>>();
      for (int i = 0; i < MAILS; i++) {
        int number = i;
        sent.add(CompletableFuture.runAsync(() -> send(port, number), threads));
      }
      for (var one : sent) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** As a mail server does: what was not answered 250 is sent again. */
  private void send(int port, int number) {
    var author = new Mailbox("author" + number, "example.org");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                TestBridge.mail(
                        port,
                        author,
                        alice.mailbox(),
                        "From: <" + author + ">",
                        "Subject: large",
                        "Message-ID: <large" + number + "@example.org>",
                        "Content-Type: multipart/mixed; boundary=b",
                        "",
                        "--b",
                        "",
                        "two files",
                        "--b",
                        "Content-Type: application/octet-stream; name=large.bin",
                        "Content-Transfer-Encoding: base64",
                        "",
                        base64(octets(number, LARGE)),
                        "--b",
                        "Content-Type: application/octet-stream; name=small.bin",
                        "Content-Transfer-Encoding: base64",
                        "",
                        base64(octets(number, SMALL)),
                        "--b--")
                    instanceof Delivery.Delivered);
  }

  private static String base64(byte[] octets) {
    return Base64.getMimeEncoder().encodeToString(octets);
  }

  private static byte[] octets(int number, int size) {
    var octets = new byte[size];
    new SplittableRandom(number).nextBytes(octets);
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

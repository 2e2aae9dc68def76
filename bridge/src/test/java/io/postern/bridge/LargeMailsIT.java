package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.config.Provision;
import io.postern.mapping.BindingStore;
import io.postern.mapping.QuotaStore;
import io.postern.mapping.SignatureLog;
import io.postern.smtp.LoopCheck;
import io.postern.smtp.Reception;
import io.postern.smtp.RecipientCheck;
import io.postern.smtp.SmtpReceiver;
import io.postern.smtp.SmtpSettings;
import io.postern.smtp.Spool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mails of 24 MiB, ten at once, judged and taken by a process whose heap would hold two of them:
 * who wrote them is shown by SPF, and their bodies are hashed for a signature.
 */
@Timeout(300)
class LargeMailsIT {
  private static final int MAILS = 10;
  private static final int LINES = 24 * 1024;

  @TempDir Path folder;

  @Test
  void areJudgedWithoutBeingHeldInMemory() throws Exception {
    var errors = Files.createFile(folder.resolve("errors")).toFile();
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var server =
        new ProcessBuilder(
                java,
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SmallServer.class.getName(),
                folder.toString())
            .redirectError(errors)
            .start();
    long taken;
    try (var output =
        new BufferedReader(
            new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII))) {
      var line = output.readLine();
      while (line != null && !line.startsWith("port ")) {
        line = output.readLine();
      }
      assertThat(line).as(() -> text(errors.toPath())).isNotNull();
      int port = Integer.parseInt(line.substring("port ".length()));

      var replies = sendAtOnce(port);

      // Their turns come one by one; whoever waits for long is asked to come again.
      assertThat(replies)
          .allMatch(reply -> reply.startsWith("250 ") || reply.startsWith("451 4.3.2"));
      taken = replies.stream().filter(reply -> reply.startsWith("250 ")).count();
      assertThat(taken).isPositive();
    } finally {
      server.destroyForcibly().waitFor();
    }

    assertThat(text(errors.toPath())).doesNotContain("OutOfMemoryError");
    try (var spool = Spool.open(folder.resolve("spool"), Clock.systemUTC())) {
      assertThat(spool.due(Instant.MAX, MAILS + 1))
          .hasSize((int) taken)
          .allMatch(mail -> mail.received().verdict().authenticatedDomain().equals("example.org"));
    }
  }

  private static List<String> sendAtOnce(int port) throws Exception {
    var threads = Executors.newFixedThreadPool(MAILS);
    try {
      Callable<String> send = () -> send(port);
      var replies = new ArrayList<String>();
      for (var reply : threads.invokeAll(Collections.nCopies(MAILS, send))) {
        replies.add(reply.get());
      }
      return replies;
    } finally {
      threads.shutdownNow();
    }
  }

  private static String send(int port) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      var out = socket.getOutputStream();
      say(out, "EHLO client.example.org\r\n");
      expect(in, "250 ");
      say(out, "MAIL FROM:<bob@example.org>\r\nRCPT TO:<alice@bridge.example>\r\nDATA\r\n");
      expect(in, "354 ");
      say(
          out,
          "From: <bob@example.org>\r\nSubject: large\r\n"
              + "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=none;\r\n"
              + " h=from; bh=AAAA; b=AAAA\r\n"
              + "Content-Type: application/octet-stream; name=large.bin\r\n"
              + "Content-Transfer-Encoding: base64\r\n\r\n");
      var lines = ("QUJD".repeat(127) + "QU\r\n").repeat(2).getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < LINES; i++) {
        out.write(lines);
      }
      say(out, ".\r\n");
      return String.valueOf(in.readLine());
    }
  }

  private static void say(OutputStream out, String words) throws IOException {
    out.write(words.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Reads on to that line; what comes before is no refusal. */
  private static void expect(BufferedReader in, String begin) throws IOException {
    var line = in.readLine();
    while (line != null && !line.startsWith(begin)) {
      assertThat(line).startsWith("2");
      line = in.readLine();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }

  static final class SmallServer {
    private SmallServer() {}

    public static void main(String[] args) throws Exception {
      var folder = Path.of(args[0]);
      var store = new TestStore();
      var dns = new TestDns().txt("example.org", "v=spf1 ip4:127.0.0.1 -all");
      var clock = Clock.systemUTC();
      var config = new TestConfig(folder.resolve("data")).provision(Provision.VERIFIED).get();
      var bindings = new BindingStore(store.jdbi());
      var signatures = new SignatureLog(store.jdbi());
      var authors = new AuthorCheck(dns, TestBridge.DOMAIN, List.of(), signatures, clock);
      var quotas =
          new Quotas(
              new QuotaStore(store.jdbi()), config.gates().quota(), bindings, any -> true, clock);
      var receiver =
          SmtpReceiver.open(
              SmtpSettings.of("127.0.0.1:0", TestBridge.DOMAIN).withClientLimits(20, 20, 1000),
              new Reception(
                  (recipient, soFar) -> new RecipientCheck.Served(),
                  new MailGates(
                      new Speakers(config, config.addressRules(), bindings, authors),
                      List.of(quotas)),
                  new LoopCheck(List.of(TestBridge.DOMAIN)),
                  Spool.open(folder.resolve("spool"), clock)),
              store.workers());
      System.out.println("port " + receiver.port());
    }
  }
}

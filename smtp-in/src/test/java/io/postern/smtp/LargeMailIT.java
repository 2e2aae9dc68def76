package io.postern.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Four mails of 25 MB at once, taken by a process whose heap is smaller than one of them. */
@Timeout(300)
class LargeMailIT {
  private static final int LINES = 25 * 1024;

  @TempDir Path folder;

  @Test
  void aLargeMailIsNeverHeldInMemory() throws Exception {
    var server = ChildJvm.start(List.of("-Xmx16m"), SmallServer.class, folder.toString());
    try (var output =
        new BufferedReader(
            new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII))) {
      int port = Integer.parseInt(output.readLine());
      sendAtOnce(port, 4);
    } finally {
      server.destroyForcibly().waitFor();
    }

    try (var spool = Spool.open(folder, Clock.systemUTC())) {
      var sizes = new ArrayList<Long>();
      for (var mail : spool.due(Instant.MAX, 10)) {
        sizes.add(mail.size());
        assertEquals(mail.size(), mail.arrivedOctets().length);
      }
      assertEquals(List.of(size(), size(), size(), size()), sizes);
    }
  }

  private static long size() {
    return LINES * 1024L;
  }

  private static void sendAtOnce(int port, int clients) throws Exception {
    var threads = Executors.newFixedThreadPool(clients);
    try {
      Callable<Void> send =
          () -> {
            try (var client = ScriptedClient.introduced(port)) {
              client.ask("MAIL FROM:<bob@example.org> SIZE=" + size(), "250");
              client.ask("RCPT TO:<alice@bridge.example>", "250");
              client.ask("DATA", "354");
              client.raw("Subject: x\r\n\r\n" + "x".repeat(1008) + "\r\n");
              for (int i = 1; i < LINES; i++) {
                client.raw("x".repeat(1022) + "\r\n");
              }
              client.raw(".\r\n");
              client.expect("250 2.0.0");
            }
            return null;
          };
      for (var done : threads.invokeAll(java.util.Collections.nCopies(clients, send))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  static final class SmallServer {
    private SmallServer() {}

    public static void main(String[] args) throws Exception {
      var receiver =
          SmtpReceiver.open(
              TestServer.settings(),
              new Reception(
                  (recipient, soFar) -> new RecipientCheck.Served(),
                  MailJudge.takingAll(),
                  new LoopCheck(List.of()),
                  Spool.open(Path.of(args[0]), Clock.systemUTC())),
              Executors.newCachedThreadPool());
      System.out.println(receiver.port());
    }
  }
}

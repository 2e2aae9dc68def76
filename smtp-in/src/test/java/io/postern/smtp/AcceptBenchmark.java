package io.postern.smtp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/**
 * How many mails of 4 KB a second are taken, each on the disk before its 250. Run by hand: {@code
 * AcceptBenchmark FOLDER}, the folder on the disk in question.
 */
final class AcceptBenchmark {
  private static final int MAILS = 3_000;
  private static final String MAIL = "Subject: x\r\n\r\n" + ("x".repeat(78) + "\r\n").repeat(51);

  private AcceptBenchmark() {}

  public static void main(String[] args) throws Exception {
    measure(args[0], 10);
    for (int sessions : new int[] {1, 10, 50}) {
      System.out.printf("sessions=%d mails/s=%.0f%n", sessions, measure(args[0], sessions));
    }
  }

  private static double measure(String parent, int sessions) throws Exception {
    var folder = Files.createTempDirectory(Path.of(parent), "spool");
    var threads = Executors.newFixedThreadPool(sessions);
    try (var server = TestServer.open(folder)) {
      Callable<Void> send =
          () -> {
            send(server.port(), MAILS / sessions);
            return null;
          };
      long began = System.nanoTime();
      for (var done : threads.invokeAll(Collections.nCopies(sessions, send))) {
        done.get();
      }
      return MAILS * 1e9 / (System.nanoTime() - began);
    } finally {
      threads.shutdownNow();
      delete(folder);
    }
  }

  private static void send(int port, int mails) throws IOException {
    try (var client = ScriptedClient.introduced(port)) {
      for (int i = 0; i < mails; i++) {
        client.raw("MAIL FROM:<bob@example.org>\r\nRCPT TO:<alice@bridge.example>\r\nDATA\r\n");
        client.expect("250");
        client.expect("250");
        client.expect("354");
        client.raw(MAIL + ".\r\n");
        client.expect("250");
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

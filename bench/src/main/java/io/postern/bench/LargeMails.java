package io.postern.bench;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the heap is in use while large mails arrive at once, from their first octet to their
 * 250: sampled after full collections, so that no garbage is counted. What becomes of the mails
 * afterwards is not waited for.
 */
final class LargeMails {
  private static final int[] SESSIONS = {1, 4, 8};
  private static final int OCTETS = 24 << 20;
  private static final long SAMPLE_EVERY_MILLIS = 200;
  private static final long MEBIBYTE = 1 << 20;

  private final Daemon daemon;
  private final Report report;
  private final String recipient;
  private final byte[] octets;

  /**
   * @param reader whom the mails are for
   */
  LargeMails(Daemon daemon, Report report, Reader reader) {
    this.daemon = daemon;
    this.report = report;
    this.recipient = daemon.addressOf(reader.address());
    this.octets = octets(recipient);
  }

  void run() throws Exception {
    for (int sessions : SESSIONS) {
      long before = used();
      long most = mostUsedWhile(() -> arrive(sessions));
      report.row(
          "heap while large mails arrive",
          (most - before) / MEBIBYTE + " MiB more",
          sessions + " mail(s) of 24 MiB at once; " + before / MEBIBYTE + " MiB before");
    }
  }

  private Void arrive(int sessions) throws Exception {
    var number = new AtomicLong();
    Callable<Void> session =
        () -> {
          var from = "large" + number.incrementAndGet() + "@example.org";
          try (var smtp = new SmtpSession(daemon.smtpPort())) {
            smtp.send(from, recipient, octets);
          }
          return null;
        };
    MailLoad.inParallel(sessions, session);
    return null;
  }

  private static long mostUsedWhile(Callable<Void> work) throws Exception {
    var most = new AtomicLong();
    var over = new AtomicBoolean();
    var sampler =
        new Thread(
            () -> {
              try {
                while (!over.get()) {
                  most.accumulateAndGet(used(), Math::max);
                  Thread.sleep(SAMPLE_EVERY_MILLIS);
                }
              } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
              }
            },
            "heap");
    sampler.start();
    try {
      work.call();
    } finally {
      over.set(true);
      sampler.join();
    }
    return most.get();
  }

  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** One attachment in base64 lines; all sessions send the same array. */
  private static byte[] octets(String to) {
    var head =
        "From: <large@example.org>\r\nTo: <"
            + to
            + ">\r\nSubject: Large\r\nMIME-Version: 1.0\r\n"
            + "Content-Type: application/octet-stream; name=\"large.bin\"\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\n";
    var line = ("QUJD".repeat(19) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    var octets = Arrays.copyOf(head.getBytes(StandardCharsets.US_ASCII), OCTETS);
    int at = head.length();
    while (at + line.length <= OCTETS) {
      System.arraycopy(line, 0, octets, at, line.length);
      at += line.length;
    }
    return Arrays.copyOf(octets, at);
  }
}

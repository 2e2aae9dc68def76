package io.postern.bench;

import io.postern.interop.MailServer;
import io.postern.interop.Postfix;
import io.postern.interop.TestAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many mails a second are answered with 250, by the daemon and by Postfix on the same machine
 * in the same run: in turn, round by round, so that neither takes from the other, and each is given
 * the time to finish what it has taken before the other's turn.
 *
 * <p>Both fsync each mail before the 250. Postfix then throws it away; the daemon carries it to a
 * reader, most of them after the burst.
 */
final class AcceptLoad {
  private static final int AUTHORS = 50;
  private static final int[] SESSIONS = {1, 10, 50};
  private static final String DISCARDED = "load@discard.example";

  private final Report report;
  private final int mails;
  private final int rounds;
  private final Duration limit;
  private final AtomicInteger numbers = new AtomicInteger();

  /**
   * @param mails in each round
   * @param rounds for each number of sessions
   * @param limit the longest wait for anything
   */
  AcceptLoad(Report report, int mails, int rounds, Duration limit) {
    this.report = report;
    this.mails = mails;
    this.rounds = rounds;
    this.limit = limit;
  }

  /**
   * @throws BenchException if the folder is on another disk than Postfix' queue
   */
  void run(Path folder) throws Exception {
    var authority = TestAuthority.in(folder.resolve("authority"), "Load");
    try (var postfix =
            Postfix.start(
                authority,
                List.<MailServer.Relay>of(),
                "default_transport = discard:",
                // Else it slows down those who send faster than it delivers.
                "in_flow_delay = 0");
        var daemon = Daemon.open(folder.resolve("daemon"));
        var reader = OwnReader.open(folder.resolve("reader"), daemon.nodeUrl())) {
      requireOneDisk(folder, postfix.folder());
      var ours = daemon.addressOf(reader.address());
      // The authors' first mails make inboxes; the runtime compiles what it will need.
      daemonRound(daemon, reader, ours, SESSIONS[1]);
      round(postfix.port(), DISCARDED, SESSIONS[1]);
      for (int sessions : SESSIONS) {
        for (int i = 0; i < rounds; i++) {
          row("the daemon", sessions, daemonRound(daemon, reader, ours, sessions));
          row("Postfix", sessions, round(postfix.port(), DISCARDED, sessions));
        }
      }
    }
  }

  private static void requireOneDisk(Path daemon, Path postfix) throws Exception {
    if (!Files.getFileStore(daemon).equals(Files.getFileStore(postfix))) {
      throw new BenchException(
          "Postfix writes to " + postfix + "; name a --folder on the same disk");
    }
  }

  private void row(String who, int sessions, long nanos) {
    report.row(
        "mails accepted by " + who,
        Report.perSecond(count(sessions), nanos),
        count(sessions) + " mails of 4 KB, " + sessions + " session(s)");
  }

  private int count(int sessions) {
    return mails / sessions * sessions;
  }

  private long daemonRound(Daemon daemon, Reader reader, String recipient, int sessions)
      throws Exception {
    int before = numbers.get();
    long nanos = round(daemon.smtpPort(), recipient, sessions);
    Deadline.in(limit, "the arrival of " + count(sessions) + " mails")
        .until(
            () ->
                reader.arrivals().keySet().stream().filter(number -> number > before).count()
                    == count(sessions));
    return nanos;
  }

  /** Answers how long it took until all mails were accepted. */
  private long round(int port, String recipient, int sessions) throws Exception {
    Callable<Void> session =
        () -> {
          try (var smtp = new SmtpSession(port)) {
            for (int i = 0; i < count(sessions) / sessions; i++) {
              int number = numbers.incrementAndGet();
              var author = "author" + number % AUTHORS + "@example.org";
              smtp.send(new SampleMail(author, recipient, number));
            }
          }
          return null;
        };
    long began = System.nanoTime();
    MailLoad.inParallel(sessions, session);
    return System.nanoTime() - began;
  }
}

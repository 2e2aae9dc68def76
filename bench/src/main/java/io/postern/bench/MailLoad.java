package io.postern.bench;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Mail to XMTP: how many mails a second are taken, how many reach a reader, and how soon one does
 * when nothing else is on its way.
 */
final class MailLoad {
  private static final int AUTHORS = 50;
  private static final int[] SESSIONS = {1, 10, 50};
  private static final int ALONE = 100;

  private final Daemon daemon;
  private final Report report;
  private final int mails;
  private final Duration limit;
  private final AtomicInteger numbers;

  /** Whoever writes to a second reader has never written before either. */
  private final int firstAuthor;

  /**
   * @param mails for each number of sessions
   * @param limit the longest wait for anything
   * @param numbers gives each mail its own
   */
  MailLoad(Daemon daemon, Report report, int mails, Duration limit, AtomicInteger numbers) {
    this.daemon = daemon;
    this.report = report;
    this.mails = mails;
    this.limit = limit;
    this.numbers = numbers;
    this.firstAuthor = numbers.get();
  }

  void run(Reader reader) throws Exception {
    introduce(reader);
    for (int sessions : SESSIONS) {
      atOnce(reader, sessions);
    }
    alone(reader);
  }

  /** The first mail of each author makes an inbox, a DM and a welcome. */
  private void introduce(Reader reader) throws Exception {
    long began = System.nanoTime();
    var accepted = send(reader, 10, AUTHORS);
    awaitAll(reader, accepted);
    report.row(
        "new authors, to " + reader.name(),
        Report.perSecond(AUTHORS, System.nanoTime() - began),
        AUTHORS + " first mails: each makes an inbox, a DM and a welcome");
  }

  private void atOnce(Reader reader, int sessions) throws Exception {
    long began = System.nanoTime();
    var accepted = send(reader, sessions, mails);
    long taken = System.nanoTime() - began;
    awaitAll(reader, accepted);
    long read = System.nanoTime() - began;
    var how =
        accepted.size() + " mails of 4 KB, " + AUTHORS + " authors, " + sessions + " session(s)";
    report.row("mails accepted", Report.perSecond(accepted.size(), taken), how);
    report.row("mails read by " + reader.name(), Report.perSecond(accepted.size(), read), how);
    report.row(
        "accepted → read by " + reader.name(),
        Latencies.of(latencies(reader, accepted)).toString(),
        how + ", most of it in the queue");
  }

  private void alone(Reader reader) throws Exception {
    var latencies = new ArrayList<Duration>();
    try (var session = new SmtpSession(daemon.smtpPort())) {
      for (int i = 0; i < ALONE; i++) {
        var mail = next(reader);
        session.send(mail);
        var accepted = Map.of(mail.number(), Instant.now());
        awaitAll(reader, accepted);
        latencies.addAll(latencies(reader, accepted));
      }
    }
    report.row(
        "accepted → read by " + reader.name(),
        Latencies.of(latencies).toString(),
        ALONE + " mails, one at a time");
  }

  /** Sends and answers when each mail was accepted. */
  private Map<Integer, Instant> send(Reader reader, int sessions, int count) throws Exception {
    var accepted = new ConcurrentHashMap<Integer, Instant>();
    Callable<Void> session =
        () -> {
          try (var smtp = new SmtpSession(daemon.smtpPort())) {
            for (int i = 0; i < count / sessions; i++) {
              var mail = next(reader);
              smtp.send(mail);
              accepted.put(mail.number(), Instant.now());
            }
          }
          return null;
        };
    inParallel(sessions, session);
    return accepted;
  }

  private SampleMail next(Reader reader) {
    int number = numbers.incrementAndGet();
    var author = "author" + (firstAuthor + number % AUTHORS) + "@example.org";
    return new SampleMail(author, daemon.addressOf(reader.address()), number);
  }

  private void awaitAll(Reader reader, Map<Integer, Instant> accepted) throws Exception {
    Deadline.in(limit, "the arrival of " + accepted.size() + " mails at " + reader.name())
        .until(() -> reader.arrivals().keySet().containsAll(accepted.keySet()));
  }

  private static List<Duration> latencies(Reader reader, Map<Integer, Instant> accepted) {
    var latencies = new ArrayList<Duration>();
    accepted.forEach(
        (number, at) -> {
          var took = Duration.between(at, reader.arrivals().get(number));
          // The reader may have it before the sender's thread has seen the 250.
          latencies.add(took.isNegative() ? Duration.ZERO : took);
        });
    return latencies;
  }

  /** Runs the same in several threads and waits for all. */
  static void inParallel(int threads, Callable<Void> task) throws Exception {
    var executor = Executors.newFixedThreadPool(threads);
    try {
      var tasks = new ArrayList<Callable<Void>>();
      for (int i = 0; i < threads; i++) {
        tasks.add(task);
      }
      for (var done : executor.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }
}

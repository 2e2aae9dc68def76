package io.postern.xmtp.client;

import com.sun.management.OperatingSystemMXBean;
import io.postern.mls.group.MlsGroup;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.TestDatabase;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.h2.jdbcx.JdbcConnectionPool;

/**
 * How many messages a second one DM carries, with file databases and a network in memory. A main,
 * not a test: {@code java -cp ... io.postern.xmtp.client.ThroughputBenchmark [messages] [batch]}.
 */
public final class ThroughputBenchmark {
  private ThroughputBenchmark() {}

  /** Prints its figures. */
  public static void main(String[] arguments) throws Exception {
    int messages = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5_000;
    int batch = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 50;
    var folder = Files.createTempDirectory("throughput");
    var workers = Executors.newCachedThreadPool();
    var scheduler = Executors.newScheduledThreadPool(1);
    var network = new TestNetwork(Clock.systemUTC(), task -> {});
    var pools =
        List.of(TestDatabase.pool(folder.resolve("a")), TestDatabase.pool(folder.resolve("b")));
    try {
      ClientStore here = TestDatabase.open(pools.get(0));
      ClientStore there = TestDatabase.open(pools.get(1));
      var sender =
          XmtpClient.open(
              here, new TestLink(network), workers, scheduler, Clock.systemUTC(), () -> {});
      var receiver =
          XmtpClient.open(
              there, new TestLink(network), workers, scheduler, Clock.systemUTC(), () -> {});
      var alice = sender.register(WalletKey.generate(new SecureRandom()));
      var bob = receiver.register(WalletKey.generate(new SecureRandom()));
      var out = alice.dm(bob.id());
      out.send(TestClient.text("first"));
      bob.sync();
      var in = bob.dm(alice.id());
      for (int round = 0; round < 4; round++) {
        var prefix = "round " + round + " ";
        report("mls only", messages, () -> mls(messages));
        report(
            "sent one by one",
            messages / 5,
            () -> {
              for (int i = 0; i < messages / 5; i++) {
                out.send(TestClient.text(prefix + "alone " + i));
              }
            });
        profiled(
            round == 3,
            "sent in batches of " + batch,
            messages,
            () -> {
              for (int from = 0; from < messages; from += batch) {
                int first = from;
                here.jdbi()
                    .useTransaction(
                        handle -> {
                          for (int i = first; i < Math.min(messages, first + batch); i++) {
                            out.enqueue(handle, message(prefix + i));
                          }
                        });
                out.publishNow();
              }
            });
        profiled(round == 3, "received", messages + messages / 5, in::sync);
      }
      sender.close();
      receiver.close();
    } finally {
      workers.shutdownNow();
      scheduler.shutdownNow();
      pools.forEach(JdbcConnectionPool::dispose);
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static EncodedMessage message(String text) {
    return TestClient.text(text);
  }

  /** The cryptography alone: seal and open, nothing stored. */
  private static void mls(int messages) throws Exception {
    var network = new TestNetwork(Clock.systemUTC(), task -> {});
    var lab = new CommitLab(network);
    var one = lab.person();
    var two = lab.person();
    var devices = List.of(one.device(), two.device());
    lab.found(CommitLab.groupOf(one), devices);
    MlsGroup from = devices.get(0).group;
    MlsGroup to = devices.get(1).group;
    var plain = TestClient.text("a message of no great length").envelope().write();
    for (int i = 0; i < messages; i++) {
      var framed =
          (io.postern.mls.framing.MlsMessage.OfPrivate)
              io.postern.mls.framing.MlsMessage.read(from.encrypt(plain));
      to.decrypt(framed.message());
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void report(String what, int count, Work work) throws Exception {
    profiled(false, what, count, work);
  }

  /** Runs the work; if asked, samples where its threads are, by our own innermost method. */
  private static void profiled(boolean sample, String what, int count, Work work) throws Exception {
    var over = new AtomicBoolean(!sample);
    var hits = new HashMap<String, Integer>();
    var sampler =
        new Thread(
            () -> {
              while (!over.get()) {
                Thread.getAllStackTraces().forEach((thread, stack) -> note(hits, stack));
                Thread.onSpinWait();
              }
            });
    sampler.start();
    var process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long start = System.nanoTime();
    long cpu = process.getProcessCpuTime();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    double micros = (process.getProcessCpuTime() - cpu) / 1e3 / count;
    over.set(true);
    sampler.join();
    System.out.printf(
        "%-24s %6d in %6.2f s %8.0f/s %8.0f us of processor each%n",
        what, count, seconds, count / seconds, micros);
    int all = hits.values().stream().mapToInt(Integer::intValue).sum();
    hits.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(28)
        .forEach(e -> System.out.printf("  %5.1f %% %s%n", 100.0 * e.getValue() / all, e.getKey()));
  }

  private static void note(Map<String, Integer> hits, StackTraceElement[] stack) {
    for (var frame : stack) {
      if (frame.getClassName().startsWith("io.postern")
          && !frame.getClassName().contains("ThroughputBenchmark")) {
        var name = frame.getClassName();
        hits.merge(
            name.substring(name.lastIndexOf('.') + 1)
                + "."
                + frame.getMethodName()
                + ":"
                + frame.getLineNumber(),
            1,
            Integer::sum);
        return;
      }
    }
  }
}

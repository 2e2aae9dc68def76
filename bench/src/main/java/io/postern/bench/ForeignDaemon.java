package io.postern.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Starts a daemon in a process of its own, with a heap of 1 GiB, waits until all is followed, and
 * ends it: how long that took from the beginning of the process, and what is in its heap then.
 */
final class ForeignDaemon {
  private static final String STARTED = "started ";
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int COLLECTIONS = 3;

  private ForeignDaemon() {}

  /**
   * @param servingMillis until mail is taken
   * @param followingMillis until every topic has its stream
   * @param heap octets in use after a full collection
   */
  record Start(long servingMillis, long followingMillis, long heap) {}

  /**
   * The second start on these data, as {@code ./postern} has it: with the class data of an earlier
   * one.
   *
   * @param archive where the first start of all leaves them
   */
  static Start start(Path data, Path archive)
      throws IOException, BenchException, InterruptedException {
    var archived = "-XX:SharedArchiveFile=" + archive;
    run(data, Files.exists(archive) ? archived : "-XX:ArchiveClassesAtExit=" + archive);
    return run(data, archived);
  }

  private static Start run(Path data, String option)
      throws IOException, BenchException, InterruptedException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process =
        new ProcessBuilder(
                java,
                "-Xmx1g",
                option,
                "-Xlog:cds*=off",
                "-cp",
                System.getProperty("java.class.path"),
                ForeignDaemon.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      var line = out.readLine();
      while (line != null && !line.startsWith(STARTED)) {
        line = out.readLine();
      }
      if (line == null) {
        throw new BenchException("the daemon did not start");
      }
      var figures = line.substring(STARTED.length()).split(" ");
      return new Start(
          Long.parseLong(figures[0]), Long.parseLong(figures[1]), Long.parseLong(figures[2]));
    } finally {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  /** The process. */
  public static void main(String[] arguments) throws Exception {
    var runtime = ManagementFactory.getRuntimeMXBean();
    try (var daemon = Daemon.open(Path.of(arguments[0]))) {
      long serving = System.currentTimeMillis() - runtime.getStartTime();
      Deadline.in(LIMIT, "following all topics").until(() -> isWell(daemon.statusPage()));
      long following = System.currentTimeMillis() - runtime.getStartTime();
      var memory = ManagementFactory.getMemoryMXBean();
      for (int i = 0; i < COLLECTIONS; i++) {
        memory.gc();
      }
      long heap = memory.getHeapMemoryUsage().getUsed();
      System.out.println(STARTED + serving + " " + following + " " + heap);
      System.out.flush();
    }
  }

  private static boolean isWell(URI page) throws IOException {
    var health = (HttpURLConnection) page.resolve("/health").toURL().openConnection();
    try {
      return health.getResponseCode() == HttpURLConnection.HTTP_OK;
    } finally {
      health.disconnect();
    }
  }
}

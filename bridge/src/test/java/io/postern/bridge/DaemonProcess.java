package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * {@code postern run} in a process of its own, as an operator has it. It says when it carries or
 * stands by, and each of these lines is waited for in its turn. Closing it kills it.
 */
final class DaemonProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Pattern READY =
      Pattern.compile("ready smtp=127\\.0\\.0\\.1:(\\d+) status=(http://\\S+/)\\?token=\\S+");
  private static final Pattern STANDBY =
      Pattern.compile("standby( smtp=127\\.0\\.0\\.1:(\\d+))? status=(http://\\S+/)");

  private final Process process;
  private final Path log;
  private final List<String> roles = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> listening;
  private volatile int smtpPort;
  private URI page;

  /** How many of its roles have been waited for. */
  private int seen;

  private DaemonProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.listening = CompletableFuture.runAsync(this::listen, DaemonProcess::thread);
  }

  /**
   * @param log what it prints is written to
   */
  static DaemonProcess start(Path config, Path log) throws IOException {
    return new DaemonProcess(process("run", "--config", config.toString()), log);
  }

  /** Makes the key and the seed of its vault. */
  static void createVault(Path config) throws IOException, InterruptedException {
    var process = process("vault", "create", "--config", config.toString(), "--yes-print");
    process.getInputStream().transferTo(OutputStream.nullOutputStream());
    assertThat(process.waitFor()).as("vault create").isZero();
  }

  private static Process process(String... arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                // What an operator reads, and not what the tests are content with.
                "-Dlogback.configurationFile=" + Main.class.getResource("/logback.xml"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** One for each of several programs: the common pool may have no more than one. */
  private static void thread(Runnable listener) {
    var thread = new Thread(listener, "daemon-process");
    thread.setDaemon(true);
    thread.start();
  }

  private void listen() {
    try (var lines =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        var out = Files.newBufferedWriter(log)) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        out.write(line);
        out.newLine();
        out.flush();
        read(line);
      }
    } catch (IOException killed) {
      // Its output ends with it.
    }
  }

  private void read(String line) {
    var carries = READY.matcher(line);
    var standsBy = STANDBY.matcher(line);
    if (carries.matches()) {
      smtpPort = Integer.parseInt(carries.group(1));
      roles.add(line);
    } else if (standsBy.matches()) {
      if (standsBy.group(1) != null) {
        smtpPort = Integer.parseInt(standsBy.group(2));
      }
      roles.add(line);
    }
  }

  private String awaitRole(Duration patience) {
    await().atMost(patience).until(() -> roles.size() > seen || !process.isAlive());
    assertThat(roles).as("roles; log %s", log()).hasSizeGreaterThan(seen);
    return roles.get(seen++);
  }

  void awaitReady() {
    awaitReady(PATIENCE);
  }

  void awaitReady(Duration patience) {
    var match = READY.matcher(awaitRole(patience));
    assertThat(match.matches()).as("ready: %s", roles).isTrue();
    page = URI.create(match.group(2));
  }

  /** It may stand by before, while what another had open on the same database ends. */
  void awaitReadyAtLast() {
    awaitReadyAtLast(PATIENCE);
  }

  void awaitReadyAtLast(Duration patience) {
    var match = READY.matcher(awaitRole(patience));
    while (!match.matches()) {
      assertThat(roles).as("roles").hasSizeLessThan(30);
      match = READY.matcher(awaitRole(patience));
    }
    page = URI.create(match.group(2));
  }

  /** It takes mail meanwhile. */
  void awaitStandby() {
    while (!awaitStandbyLine()) {
      assertThat(roles).as("roles").hasSizeLessThan(10);
    }
  }

  /** It takes none, or none yet. */
  void awaitStandbyWithoutMail() {
    assertThat(awaitStandbyLine()).as("takes mail: %s", roles).isFalse();
  }

  private boolean awaitStandbyLine() {
    var match = STANDBY.matcher(awaitRole(PATIENCE));
    assertThat(match.matches()).as("standby: %s", roles).isTrue();
    page = URI.create(match.group(3));
    return match.group(1) != null;
  }

  /** Of the role that it said last. */
  int smtpPort() {
    return smtpPort;
  }

  /** Of the role that was last waited for. */
  URI page() {
    return page;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** All that it has printed. */
  String log() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  /** Lets it live so long, whatever it does. */
  void liveOn(int millis) throws InterruptedException {
    assertThat(process.waitFor(millis, TimeUnit.MILLISECONDS))
        .as("the daemon ended by itself; see %s", log)
        .isFalse();
  }

  /** What {@code kill} sends, {@code STOP} for example. */
  void signal(String name) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  /** Does not wait for its end. */
  void kill() {
    process.destroyForcibly();
  }

  /** As an operator stops it; does not wait for its end. */
  void stop() {
    process.destroy();
  }

  /** The code that it ended with, and all is printed. */
  int awaitEnd() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    listening.join();
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    listening.join();
  }
}

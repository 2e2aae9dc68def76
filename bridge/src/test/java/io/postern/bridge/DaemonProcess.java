package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@code postern run} in a process of its own, as an operator has it. Closing it kills it. */
final class DaemonProcess implements AutoCloseable {
  private final Process process;
  private final Path log;
  private final CountDownLatch ready = new CountDownLatch(1);
  private final CompletableFuture<Void> listening;

  private DaemonProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.listening = CompletableFuture.runAsync(this::listen);
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

  private void listen() {
    try (var lines =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        var out = Files.newBufferedWriter(log)) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        out.write(line);
        out.newLine();
        out.flush();
        if (line.startsWith("ready ")) {
          ready.countDown();
        }
      }
    } catch (IOException killed) {
      // Its output ends with it.
    }
  }

  void awaitReady() throws InterruptedException {
    while (!ready.await(1, TimeUnit.SECONDS)) {
      assertThat(process.isAlive()).as("the daemon lives; else see %s", log).isTrue();
    }
  }

  /** Lets it live so long, whatever it does. */
  void liveOn(int millis) throws InterruptedException {
    assertThat(process.waitFor(millis, TimeUnit.MILLISECONDS))
        .as("the daemon ended by itself; see %s", log)
        .isFalse();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    listening.join();
  }
}

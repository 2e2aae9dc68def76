package io.postern.interop;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/** A server's process, from the first answer on its ports to the end of its last child. */
final class RunningServer implements DebianServer {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final int CONNECT_MILLIS = 1_000;
  private static final int MAX_LOG = 20_000;
  private static final String OUTPUT = "output.log";

  private final ServerFolder folder;
  private final Process process;

  private RunningServer(ServerFolder folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  /**
   * Returns when all ports are open.
   *
   * @throws IOException with the log if that does not happen
   */
  static RunningServer start(
      DebianRoot root, ServerFolder folder, List<Integer> ports, List<String> command)
      throws IOException {
    var running = new RunningServer(folder, root.start(folder.file(OUTPUT), command));
    try {
      await()
          .atMost(PATIENCE)
          .until(() -> !running.process.isAlive() || ports.stream().allMatch(RunningServer::opens));
    } catch (ConditionTimeoutException silent) {
      throw running.failed("does not answer", command);
    }
    if (!running.process.isAlive()) {
      throw running.failed("ended at once", command);
    }
    return running;
  }

  private IOException failed(String how, List<String> command) throws IOException {
    var reason = new IOException(command.get(0) + " " + how + ":\n" + log());
    close();
    return reason;
  }

  private static boolean opens(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** All files of the folder that are called a log. */
  @Override
  public String log() throws IOException {
    var text = new StringBuilder();
    try (var files = Files.list(folder.file(""))) {
      for (var file : files.filter(f -> f.toString().endsWith("log")).sorted().toList()) {
        // As it is: a server may log octets that are no UTF-8.
        text.append(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
      }
    }
    return text.substring(Math.max(0, text.length() - MAX_LOG));
  }

  @Override
  public void close() throws IOException {
    // The list is made first: children whose parent has ended are no descendants any more.
    var all = new ArrayList<>(process.descendants().toList());
    process.destroy();
    if (!ended(Stream.of(process.toHandle()))) {
      process.destroyForcibly();
    }
    all.forEach(ProcessHandle::destroy);
    if (!ended(all.stream())) {
      all.forEach(ProcessHandle::destroyForcibly);
      ended(all.stream());
    }
    folder.delete();
  }

  private static boolean ended(Stream<ProcessHandle> processes) {
    var all =
        CompletableFuture.allOf(
            processes.map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
    try {
      all.get(GRACE.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException late) {
      return false;
    }
  }
}

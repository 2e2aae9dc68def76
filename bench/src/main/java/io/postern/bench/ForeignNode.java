package io.postern.bench;

import io.postern.node.LocalNode;
import io.postern.node.NodeException;
import io.postern.node.NodeSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A local node in a process of its own, so that its memory and threads are not counted among the
 * client's. It ends with its standard input, hence with whoever started it.
 */
final class ForeignNode implements AutoCloseable {
  private static final String READY = "ready ";
  private static final int GRACE_SECONDS = 10;

  private final Process process;
  private final int port;

  private ForeignNode(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static ForeignNode open(Path data) throws IOException, BenchException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                ForeignNode.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var line = out.readLine();
    while (line != null && !line.startsWith(READY)) {
      line = out.readLine();
    }
    if (line == null) {
      throw new BenchException("the node did not start");
    }
    return new ForeignNode(process, Integer.parseInt(line.substring(READY.length())));
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** As {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException hurried) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** The process: serves until its input ends. */
  public static void main(String[] arguments) throws NodeException, IOException {
    var free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var node = LocalNode.open(NodeSettings.of(free, Path.of(arguments[0])))) {
      System.out.println(READY + node.port());
      System.out.flush();
      System.in.readAllBytes();
    }
  }
}

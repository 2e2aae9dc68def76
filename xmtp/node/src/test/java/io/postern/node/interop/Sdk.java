package io.postern.node.interop;

import io.postern.interop.Interop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The pinned releases of the official client. Each has a folder below {@code interop/}, filled by
 * {@code interop/prepare}.
 */
public enum Sdk {
  /** {@code @xmtp/node-sdk} 4.6.0, libxmtp 1.6.8. */
  V4_6("sdk-4.6.0"),

  /** {@code @xmtp/node-sdk} 6.1.0-nightly, libxmtp 1.11. */
  V6_1("sdk-6.1.0-nightly");

  private final String folder;

  Sdk(String folder) {
    this.folder = folder;
  }

  /**
   * The folder of this release, ready to run. If something is missing the running test is skipped
   * with the reason, or fails where {@code CI=true}: there the peers are part of what is promised.
   */
  public Path require() {
    var folderPath = Interop.folder().resolve(folder);
    Interop.require(missing(folderPath));
    return folderPath;
  }

  private static Optional<String> missing(Path folder) {
    if (!Files.isDirectory(folder.resolve("node_modules"))) {
      return Optional.of(
          "no official client: run interop/prepare (missing " + folder + "/node_modules)");
    }
    if (!nodeRuns()) {
      return Optional.of("no official client: Node.js is not installed");
    }
    return Optional.empty();
  }

  private static boolean nodeRuns() {
    try {
      var process = new ProcessBuilder("node", "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      process.getInputStream().readAllBytes();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

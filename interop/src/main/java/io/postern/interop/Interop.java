package io.postern.interop;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The folder {@code interop/} and what is missing in it. */
public final class Interop {
  private Interop() {}

  /**
   * The build names the project's folder in {@code postern.root}; run from an editor, it is found
   * upwards.
   */
  public static Path folder() {
    var root = System.getProperty("postern.root", "");
    if (!root.isEmpty()) {
      return Path.of(root, "interop");
    }
    var folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("interop"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException(
          "set the system property postern.root to the project's folder");
    }
    return folder.resolve("interop");
  }

  /**
   * If something is missing the running test is skipped with the reason, or fails where {@code
   * CI=true}: there the peers are part of what is promised.
   */
  public static void require(Optional<String> missing) {
    missing.ifPresent(
        reason -> {
          if ("true".equals(System.getenv("CI"))) {
            fail(reason);
          }
          abort(reason);
        });
  }
}

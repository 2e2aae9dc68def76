package io.postern.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Debian's mail servers, unpacked by {@code interop/debian/prepare}: a root of their own, in which
 * they run by chroot as the users that are compiled into them, while nothing of them is on this
 * system.
 */
final class DebianRoot {
  private static final String FOLDERS = "srv";

  private final Path path;

  private DebianRoot(Path path) {
    this.path = path;
  }

  /** Skips the running test if the servers cannot run here. */
  static DebianRoot require() {
    var path = Interop.folder().resolve("debian").resolve("root");
    Interop.require(missing(path));
    return new DebianRoot(path);
  }

  private static Optional<String> missing(Path path) {
    if (!Files.exists(path.resolve("complete"))) {
      return Optional.of(
          "no mail servers of Debian: run interop/prepare as root (missing " + path + ")");
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      return Optional.of("no mail servers of Debian: only root can run them, by chroot");
    }
    return Optional.empty();
  }

  /** A new folder for one run of a server. */
  ServerFolder newFolder(String server) throws IOException {
    return new ServerFolder(path, Files.createTempDirectory(path.resolve(FOLDERS), server + "-"));
  }

  /** Runs a program of this root. What it prints goes to the file. */
  Process start(Path output, List<String> command) throws IOException {
    var chroot = new ArrayList<>(List.of("chroot", path.toString()));
    chroot.addAll(command);
    return new ProcessBuilder(chroot)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }
}

package io.postern.interop;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.tukaani.xz.XZInputStream;

/**
 * Where the programs of a PostgreSQL server are: those of Debian, if they are installed, else the
 * ones that the build brings for Linux on amd64, unpacked into a folder.
 */
final class PostgresPrograms {
  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
  static final Path SETPRIV = Path.of("/usr/bin/setpriv");
  private static final String BROUGHT = "/postgres-linux-x86_64.txz";

  private PostgresPrograms() {}

  /** Why there are none; empty if there are some. */
  static Optional<String> missing() {
    if (!Files.isDirectory(Path.of("/proc"))) {
      return Optional.of("no PostgreSQL: its tests run on Linux");
    }
    if (PostgresServer.isRoot() && !Files.isExecutable(SETPRIV)) {
      return Optional.of("no PostgreSQL: it refuses root, and " + SETPRIV + " is missing");
    }
    boolean isThere =
        installed().isPresent()
            || System.getProperty("os.arch").equals("amd64")
                && PostgresPrograms.class.getResource(BROUGHT) != null;
    return isThere
        ? Optional.empty()
        : Optional.of("no PostgreSQL: install the package postgresql (missing " + INSTALLED + ")");
  }

  /**
   * The folder with {@code initdb} and {@code postgres}.
   *
   * @param folder into which they are unpacked if none are installed
   */
  static Path find(Path folder) throws IOException {
    var installed = installed();
    return installed.isPresent() ? installed.get() : unpacked(folder);
  }

  /** Of the newest version. */
  private static Optional<Path> installed() {
    if (!Files.isDirectory(INSTALLED)) {
      return Optional.empty();
    }
    try (var versions = Files.list(INSTALLED)) {
      return versions
          .filter(version -> version.getFileName().toString().matches("\\d{1,3}"))
          .sorted(Comparator.comparing(PostgresPrograms::number).reversed())
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .findFirst();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  private static int number(Path version) {
    return Integer.parseInt(version.getFileName().toString());
  }

  private static Path unpacked(Path folder) throws IOException {
    var target =
        Files.createDirectory(
            folder.resolve("programs"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    var tar =
        new ProcessBuilder(List.of("tar", "-x", "--no-same-owner", "-C", target.toString()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (InputStream packed = PostgresPrograms.class.getResourceAsStream(BROUGHT);
        var archive = new XZInputStream(packed);
        var into = tar.getOutputStream()) {
      archive.transferTo(into);
    }
    try {
      if (tar.waitFor() != 0) {
        throw new IOException("tar did not unpack PostgreSQL");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IOException("unpacking PostgreSQL was interrupted", stop);
    }
    return target.resolve("bin");
  }
}

package io.postern.interop;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collections;

/** Everything that one run of a server reads and writes, below the root that it runs in. */
final class ServerFolder {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Path root;
  private final Path path;

  ServerFolder(Path root, Path path) throws IOException {
    this.root = root;
    this.path = path;
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Where a file is, seen from here. */
  Path file(String name) {
    return path.resolve(name);
  }

  /** Where it is, seen by the server. */
  String seen(String name) {
    return "/" + root.relativize(file(name));
  }

  /** Where the folder itself is, seen by the server. */
  String seen() {
    return seen("");
  }

  void write(String name, String text) throws IOException {
    Files.writeString(file(name), text);
  }

  void copy(Path from, String name) throws IOException {
    Files.copy(from, file(name));
  }

  /** Makes a folder that belongs to a user of the server's root. */
  void makeFolder(String name, String user, String mode) throws IOException {
    Files.createDirectories(file(name));
    give(name, user, mode);
  }

  /** Makes a user of the server's root the owner. */
  void give(String name, String user, String mode) throws IOException {
    Files.setAttribute(file(name), "unix:uid", userId(user));
    giveGroup(name, user);
    Files.setPosixFilePermissions(file(name), PosixFilePermissions.fromString(mode));
  }

  void giveGroup(String name, String group) throws IOException {
    Files.setAttribute(file(name), "unix:gid", id("group", group));
  }

  int userId(String user) throws IOException {
    return id("passwd", user);
  }

  private int id(String table, String name) throws IOException {
    for (var line : Files.readAllLines(root.resolve("etc").resolve(table))) {
      var fields = line.split(":");
      if (fields[0].equals(name)) {
        return Integer.parseInt(fields[2]);
      }
    }
    throw new IOException("no " + name + " in etc/" + table + " of " + root);
  }

  /** Removes it, and what a process that is about to end may still write into it. */
  void delete() {
    await().atMost(PATIENCE).ignoreExceptions().until(this::isDeleted);
  }

  private boolean isDeleted() throws IOException {
    try (var files = Files.walk(path)) {
      for (var file : files.sorted(Collections.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
    return true;
  }
}

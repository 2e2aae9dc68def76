package io.postern.mail;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds the outside suites that judge this module; a test is skipped aloud where one is absent. */
public final class Suites {
  private Suites() {}

  public static Path folder(String name) {
    var suites = Path.of(System.getProperty("postern.suites", "absent"));
    var folder = suites.resolve(name);
    assumeTrue(Files.isDirectory(folder), "no suite " + name + " in " + suites);
    return folder;
  }

  public static List<Path> files(String name) throws IOException {
    try (var paths = Files.walk(folder(name))) {
      return paths.filter(Files::isRegularFile).sorted().toList();
    }
  }
}

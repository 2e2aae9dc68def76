package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A migration that somebody has made is never changed: their next start would refuse the database.
 * What is to be otherwise is a new one, which gets a line in {@code migrations.sha256}.
 */
class ReleasedMigrationsTest {
  private static final Path PROJECT = Path.of("..");

  @Test
  void areAsTheyWere() throws Exception {
    var known = new String(resource(), StandardCharsets.UTF_8).lines().toList();

    var found = new ArrayList<String>();
    for (var module : List.of("mapping", "xmtp/client", "xmtp/node")) {
      for (var file : migrations(module)) {
        var hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        found.add(HexFormat.of().formatHex(hash) + "  " + PROJECT.relativize(file));
      }
    }

    assertThat(found).containsExactlyInAnyOrderElementsOf(known).hasSizeGreaterThan(20);
  }

  private static byte[] resource() throws IOException {
    try (var in = ReleasedMigrationsTest.class.getResourceAsStream("migrations.sha256")) {
      return in.readAllBytes();
    }
  }

  private static List<Path> migrations(String module) throws IOException {
    try (var files = Files.walk(PROJECT.resolve(module).resolve("src/main/resources"))) {
      return files.filter(file -> file.toString().endsWith(".sql")).toList();
    }
  }
}

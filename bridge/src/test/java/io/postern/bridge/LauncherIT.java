package io.postern.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./postern run} with what the build has made: the first start tries one beforehand. */
class LauncherIT {
  private static final String TRIES = "trying a start";

  @TempDir Path folder;
  private Path root;
  private Path config;

  @BeforeEach
  void copy() throws Exception {
    root = folder.resolve("root");
    var target = Files.createDirectories(root.resolve("bridge").resolve("target"));
    Files.copy(Path.of("..", "postern"), root.resolve("postern"));
    var lib = Files.createDirectory(target.resolve("lib"));
    try (var jars = Files.list(Path.of("target", "lib"))) {
      for (var jar : jars.toList()) {
        Files.copy(jar, lib.resolve(jar.getFileName()));
      }
    }
    Files.createFile(target.resolve("postern.stamp"));
    config =
        Files.writeString(
            folder.resolve("postern.yml"),
            """
            domains: [bridge.localhost]
            network: local
            data: '%1$s'
            store: {url: "jdbc:h2:file:%1$s/postern"}
            node: {listen: "127.0.0.1:0"}
            smtp: {listen: "127.0.0.1:0"}
            web: {listen: "127.0.0.1:0"}
            """
                .formatted(folder.resolve("data")));
  }

  /** What a start printed, up to its stop. */
  private record Start(List<String> out, String err) {}

  private Start start() throws IOException, InterruptedException {
    return start(new ProcessBuilder());
  }

  private Start start(ProcessBuilder builder) throws IOException, InterruptedException {
    var err = folder.resolve("err").toFile();
    var process =
        builder
            .command(root.resolve("postern").toString(), "run", "--config", config.toString())
            .redirectError(err)
            .start();
    try (var out = process.inputReader(UTF_8)) {
      var first = out.readLine();
      process.toHandle().destroy(); // Process itself would close what it still says.
      var all = new ArrayList<>(out.lines().toList());
      if (first != null) {
        all.add(0, first);
      }
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("it stops when it is told to").isTrue();
      return new Start(all, Files.readString(err.toPath()));
    } finally {
      process.destroyForcibly();
    }
  }

  private static void assertServes(Start start) {
    assertThat(start.out()).as(start.err()).hasSize(1).first().asString().startsWith("ready smtp=");
  }

  /** What the JVM has kept of a start, and nothing that was begun. */
  private Path archive() throws IOException {
    try (var files = Files.newDirectoryStream(root.resolve("bridge/target"), "classes-*")) {
      var all = new ArrayList<Path>();
      files.forEach(all::add);
      assertThat(all).singleElement().asString().endsWith(".jsa");
      return all.get(0);
    }
  }

  private void replaceALibrary() throws IOException {
    try (var jars = Files.list(root.resolve("bridge/target/lib"))) {
      var built = FileTime.from(Instant.now().plusSeconds(1));
      Files.setLastModifiedTime(jars.findAny().orElseThrow(), built);
    }
  }

  @Test
  void triesAStartOnceAndAgainForOtherLibraries() throws Exception {
    var first = start();
    var second = start();
    var archive = archive();
    var tried = Files.getLastModifiedTime(archive);
    replaceALibrary();
    var third = start();

    assertServes(first);
    assertThat(first.err()).contains(TRIES).doesNotContain("failed");
    assertServes(second);
    assertThat(second.err()).doesNotContain("postern:");
    assertServes(third);
    assertThat(third.err()).contains(TRIES).doesNotContain("failed");
    assertThat(archive()).isEqualTo(archive);
    assertThat(Files.getLastModifiedTime(archive)).isGreaterThan(tried);
  }

  @Test
  void passesOverAnArchiveThatIsNotWhole() throws Exception {
    start();
    var archive = archive();
    var octets = Files.readAllBytes(archive);
    Files.delete(archive);
    Files.write(archive, Arrays.copyOf(octets, octets.length / 2));

    var start = start();

    assertServes(start);
    assertThat(start.err()).doesNotContain("postern:");
  }

  @Test
  void startsWhereNoStartCanBeTried() throws Exception {
    var builder = new ProcessBuilder();
    builder.environment().put("TMPDIR", folder.resolve("nowhere").toString());

    var start = start(builder);

    assertServes(start);
    assertThat(start.err()).contains(TRIES).contains("that failed");
  }
}

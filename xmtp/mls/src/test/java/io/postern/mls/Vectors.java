package io.postern.mls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** The MLS working group's vectors, read in place, and our own from the class path. */
public final class Vectors {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Vectors() {}

  /** One test per entry of the working group's file, as far as its suite is served. */
  public static Stream<DynamicTest> each(String file, ThrowingConsumer<JsonNode> test) {
    List<JsonNode> entries = new ArrayList<>();
    for (JsonNode entry : workingGroup(file)) {
      if (!entry.has("cipher_suite")
          || CipherSuite.find(entry.get("cipher_suite").asInt()).isPresent()) {
        entries.add(entry);
      }
    }
    if (entries.isEmpty()) {
      throw new IllegalStateException("no entry of " + file + " is of a suite that is served");
    }
    return Stream.iterate(0, i -> i + 1)
        .limit(entries.size())
        .map(i -> DynamicTest.dynamicTest(file + "[" + i + "]", () -> test.accept(entries.get(i))));
  }

  private static JsonNode workingGroup(String file) {
    String folder = System.getProperty("postern.mls.vectors", "");
    Path path = Path.of(folder, file);
    Assumptions.assumeTrue(
        !folder.isEmpty() && Files.exists(path),
        "no " + file + " in the folder that postern.mls.vectors names");
    try {
      return JSON.readTree(path.toFile());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** A file of Project Wycheproof. */
  public static JsonNode wycheproof(String file) {
    Path path =
        Path.of(
            System.getProperty("postern.suites", "absent"), "wycheproof", "testvectors_v1", file);
    Assumptions.assumeTrue(
        Files.exists(path), "no Wycheproof vectors in the folder that postern.suites names");
    try {
      return JSON.readTree(path.toFile());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** A file of ours. */
  public static JsonNode ours(String file) throws IOException {
    try (InputStream in = Vectors.class.getResourceAsStream("/vectors/" + file)) {
      return JSON.readTree(in);
    }
  }

  public static CipherSuite suite(JsonNode entry) throws MlsException {
    return CipherSuite.of(entry.get("cipher_suite").asInt());
  }

  public static byte[] octets(JsonNode entry, String field) {
    return HexFormat.of().parseHex(entry.get(field).asText());
  }

  public static Secret secret(JsonNode entry, String field) {
    return Secret.take(octets(entry, field));
  }

  public static String hex(byte[] octets) {
    return HexFormat.of().formatHex(octets);
  }
}

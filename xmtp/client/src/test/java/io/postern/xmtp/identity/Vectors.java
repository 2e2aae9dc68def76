package io.postern.xmtp.identity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.postern.mls.crypto.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;

/**
 * Given answers: ours from the class path, other projects' from the folder that {@code
 * postern.suites} names.
 */
final class Vectors {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Vectors() {}

  static JsonNode read(String name) {
    try (var in = Vectors.class.getResourceAsStream("/vectors/" + name)) {
      return JSON.readTree(in);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  static JsonNode wycheproof(String name) {
    var file =
        Path.of(
            System.getProperty("postern.suites", "absent"), "wycheproof", "testvectors_v1", name);
    Assumptions.assumeTrue(
        Files.exists(file), "no Wycheproof vectors in the folder that postern.suites names");
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  static Stream<JsonNode> each(JsonNode array) {
    return StreamSupport.stream(
        Spliterators.spliterator(array.elements(), array.size(), Spliterator.ORDERED), false);
  }

  static byte[] octets(JsonNode hex) {
    return octets(hex.asText());
  }

  static byte[] octets(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  static ByteString byteString(JsonNode hex) {
    return ByteString.copyFrom(octets(hex));
  }

  static String hex(byte[] octets) {
    return HexFormat.of().formatHex(octets);
  }

  static String hex(ByteString octets) {
    return hex(octets.toByteArray());
  }

  /** The wallet whose private key is 32 times this octet. */
  static WalletKey wallet(int octet) throws IdentityException {
    return WalletKey.of(repeated(octet));
  }

  /** The installation whose seed is 32 times this octet. */
  static InstallationKey installation(int octet) {
    return InstallationKey.of(repeated(octet));
  }

  static Secret repeated(int octet) {
    var octets = new byte[32];
    java.util.Arrays.fill(octets, (byte) octet);
    return Secret.take(octets);
  }
}

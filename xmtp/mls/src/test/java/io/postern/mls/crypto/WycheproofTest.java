package io.postern.mls.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.MlsException;
import io.postern.mls.Vectors;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Project Wycheproof's cases for the primitives of the suites: whatever is valid is taken, with the
 * same result, and whatever is not is refused.
 */
class WycheproofTest {
  private int taken;
  private int refused;

  private interface Case {
    /** Whether it was taken; its result is compared inside. */
    boolean run(JsonNode group, JsonNode test) throws MlsException;
  }

  /** "acceptable" is for each primitive to decide, and which groups it is asked about. */
  private void run(
      String file, Predicate<JsonNode> asks, Predicate<JsonNode> takesOdd, Case primitive)
      throws MlsException {
    int other = 0;
    for (JsonNode group : Vectors.wycheproof(file).get("testGroups")) {
      if (!asks.test(group)) {
        other += group.get("tests").size();
        continue;
      }
      for (JsonNode test : group.get("tests")) {
        boolean took = primitive.run(group, test);
        String result = test.get("result").asText();
        boolean due = result.equals("valid") || result.equals("acceptable") && takesOdd.test(test);
        assertThat(took).as("%s %s", file, test).isEqualTo(due);
        if (took) {
          taken++;
        } else {
          refused++;
        }
      }
    }
    System.out.printf(
        "%s: %d taken, %d refused, %d of another form not asked%n", file, taken, refused, other);
    assertThat(taken).isPositive();
  }

  private static byte[] octets(JsonNode test, String field) {
    return Vectors.octets(test, field);
  }

  @Test
  void ed25519() throws MlsException {
    run(
        "ed25519_test.json",
        group -> true,
        test -> false,
        (group, test) ->
            Signing.ED25519.verify(
                octets(group.get("publicKey"), "pk"), octets(test, "msg"), octets(test, "sig")));
  }

  /** A shared secret of zeros, which Wycheproof calls acceptable, is none for us. */
  @Test
  void x25519() throws MlsException {
    run(
        "x25519_test.json",
        group -> true,
        test -> !Arrays.equals(octets(test, "shared"), new byte[32]),
        (group, test) -> {
          try {
            byte[] agreed =
                DhKemX25519.agree(Secret.take(octets(test, "private")), octets(test, "public"));
            assertThat(agreed).as("%s", test).isEqualTo(octets(test, "shared"));
            return true;
          } catch (MlsException smallOrder) {
            return false;
          }
        });
  }

  @Test
  void aesGcm() throws MlsException {
    aead("aes_gcm_test.json", Aead.AES_128_GCM);
  }

  @Test
  void chaCha20Poly1305() throws MlsException {
    aead("chacha20_poly1305_test.json", Aead.CHACHA20_POLY1305);
  }

  /** MLS uses one length of keys, nonces and tags only; the others are not asked. */
  private void aead(String file, Aead aead) throws MlsException {
    run(
        file,
        group ->
            group.get("keySize").asInt() == 8 * aead.keyLength()
                && group.get("ivSize").asInt() == 8 * Aead.NONCE_LENGTH,
        test -> false,
        (group, test) -> {
          Secret key = Secret.take(octets(test, "key"));
          byte[] sealed =
              Stream.of("ct", "tag")
                  .map(field -> octets(test, field))
                  .reduce(new byte[0], WycheproofTest::join);
          byte[] message = octets(test, "msg");
          try {
            assertThat(aead.open(key, octets(test, "iv"), octets(test, "aad"), sealed))
                .as("%s", test)
                .isEqualTo(message);
            assertThat(aead.seal(key, octets(test, "iv"), octets(test, "aad"), message))
                .isEqualTo(sealed);
            return true;
          } catch (MlsException wrong) {
            return false;
          }
        });
    assertThat(taken + refused).isGreaterThan(50);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Over HMAC-SHA256, and SHA-256 below. */
  @Test
  void hkdf() throws MlsException {
    run(
        "hkdf_sha256_test.json",
        group -> true,
        test -> false,
        (group, test) -> {
          Kdf kdf = Kdf.HKDF_SHA256;
          byte[] prk = kdf.extract(octets(test, "salt"), octets(test, "ikm"));
          try {
            assertThat(kdf.expand(prk, octets(test, "info"), test.get("size").asInt()))
                .as("%s", test)
                .isEqualTo(octets(test, "okm"));
            return true;
          } catch (IllegalArgumentException tooLong) {
            return false;
          }
        });
  }
}

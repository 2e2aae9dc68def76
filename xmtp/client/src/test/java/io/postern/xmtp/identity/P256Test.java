package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class P256Test {
  private static final String X =
      "9a2f9f7997a7fab2453c002b8bdc08fe4c8b6221ce689f771c0ee9067e0e0393";
  private static final String Y =
      "26f5aa18be3e7365b8d5cc00314c68d89892ea5eca81e56fefe0c59aa2f1326e";

  static Stream<Object[]> wycheproof() {
    return Vectors.each(Vectors.wycheproof("ecdsa_secp256r1_sha256_test.json").get("testGroups"))
        .flatMap(
            group ->
                Vectors.each(group.get("tests"))
                    .map(
                        test ->
                            new Object[] {
                              group.get("publicKey").get("uncompressed").asText(), test
                            }));
  }

  @ParameterizedTest
  @MethodSource("wycheproof")
  void agreesWithWycheproof(String key, JsonNode test) throws Exception {
    var point = P256.decode(Vectors.octets(key)).orElseThrow();
    var hash = MessageDigest.getInstance("SHA-256").digest(Vectors.octets(test.get("msg")));

    boolean verified =
        P256.Signature.read(Vectors.octets(test.get("sig")))
            .filter(signature -> signature.verify(point, hash))
            .isPresent();

    assertThat(verified).isEqualTo(test.get("result").asText().equals("valid"));
  }

  @Test
  void readsThreeFormsOfAPoint() {
    var point = P256.decode(Vectors.octets("04" + X + Y)).orElseThrow();

    // Y is even and below half of the prime, so all short forms but 03 mean this very point.
    assertThat(P256.decode(Vectors.octets("02" + X))).contains(point);
    assertThat(P256.decode(Vectors.octets("05" + X))).contains(point);
    assertThat(P256.decode(Vectors.octets("03" + X))).contains(point.negate());
  }

  @Test
  void readsNoOtherForm() {
    assertThat(P256.decode(new byte[0])).isEmpty();
    assertThat(P256.decode(new byte[1])).isEmpty();
    assertThat(P256.decode(Vectors.octets("06" + X + Y))).isEmpty();
    assertThat(P256.decode(Vectors.octets("07" + X + Y))).isEmpty();
    assertThat(P256.decode(Vectors.octets(X + Y))).isEmpty();
    assertThat(P256.decode(Vectors.octets("04" + X + X))).isEmpty();
    assertThat(P256.decode(Vectors.octets("02" + "ff".repeat(32)))).isEmpty();
  }

  @Test
  void readsNoTruncatedPointOrSignature() {
    var point = Vectors.octets("04" + X + Y);
    var signature =
        Vectors.octets(
            Vectors.read("identity-signatures.json").get("passkey").get("signature_der"));

    assertThat(P256.Signature.read(signature)).isPresent();
    for (int length = 0; length < point.length; length++) {
      assertThat(P256.decode(Arrays.copyOf(point, length))).isEmpty();
    }
    for (int length = 0; length < signature.length; length++) {
      assertThat(P256.Signature.read(Arrays.copyOf(signature, length))).isEmpty();
    }
    assertThat(P256.Signature.read(Arrays.copyOf(signature, signature.length + 1))).isEmpty();
  }

  @Test
  void meetsRandomSignaturesWithoutAnException() {
    var random = new SplittableRandom(5);
    var good =
        Vectors.octets(
            Vectors.read("identity-signatures.json").get("passkey").get("signature_der"));
    for (int i = 0; i < 5000; i++) {
      var octets = good.clone();
      octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
      octets[random.nextInt(6)] = (byte) random.nextInt(256);

      var read = P256.Signature.read(octets);

      read.ifPresent(signature -> assertThat(signature.octets()).hasSize(64));
    }
  }
}

package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.crypto.Edwards25519;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Implementations of Ed25519 agree on honest signatures only; here it matters that clients agree on
 * all.
 */
class Ed25519phTest {
  private static final BigInteger ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  private static final BigInteger PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  private static final byte[] CONTEXT = "context".getBytes(StandardCharsets.US_ASCII);

  static Stream<Object[]> wycheproof() {
    return Vectors.each(Vectors.wycheproof("ed25519_test.json").get("testGroups"))
        .flatMap(
            group ->
                Vectors.each(group.get("tests"))
                    .map(test -> new Object[] {group.get("publicKey").get("pk").asText(), test}));
  }

  @ParameterizedTest
  @MethodSource("wycheproof")
  void agreesWithWycheproof(String key, JsonNode test) {
    var signature = Vectors.octets(test.get("sig"));
    boolean expected = test.get("result").asText().equals("valid");

    // Signatures of another length never come as far as this class.
    boolean verified =
        signature.length == 64
            && Edwards25519.verify(
                Vectors.octets(key), signature, new byte[0], Vectors.octets(test.get("msg")));

    assertThat(verified).isEqualTo(expected);
  }

  /** The example of RFC 8032 §7.3. */
  @Test
  void makesTheSignatureOfTheRfc() {
    var seed = Vectors.octets("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
    var message = "abc".getBytes(StandardCharsets.US_ASCII);

    var signature = Ed25519ph.sign(seed, new byte[0], message);

    assertThat(Vectors.hex(signature))
        .isEqualTo(
            "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
                + "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406");
    assertThat(Ed25519ph.verify(Ed25519ph.publicKey(seed), new byte[0], message, signature))
        .isTrue();
  }

  @Test
  void verifiesWhatBouncyCastleVerifies() throws Exception {
    var random = new SplittableRandom(7);
    for (int i = 0; i < 20; i++) {
      var seed = new byte[32];
      var message = new byte[random.nextInt(100)];
      random.nextBytes(seed);
      random.nextBytes(message);
      var key = Ed25519ph.publicKey(seed);
      var signature = Ed25519ph.sign(seed, CONTEXT, message);

      assertThat(Ed25519ph.verify(key, CONTEXT, message, signature)).isTrue();
      assertThat(Ed25519.verifyPrehash(signature, 0, key, 0, CONTEXT, sha512(message), 0)).isTrue();

      signature[random.nextInt(64)] ^= (byte) (1 << random.nextInt(8));
      assertThat(Ed25519ph.verify(key, CONTEXT, message, signature)).isFalse();
    }
  }

  @Test
  void acceptsAKeyOfSmallOrderAsOtherClientsDo() {
    var neutral = new byte[32];
    neutral[0] = 1;

    assertThat(Ed25519ph.isPublicKey(neutral)).isTrue();
    assertThat(Ed25519ph.verify(neutral, CONTEXT, new byte[3], Arrays.copyOf(neutral, 64)))
        .isTrue();
  }

  @Test
  void readsAKeyThatIsNotReducedAsOtherClientsDo() {
    // 2^255 − 18, which is 1: the neutral point in a form that RFC 8032 forbids.
    var neutral = littleEndian(PRIME.add(BigInteger.ONE));
    var reduced = new byte[64];
    reduced[0] = 1;

    assertThat(Ed25519ph.isPublicKey(neutral)).isTrue();
    assertThat(Ed25519ph.verify(neutral, CONTEXT, new byte[3], reduced)).isTrue();
    // But what the equation yields is compared in its one reduced form.
    assertThat(Ed25519ph.verify(neutral, CONTEXT, new byte[3], Arrays.copyOf(neutral, 64)))
        .isFalse();
  }

  @Test
  void refusesASecondHalfThatIsNotReduced() {
    var seed = new byte[32];
    var message = new byte[5];
    var signature = Ed25519ph.sign(seed, CONTEXT, message);
    var s = number(Arrays.copyOfRange(signature, 32, 64)).add(ORDER);
    System.arraycopy(littleEndian(s), 0, signature, 32, 32);

    assertThat(Ed25519ph.verify(Ed25519ph.publicKey(seed), CONTEXT, message, signature)).isFalse();
  }

  /** Such a signature verifies only where the cofactor is multiplied in. */
  @Test
  void refusesAPointThatIsOffByOneOfSmallOrder() throws Exception {
    for (int message = 0; message < 16; message++) {
      var forged = sign(true, false, message);

      assertThat(forged.verify()).isFalse();
    }
  }

  /** With such a key it depends on the message whether the small part vanishes. */
  @Test
  void acceptsAMixedKeyExactlyWhenTheSmallPartVanishes() throws Exception {
    int accepted = 0;
    for (int message = 0; message < 16; message++) {
      var forged = sign(false, true, message);

      assertThat(forged.verify()).isEqualTo(!forged.challenge.testBit(0));
      accepted += forged.verify() ? 1 : 0;
    }
    assertThat(accepted).isBetween(1, 15);
  }

  private record Forged(byte[] key, byte[] message, byte[] signature, BigInteger challenge) {
    boolean verify() {
      return Ed25519ph.verify(key, CONTEXT, message, signature);
    }
  }

  /** Signs with known scalars; adds the point (0, −1) of order 2 to R or to the key. */
  private static Forged sign(boolean offR, boolean offKey, int number) throws Exception {
    var a = scalar(new byte[32]);
    var r = scalar(sha512(new byte[] {(byte) number}));
    var honestKey = Ed25519ph.publicKey(new byte[32]);
    var honestR = Ed25519ph.publicKey(Arrays.copyOf(sha512(new byte[] {(byte) number}), 32));
    var key = offKey ? plusOrderTwo(honestKey) : honestKey;
    var point = offR ? plusOrderTwo(honestR) : honestR;
    var message = new byte[] {(byte) number};
    var hash = MessageDigest.getInstance("SHA-512");
    hash.update(domain());
    hash.update(point);
    hash.update(key);
    var k = number(hash.digest(sha512(message))).mod(ORDER);
    var s = r.add(k.multiply(a)).mod(ORDER);
    var signature = Arrays.copyOf(point, 64);
    System.arraycopy(littleEndian(s), 0, signature, 32, 32);
    return new Forged(key, message, signature, k);
  }

  /** (x, y) + (0, −1) = (−x, −y). */
  private static byte[] plusOrderTwo(byte[] point) {
    var compact = point.clone();
    boolean odd = compact[31] < 0;
    compact[31] &= 0x7f;
    var opposite = littleEndian(PRIME.subtract(number(compact)));
    opposite[31] |= (byte) (odd ? 0 : 0x80);
    return opposite;
  }

  /** The scalar that RFC 8032 §5.1.5 makes of the first 32 octets as a seed. */
  private static BigInteger scalar(byte[] seed) throws Exception {
    var half = Arrays.copyOf(sha512(Arrays.copyOf(seed, 32)), 32);
    half[0] &= (byte) 0xf8;
    half[31] = (byte) (half[31] & 0x7f | 0x40);
    return number(half);
  }

  private static byte[] domain() {
    var prefix = "SigEd25519 no Ed25519 collisions".getBytes(StandardCharsets.US_ASCII);
    var domain = Arrays.copyOf(prefix, prefix.length + 2 + CONTEXT.length);
    domain[prefix.length] = 1;
    domain[prefix.length + 1] = (byte) CONTEXT.length;
    System.arraycopy(CONTEXT, 0, domain, prefix.length + 2, CONTEXT.length);
    return domain;
  }

  private static byte[] sha512(byte[] message) throws Exception {
    return MessageDigest.getInstance("SHA-512").digest(message);
  }

  private static BigInteger number(byte[] littleEndian) {
    return new BigInteger(1, reversed(littleEndian));
  }

  private static byte[] littleEndian(BigInteger number) {
    return Arrays.copyOf(reversed(number.toByteArray()), 32);
  }

  private static byte[] reversed(byte[] octets) {
    var reversed = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      reversed[i] = octets[octets.length - 1 - i];
    }
    return reversed;
  }
}

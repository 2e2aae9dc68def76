package io.postern.mls.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mls.wire.TlsWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;

class SigningTest {
  private static final BigInteger ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  private static final BigInteger PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

  private final SignatureKeyPair pair = SignatureKeyPair.generate(new SecureRandom());
  private final byte[] content = {1, 2, 3};
  private final byte[] signature = Signing.ED25519.signWithLabel(pair, "Label", content);

  @Test
  void verifiesWhatItSigned() {
    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "Label", content, signature))
        .isTrue();
  }

  @Test
  void refusesAnotherLabelContentKeyOrSignature() {
    byte[] otherKey = SignatureKeyPair.generate(new SecureRandom()).publicKey();
    byte[] changed = signature.clone();
    changed[40] ^= 1;

    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "label", content, signature))
        .isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "Label", new byte[3], signature))
        .isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(otherKey, "Label", content, signature)).isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "Label", content, changed))
        .isFalse();
  }

  @Test
  void refusesOctetsThatAreNoKeyOrSignature() {
    byte[] noPoint = new byte[32];
    Arrays.fill(noPoint, (byte) 0xff);

    assertThat(Signing.ED25519.verifyWithLabel(new byte[0], "Label", content, signature)).isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(noPoint, "Label", content, signature)).isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "Label", content, new byte[63]))
        .isFalse();
    assertThat(Signing.ED25519.verifyWithLabel(pair.publicKey(), "Label", content, new byte[0]))
        .isFalse();
  }

  /** Such a signature verifies only where the cofactor is multiplied in: not for other clients. */
  @Test
  void refusesACommitmentThatIsOffByAPointOfSmallOrder() throws Exception {
    for (int message = 0; message < 16; message++) {
      assertThat(forge(true, false, message).verifies()).isFalse();
    }
  }

  /** With such a key it depends on the message whether the small part vanishes. */
  @Test
  void takesAMixedKeyExactlyWhenTheSmallPartVanishes() throws Exception {
    int taken = 0;
    for (int message = 0; message < 16; message++) {
      var forged = forge(false, true, message);

      assertThat(forged.verifies()).isEqualTo(!forged.challenge.testBit(0));
      taken += forged.verifies() ? 1 : 0;
    }
    assertThat(taken).isBetween(1, 15);
  }

  /** Under such a key one signature fits many contents. */
  @Test
  void refusesKeysAndCommitmentsOfSmallOrder() {
    var neutral = new byte[32];
    neutral[0] = 1;
    var ofOrderTwo = plusOrderTwo(neutral);

    for (var point : List.of(neutral, ofOrderTwo)) {
      for (var key : List.of(neutral, ofOrderTwo)) {
        assertThat(Signing.ED25519.verifyWithLabel(key, "Label", content, Arrays.copyOf(point, 64)))
            .isFalse();
      }
    }
  }

  private record Forged(byte[] key, byte[] content, byte[] signature, BigInteger challenge) {
    boolean verifies() {
      return Signing.ED25519.verifyWithLabel(key, "Label", content, signature);
    }
  }

  /** Signs with known scalars; adds the point (0, −1) of order 2 to the commitment or the key. */
  private static Forged forge(boolean offCommitment, boolean offKey, int number) throws Exception {
    var nonce = Arrays.copyOf(sha512(new byte[] {(byte) number}), 32);
    var key = publicKey(new byte[32], offKey);
    var commitment = publicKey(nonce, offCommitment);
    var content = new byte[] {(byte) number};
    var label = "MLS 1.0 Label".getBytes(StandardCharsets.US_ASCII);
    var hash = MessageDigest.getInstance("SHA-512");
    hash.update(commitment);
    hash.update(key);
    var k =
        number(hash.digest(new TlsWriter().opaque(label).opaque(content).toOctets())).mod(ORDER);
    var s = scalar(nonce).add(k.multiply(scalar(new byte[32]))).mod(ORDER);
    var signature = Arrays.copyOf(commitment, 64);
    System.arraycopy(littleEndian(s), 0, signature, 32, 32);
    return new Forged(key, content, signature, k);
  }

  private static byte[] publicKey(byte[] seed, boolean off) {
    var key = new byte[32];
    Ed25519.generatePublicKey(seed, 0, key, 0);
    return off ? plusOrderTwo(key) : key;
  }

  /** (x, y) + (0, −1) = (−x, −y). */
  private static byte[] plusOrderTwo(byte[] point) {
    var compact = point.clone();
    boolean odd = compact[31] < 0;
    compact[31] &= 0x7f;
    var opposite = littleEndian(PRIME.subtract(number(compact)));
    boolean zero = number(compact).equals(BigInteger.ONE); // Then x is 0, and has no sign.
    opposite[31] |= (byte) (odd || zero ? 0 : 0x80);
    return opposite;
  }

  /** The scalar that RFC 8032 §5.1.5 makes of a seed. */
  private static BigInteger scalar(byte[] seed) throws Exception {
    var half = Arrays.copyOf(sha512(seed), 32);
    half[0] &= (byte) 0xf8;
    half[31] = (byte) (half[31] & 0x7f | 0x40);
    return number(half);
  }

  private static byte[] sha512(byte[] octets) throws Exception {
    return MessageDigest.getInstance("SHA-512").digest(octets);
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

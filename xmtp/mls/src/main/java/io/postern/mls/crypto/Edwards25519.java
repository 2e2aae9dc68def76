package io.postern.mls.crypto;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Verifies Ed25519 exactly as XMTP's reference client does, on every signature: implementations
 * agree on honest ones only. It computes R' = [S]B − [k]A, encodes it and compares octets, without
 * multiplying by the cofactor; it reads a key whose second coordinate is not reduced, and the sign
 * bit of a first coordinate of 0. RFC 8032 §5.1.7.
 *
 * <p>The keys asked for last are kept with their multiples, so what one of them signs costs a third
 * of what it costs elsewhere. On public values only: the time tells which.
 */
public final class Edwards25519 {
  private static final int LENGTH = CurvePoint.LENGTH;
  private static final BigInteger ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  private static final KnownKeys KEYS = new KnownKeys();

  private Edwards25519() {}

  /** Whether some octets are a key as other clients read it, small ones and odd encodings too. */
  public static boolean isKey(byte[] key) {
    return key.length == LENGTH && CurvePoint.decode(key).isPresent();
  }

  /**
   * Whether a signature fits; false also for a key or a signature of another length.
   *
   * @param domain what the variant of Ed25519 puts before everything that it hashes; empty for the
   *     pure one
   * @param message the message, or its hash in the variant that signs it
   */
  public static boolean verify(byte[] key, byte[] signature, byte[] domain, byte[] message) {
    return commitment(key, signature, domain, message).isPresent();
  }

  /**
   * The same, and neither the key nor the first half of the signature is of small order. Under such
   * a key one signature fits many messages.
   */
  public static boolean verifyStrictly(
      byte[] key, byte[] signature, byte[] domain, byte[] message) {
    return commitment(key, signature, domain, message)
        .map(
            commitment ->
                !commitment.isSmallOrder() && !KEYS.find(key).orElseThrow().isSmallOrder())
        .orElse(false);
  }

  /** The point that the first half of the signature encodes, if the signature fits. */
  private static Optional<CurvePoint> commitment(
      byte[] key, byte[] signature, byte[] domain, byte[] message) {
    if (key.length != LENGTH || signature.length != 2 * LENGTH) {
      return Optional.empty();
    }
    var s = Arrays.copyOfRange(signature, LENGTH, 2 * LENGTH);
    var known = KEYS.find(key);
    if (number(s).compareTo(ORDER) >= 0 || known.isEmpty()) {
      return Optional.empty();
    }
    var r = Arrays.copyOf(signature, LENGTH);
    var k = challenge(domain, r, key, message);
    var sum = Comb.sum(Comb.BASE, s, known.get().negative(), k);
    return Arrays.equals(r, sum.encode()) ? Optional.of(sum) : Optional.empty();
  }

  private static byte[] challenge(byte[] domain, byte[] r, byte[] key, byte[] message) {
    try {
      var hash = MessageDigest.getInstance("SHA-512");
      hash.update(domain);
      hash.update(r);
      hash.update(key);
      return littleEndian(number(hash.digest(message)).mod(ORDER));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("this Java runtime lacks SHA-512", impossible);
    }
  }

  private static BigInteger number(byte[] littleEndian) {
    return new BigInteger(1, reversed(littleEndian));
  }

  private static byte[] littleEndian(BigInteger number) {
    return Arrays.copyOf(reversed(number.toByteArray()), LENGTH);
  }

  private static byte[] reversed(byte[] octets) {
    var reversed = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      reversed[i] = octets[octets.length - 1 - i];
    }
    return reversed;
  }
}

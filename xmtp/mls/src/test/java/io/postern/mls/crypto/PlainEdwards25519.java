package io.postern.mls.crypto;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Ed25519 by plain numbers, as RFC 8032 §5.1.4 writes its formulas and in their order: what {@link
 * Edwards25519} computes faster. Points are (X : Y : Z : T) with x = X/Z, y = Y/Z, xy = T/Z.
 */
final class PlainEdwards25519 {
  private static final int LENGTH = 32;
  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  static final BigInteger ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  private static final BigInteger D =
      BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);
  private static final BigInteger SQRT_MINUS_ONE =
      BigInteger.TWO.modPow(P.subtract(BigInteger.ONE).shiftRight(2), P);
  private static final BigInteger BASE_Y =
      BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P);
  static final PlainEdwards25519 BASE =
      decode(littleEndian(BASE_Y)).orElseThrow(IllegalStateException::new);
  private static final PlainEdwards25519 NEUTRAL =
      new PlainEdwards25519(BigInteger.ZERO, BigInteger.ONE, BigInteger.ONE, BigInteger.ZERO);

  private final BigInteger x;
  private final BigInteger y;
  private final BigInteger z;
  private final BigInteger t;

  private PlainEdwards25519(BigInteger x, BigInteger y, BigInteger z, BigInteger t) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.t = t;
  }

  /**
   * @param key 32 octets
   * @param signature 64 octets
   * @param domain what the variant of Ed25519 puts before everything that it hashes; empty for the
   *     pure one
   * @param message the message, or its hash in the variant that signs it
   */
  static boolean verify(byte[] key, byte[] signature, byte[] domain, byte[] message) {
    var r = Arrays.copyOf(signature, LENGTH);
    var s = number(Arrays.copyOfRange(signature, LENGTH, 2 * LENGTH));
    var a = decode(key);
    if (s.compareTo(ORDER) >= 0 || a.isEmpty()) {
      return false;
    }
    var k = challenge(domain, r, key, message);
    // −A has the negative x, and with it the negative t.
    var negative =
        new PlainEdwards25519(
            a.get().x.negate().mod(P), a.get().y, a.get().z, a.get().t.negate().mod(P));
    return Arrays.equals(r, sum(s, BASE, k, negative).encode());
  }

  /**
   * A point; empty if no point has this second coordinate.
   *
   * @param octets 32
   */
  static Optional<PlainEdwards25519> decode(byte[] octets) {
    var compact = octets.clone();
    boolean odd = compact[LENGTH - 1] < 0;
    compact[LENGTH - 1] &= 0x7f;
    var y = number(compact).mod(P);
    var square = y.multiply(y).mod(P);
    // x² = (y² − 1) / (d y² + 1)
    var u = square.subtract(BigInteger.ONE).mod(P);
    var v = D.multiply(square).add(BigInteger.ONE).mod(P);
    var quotient = u.multiply(v.modInverse(P)).mod(P);
    return squareRoot(quotient)
        .map(root -> root.testBit(0) == odd ? root : root.negate().mod(P))
        .map(x -> new PlainEdwards25519(x, y, BigInteger.ONE, x.multiply(y).mod(P)));
  }

  private static Optional<BigInteger> squareRoot(BigInteger square) {
    var candidate = square.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
    if (candidate.multiply(candidate).mod(P).equals(square)) {
      return Optional.of(candidate);
    }
    var other = candidate.multiply(SQRT_MINUS_ONE).mod(P);
    return other.multiply(other).mod(P).equals(square) ? Optional.of(other) : Optional.empty();
  }

  byte[] encode() {
    var inverse = z.modInverse(P);
    var octets = littleEndian(y.multiply(inverse).mod(P));
    if (x.multiply(inverse).mod(P).testBit(0)) {
      octets[LENGTH - 1] |= (byte) 0x80;
    }
    return octets;
  }

  /** [m]p + [n]q. */
  static PlainEdwards25519 sum(
      BigInteger m, PlainEdwards25519 p, BigInteger n, PlainEdwards25519 q) {
    var both = p.add(q);
    var sum = NEUTRAL;
    for (int bit = Math.max(m.bitLength(), n.bitLength()) - 1; bit >= 0; bit--) {
      sum = sum.add(sum);
      if (m.testBit(bit) && n.testBit(bit)) {
        sum = sum.add(both);
      } else if (m.testBit(bit)) {
        sum = sum.add(p);
      } else if (n.testBit(bit)) {
        sum = sum.add(q);
      }
    }
    return sum;
  }

  PlainEdwards25519 add(PlainEdwards25519 other) {
    var a = y.subtract(x).multiply(other.y.subtract(other.x)).mod(P);
    var b = y.add(x).multiply(other.y.add(other.x)).mod(P);
    var c = t.multiply(D).shiftLeft(1).multiply(other.t).mod(P);
    var d = z.multiply(other.z).shiftLeft(1).mod(P);
    var e = b.subtract(a);
    var f = d.subtract(c);
    var g = d.add(c);
    var h = b.add(a);
    return new PlainEdwards25519(
        e.multiply(f).mod(P), g.multiply(h).mod(P), f.multiply(g).mod(P), e.multiply(h).mod(P));
  }

  static BigInteger challenge(byte[] domain, byte[] r, byte[] key, byte[] message) {
    try {
      var hash = MessageDigest.getInstance("SHA-512");
      hash.update(domain);
      hash.update(r);
      hash.update(key);
      return number(hash.digest(message)).mod(ORDER);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("this Java runtime lacks SHA-512", impossible);
    }
  }

  static BigInteger number(byte[] littleEndian) {
    return new BigInteger(1, reversed(littleEndian));
  }

  static byte[] littleEndian(BigInteger number) {
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

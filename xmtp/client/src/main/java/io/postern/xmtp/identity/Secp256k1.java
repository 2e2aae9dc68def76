package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.util.BigIntegers;

/** The curve of Ethereum's key pairs. SEC 1, SEC 2 §2.4.1. */
final class Secp256k1 {
  private static final X9ECParameters PARAMETERS = CustomNamedCurves.getByName("secp256k1");

  static final ECDomainParameters DOMAIN = new ECDomainParameters(PARAMETERS);

  /** The order of the group. */
  static final BigInteger ORDER = PARAMETERS.getN();

  private static final BigInteger HALF_ORDER = ORDER.shiftRight(1);
  private static final int COORDINATE = 32;

  private Secp256k1() {}

  /** Whether it is in [1, order − 1], as private keys and both halves of a signature are. */
  static boolean isScalar(BigInteger value) {
    return value.signum() > 0 && value.compareTo(ORDER) < 0;
  }

  /** Of s and order − s, which are valid for the same signature, the smaller. */
  static BigInteger lower(BigInteger s) {
    return s.compareTo(HALF_ORDER) > 0 ? ORDER.subtract(s) : s;
  }

  static ECPoint publicKey(BigInteger privateKey) {
    return new FixedPointCombMultiplier().multiply(PARAMETERS.getG(), privateKey).normalize();
  }

  /**
   * The one public key for which (r, s) signs the digest. SEC 1 §4.1.6.
   *
   * @param odd whether the second coordinate of the signature's point is odd
   */
  static Optional<ECPoint> recover(byte[] digest, BigInteger r, BigInteger s, boolean odd) {
    var encoded = new byte[1 + COORDINATE];
    encoded[0] = (byte) (odd ? 3 : 2);
    System.arraycopy(octets(r), 0, encoded, 1, COORDINATE);
    return decode(encoded)
        .map(
            point -> {
              var e = new BigInteger(1, digest);
              var inverse = r.modInverse(ORDER);
              var u1 = inverse.multiply(e.negate()).mod(ORDER);
              var u2 = inverse.multiply(s).mod(ORDER);
              return ECAlgorithms.sumOfTwoMultiplies(PARAMETERS.getG(), u1, point, u2).normalize();
            })
        .filter(key -> !key.isInfinity());
  }

  /**
   * A point in its compressed or uncompressed form; empty if it is neither, or not on the curve.
   */
  static Optional<ECPoint> decode(byte[] encoded) {
    boolean compressed = encoded.length == 33 && (encoded[0] == 2 || encoded[0] == 3);
    boolean uncompressed = encoded.length == 65 && encoded[0] == 4;
    if (!compressed && !uncompressed) {
      return Optional.empty();
    }
    try {
      return Optional.of(PARAMETERS.getCurve().decodePoint(encoded));
    } catch (IllegalArgumentException notOnTheCurve) {
      return Optional.empty();
    }
  }

  /** The address of the wallet with this public key. */
  static EthereumAddress address(ECPoint publicKey) {
    var hash = Keccak256.hash(tail(publicKey.getEncoded(false), 2 * COORDINATE));
    return EthereumAddress.of(tail(hash, 20));
  }

  /** 32 octets, most significant first. */
  static byte[] octets(BigInteger scalar) {
    return BigIntegers.asUnsignedByteArray(COORDINATE, scalar);
  }

  static BigInteger scalar(ByteString octets, int from) {
    return new BigInteger(1, octets.substring(from, from + COORDINATE).toByteArray());
  }

  private static byte[] tail(byte[] octets, int length) {
    return Arrays.copyOfRange(octets, octets.length - length, octets.length);
  }
}

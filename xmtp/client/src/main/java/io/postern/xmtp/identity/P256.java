package io.postern.xmtp.identity;

import java.math.BigInteger;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.util.BigIntegers;

/** The curve of passkeys. SEC 2 §2.4.2. */
final class P256 {
  private static final X9ECParameters PARAMETERS = CustomNamedCurves.getByName("secp256r1");
  private static final ECDomainParameters DOMAIN = new ECDomainParameters(PARAMETERS);
  private static final BigInteger PRIME = PARAMETERS.getCurve().getField().getCharacteristic();
  private static final int SCALAR = 32;
  private static final int COMPRESSED = 33;
  private static final int UNCOMPRESSED = 65;

  private P256() {}

  /**
   * A public key in the forms that other clients read: compressed, uncompressed, and the compact
   * one, which leaves the sign out and means the point whose second coordinate is the smaller.
   */
  static Optional<ECPoint> decode(byte[] encoded) {
    if (encoded.length == 0) {
      return Optional.empty();
    }
    return switch (encoded[0]) {
      case 2, 3 -> encoded.length == COMPRESSED ? point(encoded) : Optional.empty();
      case 4 -> encoded.length == UNCOMPRESSED ? point(encoded) : Optional.empty();
      case 5 -> encoded.length == COMPRESSED ? compact(encoded) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<ECPoint> compact(byte[] encoded) {
    var even = encoded.clone();
    even[0] = 2;
    return point(even)
        .map(
            point -> {
              var y = point.getAffineYCoord().toBigInteger();
              return y.compareTo(PRIME.subtract(y)) <= 0 ? point : point.negate();
            });
  }

  private static Optional<ECPoint> point(byte[] encoded) {
    try {
      return Optional.of(PARAMETERS.getCurve().decodePoint(encoded));
    } catch (IllegalArgumentException notOnTheCurve) {
      return Optional.empty();
    }
  }

  /** An ECDSA signature, both halves in [1, order − 1]. */
  record Signature(BigInteger r, BigInteger s) {
    /** Reads DER, which has one form for each signature; empty for any other form. X.690 §10. */
    static Optional<Signature> read(byte[] der) {
      if (der.length < 2 || der[0] != 0x30 || der[1] != der.length - 2) {
        return Optional.empty();
      }
      var first = integer(der, 2);
      if (first.isEmpty()) {
        return Optional.empty();
      }
      int next = 4 + der[3];
      return integer(der, next)
          .filter(s -> next + 2 + der[next + 1] == der.length)
          .map(s -> new Signature(first.get(), s))
          .filter(signature -> isScalar(signature.r) && isScalar(signature.s));
    }

    boolean verify(ECPoint key, byte[] hash) {
      var verifier = new ECDSASigner();
      verifier.init(false, new ECPublicKeyParameters(key, DOMAIN));
      return verifier.verifySignature(hash, r, s);
    }

    /** r and s, 32 octets each. */
    byte[] octets() {
      var octets = new byte[2 * SCALAR];
      BigIntegers.asUnsignedByteArray(r, octets, 0, SCALAR);
      BigIntegers.asUnsignedByteArray(s, octets, SCALAR, SCALAR);
      return octets;
    }

    /** A positive INTEGER of at most 32 octets and a sign, in its shortest form. */
    private static Optional<BigInteger> integer(byte[] der, int at) {
      if (der.length < at + 2 || der[at] != 2) {
        return Optional.empty();
      }
      int length = der[at + 1];
      if (length < 1 || length > SCALAR + 1 || der.length < at + 2 + length) {
        return Optional.empty();
      }
      boolean negative = der[at + 2] < 0;
      boolean padded = length > 1 && der[at + 2] == 0 && der[at + 3] >= 0;
      return negative || padded
          ? Optional.empty()
          : Optional.of(new BigInteger(der, at + 2, length));
    }

    private static boolean isScalar(BigInteger value) {
      return value.signum() > 0 && value.compareTo(PARAMETERS.getN()) < 0;
    }
  }
}

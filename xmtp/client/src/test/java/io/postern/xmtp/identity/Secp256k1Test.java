package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class Secp256k1Test {
  private static final BigInteger FIELD_MINUS_ORDER =
      new BigInteger("14551231950b75fc4402da1722fc9baee", 16);

  private record Halves(BigInteger r, BigInteger s) {}

  static Stream<Object[]> wycheproof() {
    return Vectors.each(Vectors.wycheproof("ecdsa_secp256k1_sha256_test.json").get("testGroups"))
        .flatMap(
            group ->
                Vectors.each(group.get("tests"))
                    .map(
                        test ->
                            new Object[] {
                              group.get("publicKey").get("uncompressed").asText(), test
                            }));
  }

  /**
   * A signature is valid for a key if and only if it recovers the key with one parity or the other;
   * but for those whose point may lie beyond the order, which V cannot say.
   */
  @ParameterizedTest
  @MethodSource("wycheproof")
  void recoversAKeyIfAndOnlyIfTheSignatureIsValidForIt(String key, JsonNode test) throws Exception {
    var digest = MessageDigest.getInstance("SHA-256").digest(Vectors.octets(test.get("msg")));
    var wanted = Secp256k1.decode(Vectors.octets(key)).orElseThrow();
    var halves = halves(Vectors.octets(test.get("sig")));

    boolean recovered = halves.filter(it -> recovers(digest, it, wanted)).isPresent();

    boolean valid = halves.filter(it -> verifies(digest, it, wanted)).isPresent();
    boolean ambiguous = halves.filter(it -> it.r().compareTo(FIELD_MINUS_ORDER) < 0).isPresent();
    if (test.get("result").asText().equals("valid")) {
      assertThat(valid).isTrue();
    }
    if (recovered || !ambiguous) {
      assertThat(recovered).isEqualTo(valid);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "02",
        "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f817",
        "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f8179800",
        "0579be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "020000000000000000000000000000000000000000000000000000000000000005",
        "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
            + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b9",
        "0679be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
            + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
      })
  void readsNothingThatIsNoPoint(String encoded) {
    assertThat(Secp256k1.decode(Vectors.octets(encoded))).isEmpty();
  }

  private static boolean recovers(byte[] digest, Halves halves, ECPoint wanted) {
    return Stream.of(false, true)
        .flatMap(odd -> Secp256k1.recover(digest, halves.r(), halves.s(), odd).stream())
        .anyMatch(wanted::equals);
  }

  private static boolean verifies(byte[] digest, Halves halves, ECPoint key) {
    var verifier = new ECDSASigner();
    verifier.init(false, new ECPublicKeyParameters(key, Secp256k1.DOMAIN));
    return verifier.verifySignature(digest, halves.r(), halves.s());
  }

  private static Optional<Halves> halves(byte[] der) {
    try {
      var sequence = ASN1Sequence.getInstance(der);
      var r = ASN1Integer.getInstance(sequence.getObjectAt(0)).getValue();
      var s = ASN1Integer.getInstance(sequence.getObjectAt(1)).getValue();
      return Secp256k1.isScalar(r) && Secp256k1.isScalar(s)
          ? Optional.of(new Halves(r, s))
          : Optional.empty();
    } catch (IllegalArgumentException | IndexOutOfBoundsException notDer) {
      return Optional.empty();
    }
  }
}

package io.postern.mls.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;

/** Against BouncyCastle where all agree, and against plain numbers where they do not. */
class Edwards25519Test {
  private static final byte[] PURE = {};

  /** A point of order 8: its multiples are all the points of small order. */
  private static final byte[] ORDER_EIGHT =
      octets("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");

  private final Random random = new Random(25519);

  private static byte[] octets(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private byte[] octets(int length) {
    var octets = new byte[length];
    random.nextBytes(octets);
    return octets;
  }

  private static List<PlainEdwards25519> ofSmallOrder() {
    var first = PlainEdwards25519.decode(ORDER_EIGHT).orElseThrow();
    var all = new ArrayList<PlainEdwards25519>();
    for (var point = first; all.size() < 8; point = point.add(first)) {
      all.add(point);
    }
    return all;
  }

  /** All encodings of points of small order, those that RFC 8032 forbids as well. */
  private static List<byte[]> smallEncodings() {
    var all = new ArrayList<byte[]>();
    for (var y :
        List.of(
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")) {
      var even = octets(y);
      var odd = even.clone();
      odd[31] |= (byte) 0x80;
      all.add(even);
      all.add(odd);
    }
    return all;
  }

  @Test
  void verifiesWhatBouncyCastleSignsAndNothingElse() {
    for (int i = 0; i < 1000; i++) {
      var seed = octets(32);
      var key = new byte[32];
      Ed25519.generatePublicKey(seed, 0, key, 0);
      var message = octets(random.nextInt(300));
      var signature = new byte[64];
      Ed25519.sign(seed, 0, message, 0, message.length, signature, 0);
      var changed = signature.clone();
      changed[random.nextInt(64)] ^= (byte) (1 << random.nextInt(8));

      assertThat(Edwards25519.verify(key, signature, PURE, message)).isTrue();
      assertThat(Edwards25519.verifyStrictly(key, signature, PURE, message)).isTrue();
      assertThat(Edwards25519.verify(key, changed, PURE, message))
          .isEqualTo(Ed25519.verify(changed, 0, key, 0, message, 0, message.length))
          .isFalse();
    }
  }

  /** Keys and commitments with a part of small order, signed with numbers that are known. */
  @Test
  void decidesAsPlainNumbersWhereImplementationsDiffer() {
    int taken = 0;
    int refused = 0;
    for (var offKey : ofSmallOrder()) {
      for (var offCommitment : ofSmallOrder()) {
        for (int honest = 0; honest < 8; honest++) {
          // The last two bits: whether there is an honest part at all.
          var a = honest % 4 < 2 ? BigInteger.ZERO : number();
          var r = honest % 2 == 0 ? BigInteger.ZERO : number();
          var key = multipleOfBase(a).add(offKey).encode();
          var commitment = multipleOfBase(r).add(offCommitment).encode();
          var message = octets(8);
          var k = PlainEdwards25519.challenge(PURE, commitment, key, message);
          var s = r.add(k.multiply(a)).mod(PlainEdwards25519.ORDER);
          var signature = Arrays.copyOf(commitment, 64);
          System.arraycopy(PlainEdwards25519.littleEndian(s), 0, signature, 32, 32);
          boolean due = PlainEdwards25519.verify(key, signature, PURE, message);

          assertThat(Edwards25519.verify(key, signature, PURE, message)).isEqualTo(due);
          assertThat(Edwards25519.verifyStrictly(key, signature, PURE, message))
              .isEqualTo(due && a.signum() > 0 && r.signum() > 0);
          taken += due ? 1 : 0;
          refused += due ? 0 : 1;
        }
      }
    }
    assertThat(taken).isGreaterThan(50);
    assertThat(refused).isGreaterThan(50);
  }

  @Test
  void readsOddEncodingsAsPlainNumbersDo() {
    for (var key : smallEncodings()) {
      assertThat(Edwards25519.isKey(key)).isEqualTo(PlainEdwards25519.decode(key).isPresent());
      for (var commitment : smallEncodings()) {
        var signature = Arrays.copyOf(commitment, 64);

        assertThat(Edwards25519.verify(key, signature, PURE, PURE))
            .isEqualTo(PlainEdwards25519.verify(key, signature, PURE, PURE));
        assertThat(Edwards25519.verifyStrictly(key, signature, PURE, PURE)).isFalse();
      }
    }
  }

  @Test
  void readsAndWritesPointsAsPlainNumbersDo() {
    int points = 0;
    for (int i = 0; i < 500; i++) {
      var key = octets(32);
      if (i % 5 == 0) {
        Arrays.fill(
            key, 1, 31, (byte) 0xff); // The numbers next to 2^255, not reduced some of them.
      }
      var plain = PlainEdwards25519.decode(key);
      var point = CurvePoint.decode(key);

      assertThat(point.isPresent()).isEqualTo(plain.isPresent());
      if (point.isPresent()) {
        assertThat(point.get().encode()).isEqualTo(plain.get().encode());
        points++;
      }
    }
    assertThat(points).isBetween(150, 350);
  }

  @Test
  void multipliesAsPlainNumbersDo() {
    var edges = new ArrayList<byte[]>();
    for (var octet : new int[] {0, 1, 0x55, 0x80, 0xaa, 0xff}) {
      var all = new byte[32];
      Arrays.fill(all, (byte) octet);
      edges.add(all);
    }
    edges.add(PlainEdwards25519.littleEndian(PlainEdwards25519.ORDER));
    edges.add(PlainEdwards25519.littleEndian(PlainEdwards25519.ORDER.subtract(BigInteger.ONE)));
    edges.add(PlainEdwards25519.littleEndian(BigInteger.ONE));
    for (int i = 0; i < 60; i++) {
      edges.add(octets(32));
    }
    for (int i = 0; i < edges.size(); i++) {
      var m = edges.get(i);
      var n = edges.get(edges.size() - 1 - i);
      var other = i % 2 == 0 ? multipleOfBase(number()) : ofSmallOrder().get(i % 8);
      var plain =
          PlainEdwards25519.sum(
              PlainEdwards25519.number(m),
              PlainEdwards25519.BASE,
              PlainEdwards25519.number(n),
              other);

      var sum = Comb.sum(Comb.BASE, m, Comb.of(CurvePoint.decode(other.encode()).orElseThrow()), n);

      assertThat(sum.encode()).isEqualTo(plain.encode());
    }
  }

  @Test
  void refusesOctetsThatAreNoKeyOrSignature() {
    for (int length : new int[] {0, 31, 33, 64}) {
      assertThat(Edwards25519.isKey(new byte[length])).isFalse();
      assertThat(Edwards25519.verify(new byte[length], new byte[64], PURE, PURE)).isFalse();
    }
    for (int length : new int[] {0, 32, 63, 65}) {
      assertThat(Edwards25519.verify(ORDER_EIGHT, new byte[length], PURE, PURE)).isFalse();
      assertThat(Edwards25519.verifyStrictly(ORDER_EIGHT, new byte[length], PURE, PURE)).isFalse();
    }
  }

  private BigInteger number() {
    return PlainEdwards25519.number(octets(32)).mod(PlainEdwards25519.ORDER);
  }

  private static PlainEdwards25519 multipleOfBase(BigInteger number) {
    return PlainEdwards25519.sum(
        number, PlainEdwards25519.BASE, BigInteger.ZERO, PlainEdwards25519.BASE);
  }
}

package io.postern.mls.crypto;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.math.ec.rfc7748.X25519Field;

/**
 * A point of edwards25519 that is computed with in place: (X : Y : Z), and T in two factors U and
 * V, with x = X/Z, y = Y/Z and xy = UV/Z. RFC 8032 §5.1.4; its formulas hold for all points of the
 * curve. Numbers of the field are those of BouncyCastle, which are not reduced: what is the sum of
 * more than two products is carried before it is multiplied.
 *
 * <p>Plain arithmetic on public values, not for secrets. Not for several threads.
 */
final class CurvePoint {
  static final int LENGTH = 32;

  /** −121665/121666 and 1/2. */
  private static final int[] D = X25519Field.create();

  private static final int[] HALF = X25519Field.create();

  static {
    var inverse = X25519Field.create();
    X25519Field.invVar(number(121666), inverse);
    X25519Field.mul(inverse, number(121665), D);
    X25519Field.negate(D, D);
    X25519Field.carry(D);
    X25519Field.invVar(number(2), HALF);
  }

  private final int[] x;
  private final int[] y;
  private final int[] z;
  private final int[] u;
  private final int[] v;

  private CurvePoint(int[] x, int[] y, int[] z, int[] u, int[] v) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.u = u;
    this.v = v;
  }

  /** (0, 1). */
  static CurvePoint neutral() {
    return new CurvePoint(
        X25519Field.create(), number(1), number(1), X25519Field.create(), number(1));
  }

  /** The point whose multiples are all of the large subgroup. RFC 8032 §5.1. */
  static CurvePoint base() {
    var y = X25519Field.create();
    X25519Field.invVar(number(5), y);
    X25519Field.mul(y, number(4), y);
    return at(y, false).orElseThrow(IllegalStateException::new);
  }

  /**
   * A point; empty if no point has this second coordinate. The octets may be 19 odd encodings of
   * points that have another one, and two of a point with the first coordinate 0.
   *
   * @param octets {@link #LENGTH}
   */
  static Optional<CurvePoint> decode(byte[] octets) {
    var y = X25519Field.create();
    X25519Field.decode255(octets, y);
    return at(y, octets[LENGTH - 1] < 0);
  }

  private static Optional<CurvePoint> at(int[] y, boolean odd) {
    // x² = (y² − 1) / (d y² + 1)
    var numerator = X25519Field.create();
    var denominator = X25519Field.create();
    var x = X25519Field.create();
    X25519Field.sqr(y, numerator);
    X25519Field.mul(numerator, D, denominator);
    X25519Field.subOne(numerator);
    X25519Field.addOne(denominator);
    if (!X25519Field.sqrtRatioVar(numerator, denominator, x)) {
      return Optional.empty();
    }
    X25519Field.normalize(x);
    if (isOdd(x) != odd) {
      X25519Field.negate(x, x);
      X25519Field.normalize(x);
    }
    return Optional.of(new CurvePoint(x, y, number(1), x.clone(), y.clone()));
  }

  /** Its octets, the one encoding that RFC 8032 §5.1.2 gives it. */
  byte[] encode() {
    var inverse = X25519Field.create();
    var first = X25519Field.create();
    var second = X25519Field.create();
    X25519Field.invVar(z, inverse);
    X25519Field.mul(x, inverse, first);
    X25519Field.mul(y, inverse, second);
    X25519Field.normalize(first);
    X25519Field.normalize(second);
    var octets = new byte[LENGTH];
    X25519Field.encode(second, octets);
    if (isOdd(first)) {
      octets[LENGTH - 1] |= (byte) 0x80;
    }
    return octets;
  }

  CurvePoint copy() {
    return new CurvePoint(x.clone(), y.clone(), z.clone(), u.clone(), v.clone());
  }

  /** Makes it its opposite: (−x, y). */
  void negate() {
    X25519Field.negate(x, x);
    X25519Field.carry(x);
    X25519Field.negate(u, u);
    X25519Field.carry(u);
  }

  /** Makes it twice itself. */
  void twice() {
    var squareOfSum = X25519Field.create();
    X25519Field.add(x, y, squareOfSum);
    X25519Field.sqr(squareOfSum, squareOfSum);
    X25519Field.sqr(x, x);
    X25519Field.sqr(y, y);
    X25519Field.sqr(z, z);
    X25519Field.add(z, z, z);
    // H = X² + Y², G = X² − Y², E = H − (X + Y)², F = 2 Z² + G
    X25519Field.apm(x, y, v, y);
    X25519Field.sub(v, squareOfSum, u);
    X25519Field.carry(u);
    X25519Field.add(z, y, x);
    X25519Field.carry(x);
    X25519Field.mul(x, y, z);
    X25519Field.mul(y, v, y);
    X25519Field.mul(x, u, x);
  }

  /** Adds a point of a table. */
  void add(Table table, int index, Room room) {
    table.read(index, room);
    X25519Field.apm(y, x, room.sum, room.difference);
    X25519Field.mul(room.difference, room.tableDifference, room.difference);
    X25519Field.mul(room.sum, room.tableSum, room.sum);
    X25519Field.mul(u, v, u);
    X25519Field.mul(u, room.tableProduct, room.product);
    // H = B + A, E = B − A, G = Z + C, F = Z − C, all of them halves
    X25519Field.apm(room.sum, room.difference, v, u);
    X25519Field.apm(z, room.product, y, x);
    X25519Field.mul(x, y, z);
    X25519Field.mul(x, u, x);
    X25519Field.mul(y, v, y);
  }

  /** Whether eight times it is the neutral point. */
  boolean isSmallOrder() {
    var eightTimes = copy();
    for (int i = 0; i < 3; i++) {
      eightTimes.twice();
    }
    return X25519Field.isZeroVar(normalized(eightTimes.x))
        && Arrays.equals(normalized(eightTimes.y), normalized(eightTimes.z));
  }

  private static int[] normalized(int[] number) {
    X25519Field.normalize(number);
    return number;
  }

  private static boolean isOdd(int[] normalized) {
    return (normalized[0] & 1) != 0;
  }

  private static int[] number(int small) {
    var number = X25519Field.create();
    X25519Field.one(number);
    X25519Field.mul(number, small, number);
    return number;
  }

  /** What one addition needs, made once for many. */
  static final class Room {
    private final int[] sum = X25519Field.create();
    private final int[] difference = X25519Field.create();
    private final int[] product = X25519Field.create();
    private final int[] tableSum = X25519Field.create();
    private final int[] tableDifference = X25519Field.create();
    private final int[] tableProduct = X25519Field.create();
  }

  /** Points with Z = 1 that are added to others: (y + x)/2, (y − x)/2 and dxy of each. */
  static final class Table {
    private static final int NUMBERS = 3;

    private final int[] numbers;

    /** None of the points has Z = 0, since no point of the curve has. */
    Table(List<CurvePoint> points) {
      numbers = X25519Field.createTable(NUMBERS * points.size());
      // One inversion for all: that of the product of all Z, from which each one's is taken.
      var before = X25519Field.createTable(points.size());
      var product = number(1);
      for (int i = 0; i < points.size(); i++) {
        X25519Field.copy(product, 0, before, i * X25519Field.SIZE);
        X25519Field.mul(product, points.get(i).z, product);
      }
      var inverse = X25519Field.create();
      var own = X25519Field.create();
      X25519Field.invVar(product, inverse);
      for (int i = points.size() - 1; i >= 0; i--) {
        X25519Field.copy(before, i * X25519Field.SIZE, own, 0);
        X25519Field.mul(own, inverse, own);
        X25519Field.mul(inverse, points.get(i).z, inverse);
        write(i, points.get(i), own);
      }
    }

    private void write(int index, CurvePoint point, int[] inverse) {
      var x = X25519Field.create();
      var y = X25519Field.create();
      X25519Field.mul(point.x, inverse, x);
      X25519Field.mul(point.y, inverse, y);
      var sum = X25519Field.create();
      var difference = X25519Field.create();
      X25519Field.apm(y, x, sum, difference);
      X25519Field.mul(sum, HALF, sum);
      X25519Field.mul(difference, HALF, difference);
      X25519Field.mul(x, y, x);
      X25519Field.mul(x, D, x);
      int at = NUMBERS * index * X25519Field.SIZE;
      X25519Field.copy(sum, 0, numbers, at);
      X25519Field.copy(difference, 0, numbers, at + X25519Field.SIZE);
      X25519Field.copy(x, 0, numbers, at + 2 * X25519Field.SIZE);
    }

    private void read(int index, Room room) {
      int at = NUMBERS * index * X25519Field.SIZE;
      X25519Field.copy(numbers, at, room.tableSum, 0);
      X25519Field.copy(numbers, at + X25519Field.SIZE, room.tableDifference, 0);
      X25519Field.copy(numbers, at + 2 * X25519Field.SIZE, room.tableProduct, 0);
    }
  }
}

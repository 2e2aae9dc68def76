package io.postern.mls.crypto;

import java.util.ArrayList;
import java.util.List;

/**
 * One point ready to be multiplied: a number of 256 bits is read as eight rows of 32, in each row
 * several bits name one entry of a table, and between rows there is one doubling (Lim and Lee,
 * "More flexible exponentiation with precomputation", 1994). So a multiplication costs 8 doublings
 * instead of 256, and these are shared by all numbers of a sum.
 *
 * <p>Plain arithmetic on public values, not for secrets. May be used by several threads.
 */
final class Comb {
  /** 64 KB in four blocks, made once. */
  static final Comb BASE = new Comb(CurvePoint.base(), 8);

  private static final int ROWS = 8;
  private static final int OCTETS = CurvePoint.LENGTH;

  private final int teeth;
  private final int blocks;
  private final CurvePoint.Table table;

  /**
   * @param teeth bits that name an entry, a divisor of 32: 4 make a table of 14 KB that is read 64
   *     times for a number, 8 one of 120 KB that is read 32 times
   */
  private Comb(CurvePoint point, int teeth) {
    this.teeth = teeth;
    this.blocks = OCTETS / teeth;
    var powers = powers(point);
    var ofPowers = new CurvePoint.Table(powers);
    var room = new CurvePoint.Room();
    var entries = new ArrayList<CurvePoint>(blocks << teeth);
    for (int block = 0; block < blocks; block++) {
      int first = entries.size();
      entries.add(CurvePoint.neutral());
      for (int index = 1; index < 1 << teeth; index++) {
        int highest = Integer.highestOneBit(index);
        var entry = entries.get(first + index - highest).copy();
        entry.add(ofPowers, block * teeth + Integer.numberOfTrailingZeros(highest), room);
        entries.add(entry);
      }
    }
    this.table = new CurvePoint.Table(entries);
  }

  /** For a point whose multiples are asked for more than once. */
  static Comb of(CurvePoint point) {
    return new Comb(point, 4);
  }

  /** The point times 2⁰, 2⁸, 2¹⁶ … 2²⁴⁸. */
  private static List<CurvePoint> powers(CurvePoint point) {
    var powers = new ArrayList<CurvePoint>(OCTETS);
    var power = point.copy();
    for (int octet = 0; octet < OCTETS; octet++) {
      powers.add(power.copy());
      for (int row = 0; row < ROWS; row++) {
        power.twice();
      }
    }
    return powers;
  }

  /**
   * [m]p + [n]q.
   *
   * @param m 32 octets, the least first
   * @param n 32 octets, the least first
   */
  static CurvePoint sum(Comb p, byte[] m, Comb q, byte[] n) {
    var room = new CurvePoint.Room();
    var sum = CurvePoint.neutral();
    for (int row = ROWS - 1; row >= 0; row--) {
      if (row < ROWS - 1) {
        sum.twice();
      }
      p.addRow(row, m, sum, room);
      q.addRow(row, n, sum, room);
    }
    return sum;
  }

  private void addRow(int row, byte[] number, CurvePoint sum, CurvePoint.Room room) {
    for (int block = 0; block < blocks; block++) {
      int index = 0;
      for (int tooth = 0; tooth < teeth; tooth++) {
        index |= (number[block * teeth + tooth] >> row & 1) << tooth;
      }
      if (index > 0) {
        sum.add(table, (block << teeth) + index, room);
      }
    }
  }
}

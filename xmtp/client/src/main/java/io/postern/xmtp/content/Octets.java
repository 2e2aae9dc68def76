package io.postern.xmtp.content;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Octets that do not change. Copied on the way in and on the way out.
 *
 * <p>Some of them are keys, therefore equality takes the same time wherever two values of one
 * length differ, and {@link #toString} tells the length only.
 */
public final class Octets {
  /** No octets. */
  public static final Octets NONE = new Octets(new byte[0]);

  private final byte[] octets;

  private Octets(byte[] octets) {
    this.octets = octets;
  }

  /** A copy of the given octets. */
  public static Octets of(byte[] octets) {
    return octets.length == 0 ? NONE : new Octets(octets.clone());
  }

  /**
   * The octets that a string of hexadecimal digits, in either case, stands for.
   *
   * @throws IllegalArgumentException if the digits are odd in number or not hexadecimal
   */
  public static Octets ofHex(String hex) {
    return of(HexFormat.of().parseHex(hex));
  }

  /** A copy of these octets. */
  public byte[] toByteArray() {
    return octets.clone();
  }

  /** How many there are. */
  public int length() {
    return octets.length;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return octets.length == 0;
  }

  /** Lower-case hexadecimal digits, two for each octet. */
  public String hex() {
    return HexFormat.of().formatHex(octets);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Octets that && MessageDigest.isEqual(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return "Octets[" + octets.length + "]";
  }
}

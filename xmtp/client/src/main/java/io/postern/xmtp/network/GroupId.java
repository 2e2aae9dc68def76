package io.postern.xmtp.network;

import java.util.Arrays;
import java.util.HexFormat;

/** Names an MLS group on the network: 16 random octets chosen by its creator. Immutable. */
public final class GroupId implements Comparable<GroupId> {
  /** The only length that XMTP clients accept, in octets. */
  public static final int LENGTH = 16;

  private final byte[] octets;

  private GroupId(byte[] octets) {
    this.octets = octets;
  }

  /**
   * @param octets 16 octets, copied
   * @throws IllegalArgumentException at any other length
   */
  public static GroupId of(byte[] octets) {
    if (octets.length != LENGTH) {
      throw new IllegalArgumentException(
          "a group id has " + LENGTH + " octets, this one has " + octets.length);
    }
    return new GroupId(octets.clone());
  }

  /**
   * @param hex 32 hex digits
   * @throws IllegalArgumentException if it is anything else
   */
  public static GroupId parse(String hex) {
    return of(HexFormat.of().parseHex(hex));
  }

  /** A copy of the 16 octets. */
  public byte[] octets() {
    return octets.clone();
  }

  @Override
  public int compareTo(GroupId other) {
    return Arrays.compareUnsigned(octets, other.octets);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GroupId that && Arrays.equals(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  /** 32 lower-case hex digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(octets);
  }
}

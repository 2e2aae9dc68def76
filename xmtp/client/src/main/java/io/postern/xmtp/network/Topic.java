package io.postern.xmtp.network;

import io.postern.xmtp.identity.InstallationId;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What a client reads from the network: one kind octet and an identifier. The V3 service names
 * group and installation directly; the kind-prefixed form is what the decentralised network uses,
 * and what cursors are stored under from the first day.
 */
public final class Topic {
  /** The kind octet of a topic. */
  public enum Kind {
    GROUP_MESSAGES(0),
    WELCOMES(1),
    IDENTITY_UPDATES(2),
    KEY_PACKAGES(3);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }

    /** The octet by itself, for queries that put topics together. */
    public byte[] prefix() {
      return new byte[] {code};
    }
  }

  private final byte[] octets;

  private Topic(byte[] octets) {
    this.octets = octets;
  }

  private Topic(Kind kind, byte[] identifier) {
    octets = new byte[1 + identifier.length];
    octets[0] = kind.code;
    System.arraycopy(identifier, 0, octets, 1, identifier.length);
  }

  /**
   * @param octets kind octet and identifier, as {@link #octets} gives them
   * @throws IllegalArgumentException if they begin with no kind
   */
  public static Topic read(byte[] octets) {
    if (octets.length == 0 || octets[0] < 0 || octets[0] >= Kind.values().length) {
      throw new IllegalArgumentException("octets that are no topic");
    }
    return new Topic(octets.clone());
  }

  /** The messages of one group. */
  public static Topic of(GroupId group) {
    return new Topic(Kind.GROUP_MESSAGES, group.octets());
  }

  /** The welcomes for one installation. */
  public static Topic welcomes(InstallationId installation) {
    return new Topic(Kind.WELCOMES, installation.octets());
  }

  /** Which of the four kinds this is. */
  public Kind kind() {
    return Kind.values()[octets[0]];
  }

  /** The octets after the kind octet: a group id, or an installation key. */
  public byte[] identifier() {
    return Arrays.copyOfRange(octets, 1, octets.length);
  }

  /** Kind octet and identifier. */
  public byte[] octets() {
    return octets.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Topic that && Arrays.equals(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(octets);
  }
}

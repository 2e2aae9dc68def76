package io.postern.mail.auth;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Addresses whose first bits are given. RFC 7208 §5.6; addresses are octets, so that 4 octets are
 * never compared with 16.
 */
public final class IpNetwork {
  private static final int GROUPS = 8;
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final Pattern GROUP = Pattern.compile("[0-9A-Fa-f]{1,4}");

  private final byte[] address;
  private final int bits;

  IpNetwork(byte[] address, int bits) {
    if (bits < 0 || bits > address.length * 8) {
      throw new IllegalArgumentException("a prefix of " + bits + " bits");
    }
    this.address = address.clone();
    this.bits = bits;
  }

  /**
   * Reads a network as people write it: {@code 10.0.0.0/8}, {@code fd00::/8}, or one address. Empty
   * if the text is none, or the address has bits beyond the prefix.
   */
  public static Optional<IpNetwork> parse(String text) {
    int slash = text.indexOf('/');
    var octets = parseOctets(slash < 0 ? text : text.substring(0, slash));
    var prefix = slash < 0 ? "" : text.substring(slash + 1);
    if (octets.isEmpty() || slash >= 0 && !NUMBER.matcher(prefix).matches()) {
      return Optional.empty();
    }
    int bits = slash < 0 ? octets.get().length * 8 : Integer.parseInt(prefix);
    if (bits > octets.get().length * 8) {
      return Optional.empty();
    }
    var network = new IpNetwork(octets.get(), bits);
    return network.hasBitsBeyond() ? Optional.empty() : Optional.of(network);
  }

  /** Reads one address, of IPv4 or IPv6; a name is none, and nothing is looked up. */
  public static Optional<InetAddress> parseAddress(String text) {
    return parseOctets(text).map(IpNetwork::address);
  }

  private static Optional<byte[]> parseOctets(String text) {
    return text.indexOf(':') < 0 ? parse4(text) : parse6(text);
  }

  /** Whether an address is of this network; an IPv4-mapped IPv6 address is the IPv4 one. */
  public boolean contains(InetAddress other) {
    return contains(octets(other));
  }

  private boolean hasBitsBeyond() {
    for (int i = bits; i < address.length * 8; i++) {
      if ((address[i / 8] & 0x80 >> (i % 8)) != 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IpNetwork network
        && bits == network.bits
        && Arrays.equals(address, network.address);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(address) + bits;
  }

  /** Address and prefix. */
  @Override
  public String toString() {
    return print(address) + "/" + bits;
  }

  boolean contains(byte[] other) {
    if (other.length != address.length) {
      return false;
    }
    for (int i = 0; i < bits; i++) {
      int mask = 0x80 >> (i % 8);
      if ((address[i / 8] & mask) != (other[i / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  /** The octets of an address; an IPv4-mapped IPv6 address is the IPv4 one (RFC 7208 §5). */
  static byte[] octets(InetAddress address) {
    var octets = address.getAddress();
    boolean mapped = octets.length == 16 && octets[10] == -1 && octets[11] == -1;
    for (int i = 0; mapped && i < 10; i++) {
      mapped = octets[i] == 0;
    }
    return mapped ? Arrays.copyOfRange(octets, 12, 16) : octets;
  }

  /** The address that the octets are: 4 or 16. */
  static InetAddress address(byte[] octets) {
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException wrongLength) {
      throw new IllegalArgumentException(wrongLength);
    }
  }

  /** RFC 7208 §5.6, {@code ip4-network}: four numbers of 0 to 255 without leading zeros. */
  static Optional<byte[]> parse4(String text) {
    var parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    var octets = new byte[4];
    for (int i = 0; i < 4; i++) {
      if (!NUMBER.matcher(parts[i]).matches() || Integer.parseInt(parts[i]) > 255) {
        return Optional.empty();
      }
      octets[i] = (byte) Integer.parseInt(parts[i]);
    }
    return Optional.of(octets);
  }

  /** RFC 4291 §2.2, all three forms. */
  static Optional<byte[]> parse6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      return groups(text, true).filter(octets -> octets.length == 16);
    }
    var head = groups(text.substring(0, gap), false);
    var tail = groups(text.substring(gap + 2), true);
    if (head.isEmpty() || tail.isEmpty() || head.get().length + tail.get().length > 14) {
      return Optional.empty();
    }
    var octets = Arrays.copyOf(head.get(), 16);
    System.arraycopy(tail.get(), 0, octets, 16 - tail.get().length, tail.get().length);
    return Optional.of(octets);
  }

  /** Dotted for IPv4; for IPv6 as RFC 5952 §4 wants it. */
  static String print(byte[] address) {
    if (address.length == 4) {
      return dotted(address);
    }
    int start = -1;
    int length = 1;
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && group(address, end) == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    var out = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == start) {
        out.append("::");
        i += length - 1;
      } else {
        out.append(out.length() == 0 || out.charAt(out.length() - 1) == ':' ? "" : ":")
            .append(Integer.toHexString(group(address, i)));
      }
    }
    return out.toString();
  }

  /** RFC 7208 §7.3, macro {@code i}: dotted octets, or the 32 hexadecimal digits with dots. */
  static String dotted(byte[] address) {
    var out = new StringBuilder();
    for (byte octet : address) {
      var text =
          address.length == 4
              ? Integer.toString(octet & 0xff)
              : String.format(Locale.ROOT, "%X.%X", (octet >> 4) & 0xf, octet & 0xf);
      out.append(out.length() == 0 ? "" : ".").append(text);
    }
    return out.toString();
  }

  private static int group(byte[] address, int i) {
    return (address[2 * i] & 0xff) << 8 | address[2 * i + 1] & 0xff;
  }

  private static Optional<byte[]> groups(String text, boolean mayEndDotted) {
    if (text.isEmpty()) {
      return Optional.of(new byte[0]);
    }
    var parts = text.split(":", -1);
    if (parts.length > GROUPS) {
      return Optional.empty();
    }
    var octets = new byte[2 * GROUPS + 4];
    int length = 0;
    for (int i = 0; i < parts.length; i++) {
      if (mayEndDotted && i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
        var dotted = parse4(parts[i]);
        if (dotted.isEmpty()) {
          return Optional.empty();
        }
        System.arraycopy(dotted.get(), 0, octets, length, 4);
        length += 4;
      } else if (GROUP.matcher(parts[i]).matches()) {
        int value = Integer.parseInt(parts[i], 16);
        octets[length++] = (byte) (value >> 8);
        octets[length++] = (byte) value;
      } else {
        return Optional.empty();
      }
    }
    return length > 16 ? Optional.empty() : Optional.of(Arrays.copyOf(octets, length));
  }
}

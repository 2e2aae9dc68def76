package io.postern.out;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import org.xbill.DNS.Address;

/**
 * Whether an address that a stranger has named may be connected to: only what is reachable for all
 * the Internet, never our own networks or machine. By the special-purpose address registries of
 * IANA (RFC 6890).
 */
public final class PublicAddress {
  private static final List<Block> SPECIAL_V4 =
      blocks(
          "0.0.0.0/8", // "this network", RFC 791
          "10.0.0.0/8", // private, RFC 1918
          "100.64.0.0/10", // shared by carrier-grade NAT, RFC 6598
          "127.0.0.0/8", // loopback, RFC 1122
          "169.254.0.0/16", // link-local, RFC 3927; cloud metadata services
          "172.16.0.0/12", // private, RFC 1918
          "192.0.0.0/24", // IETF protocol assignments, RFC 6890
          "192.0.2.0/24", // documentation, RFC 5737
          "192.88.99.0/24", // 6to4 relays, RFC 7526
          "192.168.0.0/16", // private, RFC 1918
          "198.18.0.0/15", // benchmarking, RFC 2544
          "198.51.100.0/24", // documentation, RFC 5737
          "203.0.113.0/24", // documentation, RFC 5737
          "224.0.0.0/4", // multicast, RFC 5771
          "240.0.0.0/4"); // reserved and broadcast, RFC 1112

  // All of IPv6 that IANA has not given out as global unicast is special.
  private static final Block GLOBAL_V6 = Block.of("2000::/3");

  private static final List<Block> SPECIAL_V6 =
      blocks(
          "2001::/23", // IETF protocol assignments with Teredo and ORCHID, RFC 2928
          "2001:db8::/32", // documentation, RFC 3849
          "2002::/16", // 6to4, which hides an IPv4 address, RFC 3056
          "3fff::/20"); // documentation, RFC 9637

  private static final Block MAPPED_V4 = Block.of("::ffff:0:0/96"); // RFC 4291 §2.5.5.2
  private static final Block NAT64 = Block.of("64:ff9b::/96"); // RFC 6052 §2.1

  private PublicAddress() {}

  /** Whether strangers may make us connect there. */
  public static boolean isPublic(InetAddress address) {
    return isPublic(address.getAddress());
  }

  /** Whether it is one of this machine's. */
  static boolean isOurs(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException unknown) {
      throw new IllegalStateException("this machine does not know its own addresses", unknown);
    }
  }

  /**
   * @param octets 4 or 16
   */
  static boolean isPublic(byte[] octets) {
    if (octets.length == 4) {
      return SPECIAL_V4.stream().noneMatch(block -> block.holds(octets));
    }
    if (MAPPED_V4.holds(octets) || NAT64.holds(octets)) {
      return isPublic(Arrays.copyOfRange(octets, 12, 16));
    }
    return GLOBAL_V6.holds(octets) && SPECIAL_V6.stream().noneMatch(block -> block.holds(octets));
  }

  private static List<Block> blocks(String... prefixes) {
    return Arrays.stream(prefixes).map(Block::of).toList();
  }

  /** All addresses that begin with the same bits. */
  private record Block(byte[] prefix, int bits) {
    static Block of(String text) {
      int slash = text.indexOf('/');
      return new Block(
          literal(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    private static byte[] literal(String text) {
      // A literal: no name is looked up. Unlike InetAddress, this leaves ::ffff:0:0 an IPv6
      // address.
      return Address.toByteArray(text, text.contains(":") ? Address.IPv6 : Address.IPv4);
    }

    boolean holds(byte[] octets) {
      if (octets.length != prefix.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if (((octets[bit / 8] ^ prefix[bit / 8]) & mask) != 0) {
          return false;
        }
      }
      return true;
    }
  }
}

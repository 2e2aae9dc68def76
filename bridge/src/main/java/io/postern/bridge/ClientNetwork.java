package io.postern.bridge;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** The network of a client, as far as addresses of one network are likely one sender's. */
final class ClientNetwork {
  private static final int IPV4_BITS = 24;

  private ClientNetwork() {}

  /**
   * The address with all later bits zero, and how many were kept: {@code 192.0.2.0/24}.
   *
   * @param ipv6Bits those of IPv6 that are kept; of IPv4 it is 24
   */
  static String of(InetAddress client, int ipv6Bits) {
    var octets = client.getAddress();
    int bits = octets.length == 4 ? IPV4_BITS : ipv6Bits;
    for (int i = bits / 8; i < octets.length; i++) {
      octets[i] = 0;
    }
    try {
      return InetAddress.getByAddress(octets).getHostAddress() + "/" + bits;
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("as many octets as before", impossible);
    }
  }
}

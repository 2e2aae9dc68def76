package io.postern.out;

import java.net.InetAddress;
import java.util.List;

/**
 * Where a host is.
 *
 * @param addresses of both families, in the order in which to try them
 * @param canonicalName where the aliases of its name lead; its name itself if it is none
 * @param authentic whether DNSSEC vouches for all of this
 */
public record HostAddresses(List<InetAddress> addresses, String canonicalName, boolean authentic) {
  public HostAddresses {
    addresses = List.copyOf(addresses);
  }
}

package io.postern.bridge;

import io.postern.mail.auth.Dns;
import io.postern.mail.auth.DnsException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/** The name of an address by the DNS, believed only if it leads back. RFC 8601 §2.7.3, iprev. */
final class ReverseName {
  /** More names than this are not tried. */
  private static final int MAX_NAMES = 5;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,253}");

  private ReverseName() {}

  /**
   * @param dns bounded in time
   * @return empty if there is none, or the DNS does not say
   */
  static Optional<String> of(InetAddress address, Dns dns) {
    try {
      var names = dns.ptr(address).records();
      for (var name : names.subList(0, Math.min(names.size(), MAX_NAMES))) {
        if (NAME.matcher(name).matches() && leadsTo(address, name, dns)) {
          return Optional.of(name);
        }
      }
      return Optional.empty();
    } catch (DnsException silent) {
      return Optional.empty();
    }
  }

  private static boolean leadsTo(InetAddress address, String name, Dns dns) throws DnsException {
    var found = address.getAddress().length == 4 ? dns.a(name) : dns.aaaa(name);
    return found.records().contains(address);
  }
}

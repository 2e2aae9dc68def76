package io.postern.out;

import io.postern.mail.auth.DnsException;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Decides what TLS a mail host of a domain needs: by DANE where the DNS is signed. May be used by
 * several threads.
 */
final class TlsPolicies {
  private final SecureDns dns;

  TlsPolicies(SecureDns dns) {
    this.dns = dns;
  }

  /**
   * The policy for one host.
   *
   * @param domain of the recipients
   * @param port of the host
   * @throws UndeliveredException 4.7.5 if it cannot be known: the host must not be connected to
   *     then, since whoever keeps an answer from us would else have taken its protection away (RFC
   *     7672 §2.1.3)
   */
  TlsPolicy policy(String domain, MailHost host, HostAddresses where, int port)
      throws UndeliveredException {
    if (!host.authentic() || !where.authentic()) {
      return new TlsPolicy.Opportunistic(); // RFC 7672 §2.2.1, §2.2.2
    }
    for (var base : new LinkedHashSet<>(List.of(where.canonicalName(), host.name()))) {
      var records = records("_" + port + "._tcp." + base, host);
      if (!records.isEmpty()) {
        var usable = usable(records);
        return usable.isEmpty()
            ? new TlsPolicy.Encrypted()
            : new TlsPolicy.Dane(usable, base, List.of(base, host.name(), domain));
      }
    }
    return new TlsPolicy.Opportunistic();
  }

  /** None if there are none, or none that DNSSEC vouches for. */
  private List<Tlsa> records(String name, MailHost host) throws UndeliveredException {
    try {
      var answer = dns.tlsa(name);
      return answer.authentic() ? answer.records() : List.of();
    } catch (DnsException hidden) {
      throw UndeliveredException.deferred(
              "4.7.5",
              "whether " + host.name() + " has to prove itself is unknown: " + hidden.getMessage())
          .because(hidden);
    }
  }

  private static List<Tlsa> usable(List<Tlsa> records) {
    var usable = records.stream().filter(Tlsa::isUsable).toList();
    return usable.stream().filter(one -> usable.stream().noneMatch(one::isOutdoneBy)).toList();
  }
}

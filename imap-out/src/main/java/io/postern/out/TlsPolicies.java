package io.postern.out;

import io.postern.mail.auth.DnsException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides what TLS a mail host of a domain needs: by DANE where the host's DNS is signed and has
 * something to say, else by the domain's MTA-STS policy. RFC 8461 §2: that one never overrides
 * DANE. May be used by several threads.
 */
final class TlsPolicies {
  private final SecureDns dns;
  private final Function<String, Optional<StsPolicy>> policies;

  /**
   * @param policies the MTA-STS policy of a domain, if it has one
   */
  TlsPolicies(SecureDns dns, Function<String, Optional<StsPolicy>> policies) {
    this.dns = dns;
    this.policies = policies;
  }

  /**
   * The policy for one host.
   *
   * @param domain of the recipients
   * @param port of the host
   * @throws UndeliveredException 4.7.5 if it cannot be known: the host must not be connected to
   *     then, since whoever keeps an answer from us would else have taken its protection away (RFC
   *     7672 §2.1.3); 4.7.1 if the domain's policy does not know the host
   */
  TlsPolicy policy(String domain, MailHost host, HostAddresses where, int port)
      throws UndeliveredException {
    var dane = dane(domain, host, where, port);
    if (dane.isPresent() && dane.get() instanceof TlsPolicy.Dane) {
      return dane.get();
    }
    var sts = policies.apply(domain).filter(p -> p.mode() == StsPolicy.Mode.ENFORCE);
    if (sts.isEmpty()) {
      return dane.orElseGet(TlsPolicy.Opportunistic::new);
    }
    if (!sts.get().names(host.name())) {
      throw UndeliveredException.deferred(
          "4.7.1",
          "mail host "
              + host.name()
              + " is none of those that the MTA-STS policy of "
              + domain
              + " names");
    }
    return new TlsPolicy.Authorities();
  }

  private Optional<TlsPolicy> dane(String domain, MailHost host, HostAddresses where, int port)
      throws UndeliveredException {
    if (!host.authentic() || !where.authentic()) {
      return Optional.empty(); // RFC 7672 §2.2.1, §2.2.2
    }
    for (var base : new LinkedHashSet<>(List.of(where.canonicalName(), host.name()))) {
      var records = records("_" + port + "._tcp." + base, host);
      if (!records.isEmpty()) {
        var usable = usable(records);
        return Optional.of(
            usable.isEmpty()
                ? new TlsPolicy.Encrypted()
                : new TlsPolicy.Dane(usable, base, List.of(base, host.name(), domain)));
      }
    }
    return Optional.empty();
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

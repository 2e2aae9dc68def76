package io.postern.mail.auth;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds policy records from a domain upwards, and with them organizational domains. RFC 9989 §4.10.
 * For one mail: no name is asked for twice. Used by one thread.
 */
final class TreeWalk {
  /** RFC 9989 §4.10, step 4: after the first question only this many labels are left. */
  private static final int MAX_LABELS = 7;

  /** A record and the domain that publishes it. */
  record Found(String domain, DmarcRecord record) {}

  private final Dns dns;
  private final Map<String, Optional<DmarcRecord>> asked = new HashMap<>();

  TreeWalk(Dns dns) {
    this.dns = dns;
  }

  /** The one record of a domain; several are as good as none. */
  Optional<DmarcRecord> at(String domain) throws DnsException {
    if (!asked.containsKey(domain)) {
      var name = "_dmarc." + domain;
      var texts = DomainName.fits(name) ? dns.txt(name).records() : List.<String>of();
      var records = texts.stream().flatMap(txt -> DmarcRecord.parse(txt).stream()).toList();
      asked.put(
          domain,
          records.size() == 1 ? Optional.of(records.get(0)) : Optional.<DmarcRecord>empty());
    }
    return asked.get(domain);
  }

  /** The longest name first; at most eight questions. */
  List<Found> from(String domain) throws DnsException {
    var found = new ArrayList<Found>();
    var name = domain;
    int labels = DomainName.labels(domain);
    while (labels > 0) {
      var record = at(name);
      if (record.isPresent()) {
        found.add(new Found(name, record.get()));
        if (record.get().suffix() != DmarcRecord.Suffix.UNKNOWN) {
          break;
        }
      }
      labels = Math.min(labels - 1, MAX_LABELS);
      name = DomainName.last(name, labels);
    }
    return found;
  }

  /**
   * RFC 9989 §4.10.2. Where no record is found anywhere, a domain is an organization of its own:
   * nothing but itself can then vouch for it.
   */
  static String organization(String domain, List<Found> found) {
    for (var each : found) {
      if (each.record().suffix() == DmarcRecord.Suffix.NO) {
        return each.domain();
      }
      if (each.record().suffix() == DmarcRecord.Suffix.YES && !each.domain().equals(domain)) {
        return below(each.domain(), domain);
      }
    }
    if (found.isEmpty()) {
      return domain;
    }
    var shortest = found.get(found.size() - 1).domain();
    // Stricter than the RFC: a record at a top-level domain that forgets psd=y would make all that
    // stands below it one organization, whose members could write in each other's name.
    return DomainName.labels(shortest) == 1 ? below(shortest, domain) : shortest;
  }

  private static String below(String suffix, String domain) {
    return DomainName.last(domain, DomainName.labels(suffix) + 1);
  }
}

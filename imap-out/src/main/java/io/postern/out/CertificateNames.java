package io.postern.out;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/**
 * The host names that a certificate bears. RFC 6125 §6.4: those of subjectAltName, and if there are
 * none the common name. A wildcard is the whole first label and stands for one label.
 */
record CertificateNames(List<String> names) {
  private static final int DNS_NAME = 2;

  CertificateNames {
    names = List.copyOf(names);
  }

  /** None if the certificate cannot be read. */
  static CertificateNames of(X509Certificate certificate) {
    try {
      var alternative = certificate.getSubjectAlternativeNames();
      Collection<List<?>> entries = alternative == null ? List.of() : alternative;
      var hosts =
          entries.stream()
              .filter(entry -> entry.get(0).equals(DNS_NAME))
              .map(entry -> (String) entry.get(1))
              .toList();
      return new CertificateNames(hosts.isEmpty() ? commonNames(certificate) : hosts);
    } catch (CertificateParsingException | InvalidNameException unreadable) {
      return new CertificateNames(List.of());
    }
  }

  private static List<String> commonNames(X509Certificate certificate) throws InvalidNameException {
    return new LdapName(certificate.getSubjectX500Principal().getName())
        .getRdns().stream()
            .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
            .filter(rdn -> rdn.getValue() instanceof String)
            .map(rdn -> (String) rdn.getValue())
            .toList();
  }

  /** Whether one of the hosts is meant. */
  boolean haveOneOf(List<String> hosts) {
    return hosts.stream().anyMatch(host -> names.stream().anyMatch(name -> covers(name, host)));
  }

  /** Whether a name, which may begin with {@code *.}, means this host. */
  static boolean covers(String name, String host) {
    var pattern = name.toLowerCase(Locale.ROOT);
    var meant = host.toLowerCase(Locale.ROOT);
    if (!pattern.startsWith("*.")) {
      return pattern.equals(meant);
    }
    int firstDot = meant.indexOf('.');
    return firstDot > 0 && pattern.substring(1).equals(meant.substring(firstDot));
  }
}

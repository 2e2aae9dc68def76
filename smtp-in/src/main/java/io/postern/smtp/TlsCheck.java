package io.postern.smtp;

import java.io.IOException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;

/** Looks at the TLS files as clients will, before any does. */
public final class TlsCheck {
  /** RFC 5280 §4.2.1.6, {@code dNSName}. */
  private static final int DNS_NAME = 2;

  private final SmtpSettings.TlsFiles files;
  private final X509Certificate certificate;

  private TlsCheck(SmtpSettings.TlsFiles files, X509Certificate certificate) {
    this.files = files;
    this.certificate = certificate;
  }

  /**
   * @throws IOException if a file cannot be read, or key and certificate do not belong together
   */
  public static TlsCheck of(SmtpSettings.TlsFiles files) throws IOException {
    TlsIdentity.read(files);
    return new TlsCheck(files, TlsIdentity.certificate(files));
  }

  /**
   * @throws IOException if the certificate is not valid at that time
   */
  public void requireValidAt(Instant now) throws IOException {
    try {
      certificate.checkValidity(Date.from(now));
    } catch (CertificateExpiredException expired) {
      throw new IOException(
          files.certificate()
              + ": has expired on "
              + certificate.getNotAfter().toInstant()
              + "; renew it",
          expired);
    } catch (CertificateNotYetValidException early) {
      throw new IOException(
          files.certificate()
              + ": begins on "
              + certificate.getNotBefore().toInstant()
              + "; is the clock right?",
          early);
    }
  }

  /**
   * That a mail program which connects to this name takes the certificate. RFC 8314 §3, RFC 6125
   * §6.4.
   *
   * @throws IOException if it names others only
   */
  public void requireName(String hostname) throws IOException {
    var names = names();
    if (names.stream().noneMatch(name -> matches(name, hostname))) {
      throw new IOException(
          files.certificate()
              + ": names "
              + (names.isEmpty() ? "no host" : String.join(", ", names))
              + ", not "
              + hostname
              + "; get one that does, or write its name at smtp.hostname");
    }
  }

  private static boolean matches(String name, String hostname) {
    return name.equalsIgnoreCase(hostname)
        || name.startsWith("*.")
            && hostname.indexOf('.') > 0
            && name.substring(1).equalsIgnoreCase(hostname.substring(hostname.indexOf('.')));
  }

  private List<String> names() throws IOException {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream()
              .filter(name -> name.get(0).equals(DNS_NAME))
              .map(name -> (String) name.get(1))
              .toList();
    } catch (CertificateParsingException malformed) {
      throw new IOException(
          files.certificate() + ": its names cannot be read: " + malformed.getMessage(), malformed);
    }
  }
}

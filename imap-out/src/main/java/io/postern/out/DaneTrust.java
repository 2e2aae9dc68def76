package io.postern.out;

import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Believes the certificates that TLSA records name. RFC 7671 §5, RFC 7672 §3.
 *
 * <p>A server's own certificate (DANE-EE) counts whatever names and times it bears. Below an
 * authority (DANE-TA) the whole path must be valid and one of the names must stand in the
 * certificate.
 */
// Extended: a plain X509TrustManager would get the runtime's name checks on top.
final class DaneTrust extends X509ExtendedTrustManager {
  private final List<Tlsa> records;
  private final List<String> names;

  /**
   * @param records usable ones
   * @param names one of them must be borne below an authority
   */
  DaneTrust(List<Tlsa> records, List<String> names) {
    this.records = List.copyOf(records);
    this.names = List.copyOf(names);
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0) {
      throw new CertificateException("no certificate");
    }
    if (records.stream().anyMatch(r -> r.usage() == Tlsa.DANE_EE && r.matches(chain[0]))) {
      return;
    }
    var anchors = anchors(chain);
    if (anchors.isEmpty()) {
      throw new CertificateException(
          "the certificate is none of those that its TLSA records name (DANE)");
    }
    requirePath(chain, anchors);
    if (!CertificateNames.of(chain[0]).haveOneOf(names)) {
      throw new CertificateException(
          "the certificate bears none of the names " + String.join(", ", names) + " (DANE)");
    }
  }

  /** The authorities that the records name: those of the chain, and those that stand in full. */
  private Set<TrustAnchor> anchors(X509Certificate[] chain) {
    var anchors = new HashSet<TrustAnchor>();
    for (var record : records) {
      if (record.usage() == Tlsa.DANE_TA) {
        Arrays.stream(chain)
            .skip(1)
            .filter(record::matches)
            .forEach(authority -> anchors.add(new TrustAnchor(authority, null)));
        if (record.matchingType() == Tlsa.FULL) {
          inFull(record, chain[chain.length - 1]).ifPresent(anchors::add);
        }
      }
    }
    return anchors;
  }

  /** RFC 7671 §5.2.2, §5.2.3: the server need not send such an authority. */
  private static Optional<TrustAnchor> inFull(Tlsa record, X509Certificate last) {
    try {
      if (record.selector() == Tlsa.CERTIFICATE) {
        var factory = CertificateFactory.getInstance("X.509");
        var octets = new ByteArrayInputStream(record.association());
        return Optional.of(
            new TrustAnchor((X509Certificate) factory.generateCertificate(octets), null));
      }
      var key =
          KeyFactory.getInstance(last.getSigAlgName().contains("RSA") ? "RSA" : "EC")
              .generatePublic(new X509EncodedKeySpec(record.association()));
      return Optional.of(new TrustAnchor(last.getIssuerX500Principal(), key, null));
    } catch (GeneralSecurityException unreadable) {
      return Optional.empty(); // What cannot be read names nobody.
    }
  }

  private static void requirePath(X509Certificate[] chain, Set<TrustAnchor> anchors)
      throws CertificateException {
    try {
      var server = new X509CertSelector();
      server.setCertificate(chain[0]);
      var parameters = new PKIXBuilderParameters(anchors, server);
      parameters.setRevocationEnabled(false); // The DNS can take a record back at any time.
      parameters.addCertStore(
          CertStore.getInstance(
              "Collection", new CollectionCertStoreParameters(Arrays.asList(chain))));
      CertPathBuilder.getInstance("PKIX").build(parameters);
    } catch (GeneralSecurityException invalid) {
      throw new CertificateException(
          "no valid path to an authority of its TLSA records (DANE): " + invalid.getMessage(),
          invalid);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw noClients();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw noClients();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw noClients();
  }

  private static CertificateException noClients() {
    return new CertificateException("this side connects and is not connected to");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}

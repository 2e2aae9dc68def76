package io.postern.out;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority that signs certificates of servers, good and bad ones. */
final class TestAuthority {
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** A server's key with its certificates, its own first. */
  record Identity(KeyPair keys, X509Certificate... chain) {
    X509Certificate own() {
      return chain[0];
    }

    /** Serves with it. */
    SSLContext server() {
      try {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", keys.getPrivate(), PASSWORD, chain);
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, PASSWORD);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
      } catch (GeneralSecurityException | IOException broken) {
        throw new IllegalStateException(broken);
      }
    }
  }

  private final X500Name name = new X500Name("CN=Authority of the tests");
  private final KeyPair keys = newKeys();
  private final X509Certificate certificate =
      sign(name, keys, Instant.now().plus(Duration.ofDays(1)), true);

  X509Certificate certificate() {
    return certificate;
  }

  /** Believes this authority alone. */
  SSLContext client() {
    try {
      var anchors = KeyStore.getInstance("PKCS12");
      anchors.load(null, null);
      anchors.setCertificateEntry("authority", certificate);
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(anchors);
      var context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** A server of these names, which sends the authority's certificate along. */
  Identity server(String... names) {
    return server(Instant.now().plus(Duration.ofDays(1)), names);
  }

  /** The same until an instant. */
  Identity server(Instant until, String... names) {
    var serverKeys = newKeys();
    var subject = new X500Name("CN=" + names[0]);
    return new Identity(serverKeys, sign(subject, serverKeys, until, false, names), certificate);
  }

  /** What TLSA record names this certificate. */
  static Tlsa tlsa(int usage, int selector, int matchingType, X509Certificate of) {
    try {
      var octets = selector == 0 ? of.getEncoded() : of.getPublicKey().getEncoded();
      return new Tlsa(
          usage,
          selector,
          matchingType,
          switch (matchingType) {
            case 1 -> MessageDigest.getInstance("SHA-256").digest(octets);
            case 2 -> MessageDigest.getInstance("SHA-512").digest(octets);
            default -> octets;
          });
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static KeyPair newKeys() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private X509Certificate sign(
      X500Name subject, KeyPair of, Instant until, boolean isAuthority, String... names) {
    try {
      var builder =
          new JcaX509v3CertificateBuilder(
              name,
              new BigInteger(64, new SecureRandom()),
              Date.from(until.minus(Duration.ofDays(10))),
              Date.from(until),
              subject,
              of.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
      if (names.length > 0) {
        var hosts =
            Arrays.stream(names)
                .map(host -> new GeneralName(GeneralName.dNSName, host))
                .toArray(GeneralName[]::new);
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(hosts));
      }
      var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException broken) {
      throw new IllegalStateException(broken);
    }
  }
}

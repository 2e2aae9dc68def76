package io.postern.interop;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority of one's own, such as a company has, and what it has signed. */
public final class TestAuthority {
  /** Of {@link #trustStore()}. */
  public static final String STORE_PASSWORD = "changeit";

  private static final Duration VALID = Duration.ofHours(1);

  private final Path folder;
  private final X500Name name;
  private final KeyPair keys;
  private final X509Certificate certificate;
  private int servers;

  private TestAuthority(Path folder, X500Name name, KeyPair keys, X509Certificate certificate) {
    this.folder = folder;
    this.name = name;
    this.keys = keys;
    this.certificate = certificate;
  }

  /**
   * @param folder where its files go
   */
  public static TestAuthority in(Path folder, String name)
      throws GeneralSecurityException, IOException {
    Files.createDirectories(folder);
    var subject = new X500Name("CN=" + name);
    var keys = newKeys();
    var builder = builder(subject, subject, keys);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    return new TestAuthority(folder, subject, keys, sign(builder, keys));
  }

  /** New certificate and key of a server on this machine. */
  public ServerTls forLocalhost() throws GeneralSecurityException, IOException {
    // GnuTLS does not read elliptic keys as Java writes them.
    var serverKeys = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    var builder = builder(name, new X500Name("CN=localhost"), serverKeys);
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.dNSName, "localhost"),
              new GeneralName(GeneralName.iPAddress, "127.0.0.1")
            }));
    var file = "server" + ++servers;
    return new ServerTls(
        pem(file + ".pem", sign(builder, keys)),
        pem(file + ".key", new JcaPKCS8Generator(serverKeys.getPrivate(), null)));
  }

  /** The authority's certificate as PEM. */
  public Path certificate() throws IOException {
    return pem("authority.pem", certificate);
  }

  /** The same as a trust store of Java, its password {@link #STORE_PASSWORD}. */
  public Path trustStore() throws GeneralSecurityException, IOException {
    var file = folder.resolve("trust.p12");
    try (var out = Files.newOutputStream(file)) {
      trusted().store(out, STORE_PASSWORD.toCharArray());
    }
    return file;
  }

  /** For clients that believe this authority and no other. */
  public SSLContext trusting() throws GeneralSecurityException, IOException {
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted());
    var context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private KeyStore trusted() throws GeneralSecurityException, IOException {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("authority", certificate);
    return store;
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  private static X509v3CertificateBuilder builder(X500Name issuer, X500Name subject, KeyPair of) {
    var now = Instant.now();
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(64, new SecureRandom()),
        Date.from(now.minus(VALID)),
        Date.from(now.plus(VALID)),
        subject,
        of.getPublic());
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair with)
      throws GeneralSecurityException {
    try {
      var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(with.getPrivate());
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (OperatorCreationException unsupported) {
      throw new GeneralSecurityException(unsupported);
    }
  }

  private Path pem(String file, Object object) throws IOException {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return Files.writeString(folder.resolve(file), text.toString());
  }
}

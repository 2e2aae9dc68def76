package io.postern.bridge;

import io.postern.node.NodeSettings;
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
final class TestAuthority {
  static final String STORE_PASSWORD = "changeit";

  private static final Duration VALID = Duration.ofHours(1);

  private final Path folder;
  private final X500Name name;
  private final KeyPair keys;
  private final X509Certificate certificate;

  private TestAuthority(Path folder, X500Name name, KeyPair keys, X509Certificate certificate) {
    this.folder = folder;
    this.name = name;
    this.keys = keys;
    this.certificate = certificate;
  }

  /**
   * @param folder where its files go
   */
  static TestAuthority in(Path folder, String name)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    Files.createDirectories(folder);
    var subject = new X500Name("CN=" + name);
    var keys = newKeys();
    var builder = builder(subject, subject, keys);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    return new TestAuthority(folder, subject, keys, sign(builder, keys));
  }

  /** Certificate and key of a server on this machine. */
  NodeSettings.Tls forLocalhost()
      throws GeneralSecurityException, OperatorCreationException, IOException {
    var serverKeys = newKeys();
    var builder = builder(name, new X500Name("CN=localhost"), serverKeys);
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.dNSName, "localhost"),
              new GeneralName(GeneralName.iPAddress, "127.0.0.1")
            }));
    return new NodeSettings.Tls(
        pem("server.pem", sign(builder, keys)),
        pem("server.key", new JcaPKCS8Generator(serverKeys.getPrivate(), null)));
  }

  /** The authority's certificate as PEM. */
  Path certificate() throws IOException {
    return pem("authority.pem", certificate);
  }

  /** The same as a trust store of Java, its password {@link #STORE_PASSWORD}. */
  Path trustStore() throws GeneralSecurityException, IOException {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("authority", certificate);
    var file = folder.resolve("trust.p12");
    try (var out = Files.newOutputStream(file)) {
      store.store(out, STORE_PASSWORD.toCharArray());
    }
    return file;
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
      throws GeneralSecurityException, OperatorCreationException {
    var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(with.getPrivate());
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
  }

  private Path pem(String file, Object object) throws IOException {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return Files.writeString(folder.resolve(file), text.toString());
  }
}

package io.postern.bridge;

import io.postern.smtp.SmtpSettings;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate of {@code localhost} and the loopback addresses, made anew for each test. */
final class SelfMadeTls {
  private static final char[] PASSWORD = "test".toCharArray();

  private final SSLContext context;
  private final X509Certificate certificate;
  private final PrivateKey key;

  private SelfMadeTls(SSLContext context, X509Certificate certificate, PrivateKey key) {
    this.context = context;
    this.certificate = certificate;
    this.key = key;
  }

  static SelfMadeTls make()
      throws GeneralSecurityException, IOException, OperatorCreationException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    var pair = generator.generateKeyPair();
    var name = new X500Name("CN=localhost");
    var now = Instant.now();
    var names =
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.dNSName, "localhost"),
              new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
              new GeneralName(GeneralName.iPAddress, "127.0.0.2")
            });
    var holder =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(now.minus(1, ChronoUnit.DAYS)),
                Date.from(now.plus(1, ChronoUnit.DAYS)),
                name,
                pair.getPublic())
            .addExtension(Extension.subjectAlternativeName, false, names)
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
    var certificate = new JcaX509CertificateConverter().getCertificate(holder);
    var keys = KeyStore.getInstance("PKCS12");
    keys.load(null, PASSWORD);
    keys.setKeyEntry("server", pair.getPrivate(), PASSWORD, new X509Certificate[] {certificate});
    keys.setCertificateEntry("trusted", certificate);
    var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD);
    var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(keys);
    var context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
    return new SelfMadeTls(context, certificate, pair.getPrivate());
  }

  /** The same in PEM files, as the configuration names them. */
  SmtpSettings.TlsFiles write(Path folder) throws IOException, GeneralSecurityException {
    return new SmtpSettings.TlsFiles(
        Files.writeString(folder.resolve("tls.pem"), pem("CERTIFICATE", certificate.getEncoded())),
        Files.writeString(folder.resolve("tls.key"), pem("PRIVATE KEY", key.getEncoded())));
  }

  private static String pem(String kind, byte[] octets) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(kind, Base64.getMimeEncoder().encodeToString(octets), kind);
  }

  /** Serves with the certificate, and trusts it. */
  SSLContext context() {
    return context;
  }
}

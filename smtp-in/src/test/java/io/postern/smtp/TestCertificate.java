package io.postern.smtp;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.Date;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** A certificate that signs itself, in PEM files. */
final class TestCertificate {
  private TestCertificate() {}

  /** How the key file is written. */
  enum KeyForm {
    PKCS8,
    TRADITIONAL
  }

  static SmtpSettings.TlsFiles write(Path folder, String algorithm, KeyForm form) throws Exception {
    Files.createDirectories(folder);
    var generator = KeyPairGenerator.getInstance(algorithm);
    if (algorithm.equals("EC")) {
      generator.initialize(256);
    }
    var keys = generator.generateKeyPair();
    return write(folder, form, algorithm, keys, certificate(algorithm, keys));
  }

  /** For these hosts, and as long as that. */
  static SmtpSettings.TlsFiles write(Path folder, Instant from, Instant to, String... names)
      throws Exception {
    Files.createDirectories(folder);
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    var keys = generator.generateKeyPair();
    var certificate = certificate("EC", keys, from, to, names);
    return write(folder, KeyForm.PKCS8, "EC", keys, certificate);
  }

  private static SmtpSettings.TlsFiles write(
      Path folder, KeyForm form, String algorithm, KeyPair keys, X509CertificateHolder holder)
      throws Exception {
    var certificate = Files.writeString(folder.resolve("tls.pem"), pem(holder));
    var key =
        form == KeyForm.PKCS8
            ? pem(new JcaPKCS8Generator(keys.getPrivate(), null))
            : pem(algorithm.equals("EC") ? sec1(keys.getPrivate()) : keys.getPrivate());
    return new SmtpSettings.TlsFiles(
        certificate, Files.writeString(folder.resolve("tls.key"), key));
  }

  private static X509CertificateHolder certificate(String algorithm, KeyPair keys)
      throws Exception {
    var now = Instant.now();
    return certificate(algorithm, keys, now.minusSeconds(3600), now.plusSeconds(3600));
  }

  private static X509CertificateHolder certificate(
      String algorithm, KeyPair keys, Instant from, Instant to, String... hosts) throws Exception {
    var name = new X500Name("CN=mx.bridge.example");
    var signature =
        switch (algorithm) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> algorithm;
        };
    var builder =
        new JcaX509v3CertificateBuilder(
            name, BigInteger.ONE, Date.from(from), Date.from(to), name, keys.getPublic());
    if (hosts.length > 0) {
      var names =
          Stream.of(hosts)
              .map(host -> new GeneralName(GeneralName.dNSName, host))
              .toArray(GeneralName[]::new);
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }
    return builder.build(new JcaContentSignerBuilder(signature).build(keys.getPrivate()));
  }

  /** RFC 5915 with the curve inside, as OpenSSL writes it, and without the public key. */
  private static PemObject sec1(PrivateKey key) throws IOException {
    var info = PrivateKeyInfo.getInstance(key.getEncoded());
    var scalar = ((java.security.interfaces.ECPrivateKey) key).getS();
    return new PemObject(
        "EC PRIVATE KEY",
        new ECPrivateKey(256, scalar, info.getPrivateKeyAlgorithm().getParameters()).getEncoded());
  }

  private static String pem(Object object) throws IOException {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }
}

package io.postern.smtp;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
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
    var certificate =
        Files.writeString(folder.resolve("tls.pem"), pem(certificate(algorithm, keys)));
    var key =
        form == KeyForm.PKCS8
            ? pem(new JcaPKCS8Generator(keys.getPrivate(), null))
            : pem(algorithm.equals("EC") ? sec1(keys.getPrivate()) : keys.getPrivate());
    return new SmtpSettings.TlsFiles(
        certificate, Files.writeString(folder.resolve("tls.key"), key));
  }

  private static X509CertificateHolder certificate(String algorithm, KeyPair keys)
      throws OperatorCreationException, GeneralSecurityException {
    var name = new X500Name("CN=mx.bridge.example");
    var now = Instant.now();
    var signature =
        switch (algorithm) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> algorithm;
        };
    return new JcaX509v3CertificateBuilder(
            name,
            BigInteger.ONE,
            Date.from(now.minusSeconds(3600)),
            Date.from(now.plusSeconds(3600)),
            name,
            keys.getPublic())
        .build(new JcaContentSignerBuilder(signature).build(keys.getPrivate()));
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

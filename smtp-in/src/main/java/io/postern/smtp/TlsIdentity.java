package io.postern.smtp;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/** The certificate and key of the server, from PEM files. */
final class TlsIdentity {
  /** RFC 8996: nothing older than TLS 1.2. */
  static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private TlsIdentity() {}

  /** What tells that the files were written or replaced: neither is the other's by accident. */
  record Version(List<Object> marks) {}

  /**
   * @throws IOException if a file is not there
   */
  static Version version(SmtpSettings.TlsFiles files) throws IOException {
    var marks = new ArrayList<Object>();
    for (var path : List.of(files.certificate(), files.key())) {
      try {
        // Through the links by which certificate tools name the newest files.
        var read = Files.readAttributes(path, BasicFileAttributes.class);
        marks.addAll(List.of(path.toRealPath(), read.lastModifiedTime(), read.size()));
      } catch (NoSuchFileException absent) {
        throw new IOException(path + ": no such file", absent);
      }
    }
    return new Version(List.copyOf(marks));
  }

  /**
   * @throws IOException if a file cannot be read, or the key is not that of the first certificate;
   *     the message names the file and says what it should hold
   */
  static SSLContext read(SmtpSettings.TlsFiles files) throws IOException {
    var chain = readChain(files.certificate());
    var key = readKey(files.key());
    try {
      if (!belongs(key, chain[0].getPublicKey())) {
        throw new IOException(
            files.key() + ": is not the key of the first certificate in " + files.certificate());
      }
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("server", key, new char[0], chain);
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, new SecureRandom());
      return context;
    } catch (GeneralSecurityException unusable) {
      throw new IOException(
          files.certificate() + ": cannot be used for TLS: " + unusable.getMessage(), unusable);
    }
  }

  /** The first certificate of the file: the server's own. */
  static X509Certificate certificate(SmtpSettings.TlsFiles files) throws IOException {
    return (X509Certificate) readChain(files.certificate())[0];
  }

  private static Certificate[] readChain(Path path) throws IOException {
    try (InputStream in = open(path)) {
      var chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(in)
              .toArray(Certificate[]::new);
      if (chain.length == 0) {
        throw new IOException(path + ": holds no certificate; put the PEM chain there");
      }
      return chain;
    } catch (CertificateException malformed) {
      throw new IOException(
          path + ": expected certificates in PEM: " + malformed.getMessage(), malformed);
    }
  }

  private static PrivateKey readKey(Path path) throws IOException {
    try (var in = open(path);
        var reader = new InputStreamReader(in, StandardCharsets.US_ASCII);
        var parser = new PEMParser(reader)) {
      var converter = new JcaPEMKeyConverter();
      for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
        if (found instanceof PrivateKeyInfo info) {
          return converter.getPrivateKey(info);
        }
        if (found instanceof PEMKeyPair pair) {
          // Not the pair: in SEC 1 form the public key may be absent.
          return converter.getPrivateKey(pair.getPrivateKeyInfo());
        }
        if (found instanceof PEMEncryptedKeyPair || found instanceof PKCS8EncryptedPrivateKeyInfo) {
          throw new IOException(path + ": the key is encrypted; store it without a passphrase");
        }
      }
      throw new IOException(path + ": holds no private key; put the PEM key there");
    } catch (PEMException malformed) {
      throw new IOException(
          path + ": expected a private key in PEM: " + malformed.getMessage(), malformed);
    }
  }

  private static InputStream open(Path path) throws IOException {
    try {
      return Files.newInputStream(path);
    } catch (NoSuchFileException absent) {
      throw new IOException(path + ": no such file", absent);
    }
  }

  /** Whether what the one signs the other verifies. */
  private static boolean belongs(PrivateKey key, PublicKey certified)
      throws GeneralSecurityException {
    var algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC", "ECDSA" -> "SHA256withECDSA";
          case "EdDSA", "Ed25519" -> "Ed25519";
          default ->
              throw new GeneralSecurityException(
                  "keys of the kind " + key.getAlgorithm() + " are not supported");
        };
    try {
      var probe = "postern".getBytes(StandardCharsets.US_ASCII);
      var signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(probe);
      var signature = signer.sign();
      var verifier = Signature.getInstance(algorithm);
      verifier.initVerify(certified);
      verifier.update(probe);
      return verifier.verify(signature);
    } catch (InvalidKeyException | SignatureException otherKind) {
      return false;
    }
  }
}

package io.postern.mail.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.util.PrivateKeyFactory;

/**
 * A private key that signs mail, RSA or Ed25519. It gives out signatures and its public half, and
 * prints as its kind.
 */
public final class SigningKey {
  /** Octets of a PEM file; the largest key that is allowed has far less. */
  public static final int MAX_PEM = 16 * 1024;

  /** RFC 8410 §3. */
  private static final String ED25519 = "1.3.101.112";

  private static final byte[] BEGIN = ascii("-----BEGIN ");
  private static final byte[] END = ascii("-----END ");

  private final String algorithm;
  private final String kind;
  private final String publicKey;
  private final Signer signer;

  /** Makes a signature. */
  private interface Signer {
    byte[] sign(byte[] data) throws GeneralSecurityException;
  }

  private SigningKey(String kind, byte[] publicKey, Signer signer) {
    this.kind = kind;
    this.algorithm = kind + "-sha256";
    this.publicKey = Base64.getEncoder().encodeToString(publicKey);
    this.signer = signer;
  }

  /**
   * Reads a key: PKCS#8 ({@code BEGIN PRIVATE KEY}) or PKCS#1 ({@code BEGIN RSA PRIVATE KEY}).
   *
   * @param pem a file's octets; they stay the caller's to wipe
   * @throws InvalidKeyException if it is no such key, or an RSA key of less than 1024 or more than
   *     4096 bits; the message names nothing of it
   */
  public static SigningKey read(byte[] pem) throws InvalidKeyException {
    int label = indexOf(pem, BEGIN, 0);
    int start = label < 0 ? -1 : indexOf(pem, ascii("-----"), label + BEGIN.length);
    int end = start < 0 ? -1 : indexOf(pem, END, start);
    if (pem.length > MAX_PEM || end < 0) {
      throw new InvalidKeyException("it is no PEM file with one private key");
    }
    boolean isPkcs1 = indexOf(pem, ascii("RSA PRIVATE KEY"), label) == label + BEGIN.length;
    boolean isPkcs8 = indexOf(pem, ascii("PRIVATE KEY"), label) == label + BEGIN.length;
    if (!isPkcs1 && !isPkcs8) {
      throw new InvalidKeyException(
          "it holds no plain private key; write it as PKCS#8 (BEGIN PRIVATE KEY)");
    }
    var base64 = Arrays.copyOfRange(pem, start + "-----".length(), end);
    byte[] der = {};
    try {
      der = Base64.getMimeDecoder().decode(base64);
      return isPkcs1 ? rsa(pkcs8(der)) : of(der);
    } catch (IOException | GeneralSecurityException | RuntimeException malformed) {
      // The ASN.1 reader throws unchecked exceptions of many kinds for octets that are no key.
      if (malformed instanceof InvalidKeyException ours) {
        throw ours;
      }
      throw new InvalidKeyException("its private key cannot be read");
    } finally {
      Arrays.fill(base64, (byte) 0);
      Arrays.fill(der, (byte) 0);
    }
  }

  private static SigningKey of(byte[] pkcs8) throws IOException, GeneralSecurityException {
    var algorithm = PrivateKeyInfo.getInstance(pkcs8).getPrivateKeyAlgorithm().getAlgorithm();
    if (algorithm.getId().equals(ED25519)) {
      return ed25519((Ed25519PrivateKeyParameters) PrivateKeyFactory.createKey(pkcs8));
    }
    if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return rsa(pkcs8);
    }
    throw new InvalidKeyException("its key is neither RSA nor Ed25519");
  }

  private static SigningKey ed25519(Ed25519PrivateKeyParameters key) {
    return new SigningKey(
        "ed25519",
        key.generatePublicKey().getEncoded(),
        data -> {
          // RFC 8463 §3: PureEdDSA over the SHA-256 of the data.
          var hash = BodyHash.sha256().digest(data);
          var signer = new Ed25519Signer();
          signer.init(true, key);
          signer.update(hash, 0, hash.length);
          return signer.generateSignature();
        });
  }

  private static SigningKey rsa(byte[] pkcs8) throws IOException, GeneralSecurityException {
    PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    if (!(key instanceof RSAPrivateCrtKey numbers)) {
      throw new InvalidKeyException("its RSA key lacks its primes");
    }
    int bits = numbers.getModulus().bitLength();
    if (bits < DkimKey.MIN_RSA_BITS || bits > DkimKey.MAX_RSA_BITS) {
      throw new InvalidKeyException(
          "its RSA key has " + bits + " bits; receivers take 1024 to 4096, make one of 2048");
    }
    var algorithm = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
    var bare = new RSAPublicKey(numbers.getModulus(), numbers.getPublicExponent());
    return new SigningKey(
        "rsa",
        new SubjectPublicKeyInfo(algorithm, bare).getEncoded(),
        data -> {
          var signer = Signature.getInstance("SHA256withRSA");
          signer.initSign(key);
          signer.update(data);
          return signer.sign();
        });
  }

  private static byte[] pkcs8(byte[] pkcs1) throws IOException {
    var algorithm = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
    var key = RSAPrivateKey.getInstance(ASN1Primitive.fromByteArray(pkcs1));
    return new PrivateKeyInfo(algorithm, key).getEncoded();
  }

  /** {@code a=}: {@code rsa-sha256} or {@code ed25519-sha256}. */
  public String algorithm() {
    return algorithm;
  }

  /** What the domain publishes as TXT at {@code SELECTOR._domainkey.DOMAIN}. RFC 6376 §3.6.1. */
  public String record() {
    return "v=DKIM1; k=" + kind + "; p=" + publicKey;
  }

  byte[] sign(byte[] data) {
    try {
      return signer.sign(data);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("a key that was read signs", impossible);
    }
  }

  @Override
  public String toString() {
    return "SigningKey[" + algorithm + "]";
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static int indexOf(byte[] octets, byte[] wanted, int from) {
    for (int i = from; i + wanted.length <= octets.length; i++) {
      if (Arrays.equals(octets, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    return -1;
  }
}

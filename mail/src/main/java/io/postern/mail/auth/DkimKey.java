package io.postern.mail.auth;

import io.postern.mail.auth.DkimResult.Result;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/** A public key as a domain publishes it. RFC 6376 §3.6.1, RFC 8463 §4. */
final class DkimKey {
  /** RFC 8301 §3.2: a signature by a shorter key shows nothing. */
  static final int MIN_RSA_BITS = 1024;

  /** RFC 8301 §3.2 asks for no more, and strangers choose how long we compute. */
  static final int MAX_RSA_BITS = 4096;

  private static final int MAX_EXPONENT_BITS = 64;
  private static final int ED25519_OCTETS = 32;

  private final Check check;
  private final boolean testing;
  private final boolean strict;

  private DkimKey(Check check, boolean testing, boolean strict) {
    this.check = check;
    this.testing = testing;
    this.strict = strict;
  }

  /** How signatures by a key of some kind are checked. */
  private interface Check {
    String algorithm();

    boolean verify(byte[] data, byte[] signature) throws GeneralSecurityException;
  }

  /**
   * Reads a record of the DNS.
   *
   * @throws UnusableSignatureException if it holds no key, or none that may verify a mail
   */
  static DkimKey parse(String record) throws UnusableSignatureException {
    var tags = TagList.parse(record).orElseThrow(() -> unusable("the key record is malformed"));
    var version = tags.get("v");
    if (version.isPresent() && !(version.get().equals("DKIM1") && tags.first().equals("v"))) {
      throw unusable("the key record is of another version");
    }
    if (!list(tags, "h", "sha256").contains("sha256")) {
      throw unusable("the key is not for sha256");
    }
    var services = list(tags, "s", "*");
    if (!services.contains("*") && !services.contains("email")) {
      throw unusable("the key is not for mail");
    }
    var key = TagList.withoutSpace(tags.get("p").orElseThrow(() -> unusable("there is no key")));
    if (key.isEmpty()) {
      throw unusable("the key has been revoked");
    }
    var flags = list(tags, "t", "");
    return new DkimKey(
        check(tags.get("k").orElse("rsa"), octets(key)), flags.contains("y"), flags.contains("s"));
  }

  /** The domain says that it only tests: {@code t=y}. */
  boolean isTesting() {
    return testing;
  }

  /** An identity must be of the very domain, not of one below it: {@code t=s}. */
  boolean isStrict() {
    return strict;
  }

  /** Whether it is a key for this {@code a=}. */
  boolean isFor(String algorithm) {
    return check.algorithm().equals(algorithm);
  }

  boolean verify(byte[] data, byte[] signature) {
    try {
      return check.verify(data, signature);
    } catch (GeneralSecurityException malformed) {
      // Of a wrong length, for example: it is not the signature of these data.
      return false;
    }
  }

  private static UnusableSignatureException unusable(String reason) {
    return new UnusableSignatureException(Result.PERMERROR, reason);
  }

  private static List<String> list(TagList tags, String name, String otherwise) {
    return List.of(TagList.withoutSpace(tags.get(name).orElse(otherwise)).split(":"));
  }

  private static byte[] octets(String base64) throws UnusableSignatureException {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException malformed) {
      throw unusable("the key is not in Base64");
    }
  }

  private static Check check(String kind, byte[] key) throws UnusableSignatureException {
    return switch (kind) {
      case "rsa" -> new Rsa(rsa(key));
      case "ed25519" -> new Ed25519(ed25519(key));
      default -> throw unusable("the key is of a kind that is not known");
    };
  }

  private static Ed25519PublicKeyParameters ed25519(byte[] key) throws UnusableSignatureException {
    if (key.length != ED25519_OCTETS) {
      throw unusable("the Ed25519 key does not have 32 octets");
    }
    try {
      return new Ed25519PublicKeyParameters(key);
    } catch (IllegalArgumentException noPoint) {
      throw unusable("the Ed25519 key is none");
    }
  }

  private static PublicKey rsa(byte[] key) throws UnusableSignatureException {
    var numbers = numbers(key).orElseThrow(() -> unusable("the RSA key is malformed"));
    int bits = numbers.getModulus().bitLength();
    if (bits < MIN_RSA_BITS) {
      throw new UnusableSignatureException(
          Result.POLICY, "an RSA key of " + bits + " bits shows nothing (RFC 8301 §3.2)");
    }
    BigInteger exponent = numbers.getPublicExponent();
    if (bits > MAX_RSA_BITS || exponent.bitLength() > MAX_EXPONENT_BITS) {
      throw new UnusableSignatureException(
          Result.POLICY, "an RSA key of " + bits + " bits, or its exponent, is too large");
    }
    try {
      return KeyFactory.getInstance("RSA")
          .generatePublic(new RSAPublicKeySpec(numbers.getModulus(), exponent));
    } catch (GeneralSecurityException refused) {
      throw unusable("the RSA key is malformed");
    }
  }

  /**
   * The key in a SubjectPublicKeyInfo, or bare: RFC 6376 §3.6.1 says the one in its examples and
   * the other in its words, and both are published.
   */
  private static Optional<RSAPublicKey> numbers(byte[] key) {
    try {
      var sequence = ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(key));
      boolean isBare = sequence.size() > 0 && !(sequence.getObjectAt(0) instanceof ASN1Sequence);
      var bare = isBare ? sequence : SubjectPublicKeyInfo.getInstance(sequence).parsePublicKey();
      var numbers = RSAPublicKey.getInstance(bare);
      return Optional.of(numbers).filter(n -> n.getModulus().signum() > 0);
    } catch (IOException | RuntimeException malformed) {
      // The ASN.1 reader throws unchecked exceptions of many kinds for octets that are no key.
      return Optional.empty();
    }
  }

  private record Rsa(PublicKey key) implements Check {
    @Override
    public String algorithm() {
      return "rsa-sha256";
    }

    @Override
    public boolean verify(byte[] data, byte[] signature) throws GeneralSecurityException {
      var verifier = Signature.getInstance("SHA256withRSA");
      verifier.initVerify(key);
      verifier.update(data);
      return verifier.verify(signature);
    }
  }

  private record Ed25519(Ed25519PublicKeyParameters key) implements Check {
    @Override
    public String algorithm() {
      return "ed25519-sha256";
    }

    /** RFC 8463 §3: PureEdDSA over the SHA-256 of the data. */
    @Override
    public boolean verify(byte[] data, byte[] signature) {
      var hash = BodyHash.sha256().digest(data);
      var verifier = new Ed25519Signer();
      verifier.init(false, key);
      verifier.update(hash, 0, hash.length);
      return verifier.verifySignature(signature);
    }
  }
}

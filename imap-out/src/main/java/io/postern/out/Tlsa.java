package io.postern.out;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;

/**
 * What the DNS says of a server's certificate. RFC 6698 §2.1, RFC 7671.
 *
 * @param usage 2, DANE-TA: it or its key is the authority; 3, DANE-EE: it or its key is the
 *     server's own
 * @param selector 0: the whole certificate; 1: its SubjectPublicKeyInfo
 * @param matchingType 0: all octets; 1: their SHA-256; 2: their SHA-512
 * @param association the octets that must be met
 */
public record Tlsa(int usage, int selector, int matchingType, byte[] association) {
  static final int DANE_TA = 2;
  static final int DANE_EE = 3;
  static final int CERTIFICATE = 0;
  static final int FULL = 0;
  private static final int SHA_512 = 2;

  public Tlsa {
    association = association.clone();
  }

  @Override
  public byte[] association() {
    return association.clone();
  }

  /**
   * Whether it says something to a sender of mail: usages 0 and 1 do not (RFC 7672 §3.1.3), nor do
   * numbers that nobody has given a meaning or digests of a wrong length.
   */
  boolean isUsable() {
    boolean isLong =
        matchingType == FULL
            ? association.length > 0
            : association.length == (matchingType == SHA_512 ? 64 : 32);
    return (usage == DANE_TA || usage == DANE_EE)
        && (selector == 0 || selector == 1)
        && matchingType >= FULL
        && matchingType <= SHA_512
        && isLong;
  }

  /** RFC 7671 §9: of two digests of the same thing the stronger alone counts. */
  boolean isOutdoneBy(Tlsa other) {
    return matchingType == 1
        && other.matchingType == SHA_512
        && usage == other.usage
        && selector == other.selector;
  }

  /** Whether this is the certificate that is meant, or has its key. */
  boolean matches(X509Certificate certificate) {
    try {
      var octets =
          selector == CERTIFICATE
              ? certificate.getEncoded()
              : certificate.getPublicKey().getEncoded();
      return Arrays.equals(association, digested(octets));
    } catch (GeneralSecurityException unreadable) {
      return false; // A certificate that has no encoding is not the one that is meant.
    }
  }

  private byte[] digested(byte[] octets) throws GeneralSecurityException {
    return matchingType == FULL
        ? octets
        : MessageDigest.getInstance(matchingType == SHA_512 ? "SHA-512" : "SHA-256").digest(octets);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tlsa that
        && usage == that.usage
        && selector == that.selector
        && matchingType == that.matchingType
        && Arrays.equals(association, that.association);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(association);
  }

  @Override
  public String toString() {
    return "TLSA " + usage + " " + selector + " " + matchingType;
  }
}

package io.postern.xmtp.identity;

import java.util.EnumSet;
import java.util.Set;

/** What a member of an inbox can be, and which signatures it may make. XIP-46. */
public enum MemberKind {
  /** A wallet: a key pair, or a contract on a chain. */
  ETHEREUM(
      "ethereum",
      EnumSet.of(SignatureKind.ERC_191, SignatureKind.ERC_1271, SignatureKind.LEGACY_DELEGATED)),
  /** A WebAuthn credential on the curve P-256. */
  PASSKEY("passkey", EnumSet.of(SignatureKind.P256)),
  /** One app on one device: a key that also speaks MLS. */
  INSTALLATION("installation", EnumSet.of(SignatureKind.INSTALLATION_KEY));

  private final String text;
  private final Set<SignatureKind> signatures;

  MemberKind(String text, Set<SignatureKind> signatures) {
    this.text = text;
    this.signatures = signatures;
  }

  /**
   * @throws IdentityException if a member of this kind cannot make such a signature
   */
  void check(SignatureKind signature) throws IdentityException {
    if (!signatures.contains(signature)) {
      throw IdentityError.SIGNATURE_NOT_ALLOWED.with(this, signature);
    }
  }

  /** The word that error texts use. */
  @Override
  public String toString() {
    return text;
  }
}

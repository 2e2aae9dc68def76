package io.postern.xmtp.identity;

/** How a verified signature came about. */
public enum SignatureKind {
  /** A wallet's key pair signed a personal message. ERC-191. */
  ERC_191("erc-191"),
  /** A wallet's contract accepted the signature, deployed or not. ERC-1271, ERC-6492. */
  ERC_1271("erc-1271"),
  /** An installation signed with its Ed25519 key. */
  INSTALLATION_KEY("installation-key"),
  /** A key of the second XMTP protocol signed for the wallet that once vouched for it. */
  LEGACY_DELEGATED("legacy-delegated"),
  /** A passkey made a WebAuthn assertion. */
  P256("p256");

  private final String text;

  SignatureKind(String text) {
    this.text = text;
  }

  /** The word that error texts use. */
  @Override
  public String toString() {
    return text;
  }
}

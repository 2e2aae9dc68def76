package io.postern.xmtp.identity;

import io.postern.xmtp.proto.associations.Signature;

/**
 * A signature under an identity update as the wire has it: nothing about it is certain yet. XIP-46.
 */
public sealed interface IdentitySignature
    permits WalletSignature,
        ContractWalletSignature,
        InstallationSignature,
        LegacyDelegatedSignature,
        PasskeySignature {
  /**
   * Finds out who signed the text.
   *
   * @throws IdentityException if nobody did
   * @throws ContractWalletUnavailableException if a contract wallet is to be asked and cannot be
   *     now
   */
  VerifiedSignature verify(SignatureText text, ContractWalletVerifier verifier)
      throws IdentityException, ContractWalletUnavailableException;

  /** The wire message of it. */
  Signature toWire();

  /**
   * @throws IdentityException if the message says none of the five kinds or lacks a part
   */
  static IdentitySignature fromWire(Signature wire) throws IdentityException {
    return switch (wire.getSignatureCase()) {
      case ERC_191 -> new WalletSignature(wire.getErc191().getBytes());
      case ERC_6492 -> ContractWalletSignature.fromWire(wire.getErc6492());
      case INSTALLATION_KEY -> InstallationSignature.fromWire(wire.getInstallationKey());
      case DELEGATED_ERC_191 -> LegacyDelegatedSignature.fromWire(wire.getDelegatedErc191());
      case PASSKEY -> PasskeySignature.fromWire(wire.getPasskey());
      case SIGNATURE_NOT_SET -> throw IdentityError.CONVERSION.with("missing field signature");
    };
  }
}

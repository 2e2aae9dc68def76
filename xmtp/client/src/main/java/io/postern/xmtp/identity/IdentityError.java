package io.postern.xmtp.identity;

import java.util.Locale;

/**
 * Why an identity log, an update or a signature is refused. The texts are those that XMTP nodes
 * answer with, so that a node of ours can answer with the same ones. XIP-46.
 */
public enum IdentityError {
  /** A second inbox creation in one log. */
  MULTIPLE_CREATE("MultipleCreate", "Multiple create operations detected"),
  /** An action, or an empty update, before the inbox was created. */
  NOT_CREATED("NotCreated", "XID not yet created"),
  /** The signer is not the one that the action needs. */
  MISSING_EXISTING_MEMBER("MissingExistingMember", "Missing existing member"),
  /** The new member's signature was made by somebody else. */
  NEW_MEMBER_SIGNATURE_MISMATCH(
      "NewMemberIdSignatureMismatch", "The new member identifier does not match the signer"),
  /** Existing and new member are the same. */
  ADD_SELF("Generic(add self)", "Error creating association tried to add self"),
  /** Takes the kind of the existing and of the new member. */
  MEMBER_NOT_ALLOWED("MemberNotAllowed", "Member of kind %s not allowed to add %s"),
  /** Takes the kind of the member and of the signature. */
  SIGNATURE_NOT_ALLOWED("SignatureNotAllowed", "Signature not allowed for role \"%s\" \"%s\""),
  /** A delegated key of the second XMTP protocol beyond its one permitted use. */
  LEGACY_SIGNATURE_REUSE(
      "LegacySignatureReuse",
      "Legacy key is only allowed to be associated using a legacy signature with nonce 0"),
  /** A signature of an earlier update was used again. */
  REPLAY("Replay", "Replay detected"),
  /** The update names another inbox than its actions make. */
  WRONG_INBOX_ID("WrongInboxId", "Wrong inbox_id specified on association"),
  /** Takes the chain that the member was added from and the one it now signs from; 0 for none. */
  CHAIN_ID_MISMATCH(
      "ChainIdMismatch", "Wrong chain id. Initially added with %s but now signing from %s"),
  /** An Ethereum address that no inbox id can be derived from. */
  INVALID_ACCOUNT_ADDRESS(
      "InvalidAccountAddress",
      "Invalid account address: Must be 42 hex characters, starting with '0x'."),
  /** Takes what is wrong with the signature. */
  SIGNATURE("SignatureVerification", "%s"),
  /** Takes what makes the octets unreadable as an identity update. */
  CONVERSION("ProtobufConversion", "%s"),
  /** The log known here does not hold the entry that is asked for; fetch it again. */
  MISSING_UPDATE("MissingIdentityUpdate", "Missing identity update"),
  /** A signature by somebody whom the request does not ask, or no longer asks. */
  UNKNOWN_SIGNER("UnknownSigner", "Unknown signer"),
  /** An update was built before everybody had signed. */
  MISSING_SIGNATURE("MissingSigner", "Required signature was not provided"),
  /** The verifier found a contract wallet's signature valid without saying at which block. */
  MISSING_BLOCK_NUMBER("BlockNumber", "Unable to get block number"),
  /** Takes what is wrong with an identifier, a mnemonic or a key that came from outside. */
  INVALID_INPUT("InvalidInput", "%s");

  private final String category;
  private final String text;

  IdentityError(String category, String text) {
    this.category = category;
    this.text = text;
  }

  /** The name of the case in the reference implementation. */
  public String category() {
    return category;
  }

  /** An exception whose message is the text with its gaps filled. */
  IdentityException with(Object... gaps) {
    return new IdentityException(this, String.format(Locale.ROOT, text, gaps));
  }
}

package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import java.util.OptionalLong;

/**
 * Who signed an identity update, once that is certain.
 *
 * @param signer the identity whose signature it is
 * @param kind how it signed
 * @param replayKey what marks this signature as used once its update has been applied
 * @param chainId the chain of a contract wallet, unsigned
 */
public record VerifiedSignature(
    MemberIdentifier signer, SignatureKind kind, ByteString replayKey, OptionalLong chainId) {
  /** A signature that no chain was asked about. */
  VerifiedSignature(MemberIdentifier signer, SignatureKind kind, ByteString replayKey) {
    this(signer, kind, replayKey, OptionalLong.empty());
  }

  boolean isLegacy() {
    return kind == SignatureKind.LEGACY_DELEGATED;
  }
}

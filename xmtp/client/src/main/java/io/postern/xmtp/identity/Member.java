package io.postern.xmtp.identity;

import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A member of an inbox and how it became one.
 *
 * @param identifier who it is
 * @param addedBy whose signature let it in; empty for the creator
 * @param clientTimestampNs when the update that added it was built, by its author's clock, in
 *     nanoseconds since 1970, unsigned; empty for the creator
 * @param addedOnChainId the chain of the contract wallet, unsigned; empty for all others
 */
public record Member(
    MemberIdentifier identifier,
    Optional<MemberIdentifier> addedBy,
    OptionalLong clientTimestampNs,
    OptionalLong addedOnChainId) {
  /** The order in which clients list members: by time, those without one last. */
  static final Comparator<Member> BY_TIME =
      Comparator.<Member, Boolean>comparing(member -> member.clientTimestampNs.isEmpty())
          .thenComparing(member -> member.clientTimestampNs.orElse(0), Long::compareUnsigned);

  /**
   * @throws IdentityException if it was added as another kind of wallet, or on another chain
   */
  void checkChain(VerifiedSignature signature) throws IdentityException {
    if (!addedOnChainId.equals(signature.chainId())) {
      throw IdentityError.CHAIN_ID_MISMATCH.with(
          Long.toUnsignedString(addedOnChainId.orElse(0)),
          Long.toUnsignedString(signature.chainId().orElse(0)));
    }
  }
}

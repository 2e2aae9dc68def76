package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Applies identity updates one after the other. The rules and their order are consensus: a client
 * that is stricter or laxer than the others forks groups. After an exception the object is of no
 * use. XIP-46.
 */
final class AssociationFold {
  private final Map<MemberIdentifier, Member> members = new LinkedHashMap<>();
  private final Set<ByteString> seen = new HashSet<>();
  private Optional<InboxId> inboxId = Optional.empty();
  private Optional<Identifier> recovery = Optional.empty();

  AssociationFold() {}

  AssociationFold(AssociationState state) {
    members.putAll(state.memberMap());
    seen.addAll(state.seenSignatures());
    inboxId = Optional.of(state.inboxId());
    recovery = Optional.of(state.recovery());
  }

  AssociationState state() throws IdentityException {
    return new AssociationState(existingInbox(), existingRecovery(), members, seen);
  }

  void apply(VerifiedIdentityUpdate update) throws IdentityException {
    for (var action : update.actions()) {
      if (action instanceof IdentityAction.CreateInbox<VerifiedSignature> create) {
        create(create);
      } else if (action instanceof IdentityAction.AddAssociation<VerifiedSignature> add) {
        add(add, update.update().clientTimestampNs());
      } else if (action instanceof IdentityAction.RevokeAssociation<VerifiedSignature> revoke) {
        revoke(revoke);
      } else if (action instanceof IdentityAction.ChangeRecovery<VerifiedSignature> change) {
        changeRecovery(change);
      }
    }
    if (!existingInbox().value().equals(update.update().inboxId())) {
      throw IdentityError.WRONG_INBOX_ID.with();
    }
    // Only now: within one update a signature may serve several actions.
    for (var action : update.actions()) {
      action.signatures().forEach(signature -> seen.add(signature.replayKey()));
    }
  }

  private void create(IdentityAction.CreateInbox<VerifiedSignature> action)
      throws IdentityException {
    var owner = action.owner();
    var signature = action.signature();
    if (inboxId.isPresent()) {
      throw IdentityError.MULTIPLE_CREATE.with();
    }
    if (!signature.signer().equals(owner)) {
      throw IdentityError.MISSING_EXISTING_MEMBER.with();
    }
    owner.kind().check(signature.kind());
    if (signature.isLegacy() && action.nonce() != 0) {
      throw IdentityError.LEGACY_SIGNATURE_REUSE.with();
    }
    inboxId = Optional.of(InboxId.derive(owner, action.nonce()));
    recovery = Optional.of(owner);
    members.put(
        owner, new Member(owner, Optional.empty(), OptionalLong.empty(), signature.chainId()));
  }

  private void add(IdentityAction.AddAssociation<VerifiedSignature> action, long timestampNs)
      throws IdentityException {
    var existing = action.existingSignature();
    var added = action.newSignature();
    existingInbox();
    checkReplay(action);
    if (!added.signer().equals(action.member())) {
      throw IdentityError.NEW_MEMBER_SIGNATURE_MISMATCH.with();
    }
    if (added.signer().equals(existing.signer())) {
      throw IdentityError.ADD_SELF.with();
    }
    checkLegacy(existing, added);
    action.member().kind().check(added.kind());
    var parent = parent(existing);
    parent.kind().check(existing.kind());
    if (existing.signer().kind() == MemberKind.INSTALLATION
        && action.member().kind() == MemberKind.INSTALLATION) {
      throw IdentityError.MEMBER_NOT_ALLOWED.with(existing.signer().kind(), action.member().kind());
    }
    members.put(
        action.member(),
        new Member(
            added.signer(), Optional.of(parent), OptionalLong.of(timestampNs), added.chainId()));
  }

  /**
   * A delegated key may help only in the inbox that its wallet made first. Installations are
   * exempt, by oversight, for good.
   */
  private void checkLegacy(VerifiedSignature existing, VerifiedSignature added)
      throws IdentityException {
    if (existing.signer() instanceof Identifier identifier
        && (existing.isLegacy() || added.isLegacy())
        && !existingInbox().equals(InboxId.derive(identifier, 0))) {
      throw IdentityError.LEGACY_SIGNATURE_REUSE.with();
    }
  }

  /** Whose signature lets a new member in: a member, or who can recover the inbox. */
  private MemberIdentifier parent(VerifiedSignature existing) throws IdentityException {
    var member = Optional.ofNullable(members.get(existing.signer()));
    if (member.isPresent()) {
      member.get().checkChain(existing);
      return member.get().identifier();
    }
    if (!existing.signer().equals(existingRecovery())) {
      throw IdentityError.MISSING_EXISTING_MEMBER.with();
    }
    if (existing.isLegacy()) {
      throw IdentityError.LEGACY_SIGNATURE_REUSE.with();
    }
    return existingRecovery();
  }

  private void revoke(IdentityAction.RevokeAssociation<VerifiedSignature> action)
      throws IdentityException {
    checkRecovery(action, action.recoverySignature());
    var parent = Optional.of(action.member());
    // The installations it added go with it, whether or not it is a member itself; nobody else
    // does.
    List<MemberIdentifier> children =
        members.values().stream()
            .filter(member -> member.addedBy().equals(parent))
            .map(Member::identifier)
            .filter(MemberIdentifier.Installation.class::isInstance)
            .toList();
    members.remove(action.member());
    children.forEach(members::remove);
  }

  private void changeRecovery(IdentityAction.ChangeRecovery<VerifiedSignature> action)
      throws IdentityException {
    checkRecovery(action, action.recoverySignature());
    recovery = Optional.of(action.recovery());
  }

  private void checkRecovery(IdentityAction<VerifiedSignature> action, VerifiedSignature signature)
      throws IdentityException {
    existingInbox();
    checkReplay(action);
    var member = Optional.ofNullable(members.get(signature.signer()));
    if (member.isPresent()) {
      member.get().checkChain(signature);
    }
    if (signature.isLegacy()) {
      throw IdentityError.SIGNATURE_NOT_ALLOWED.with(MemberKind.ETHEREUM, signature.kind());
    }
    if (!signature.signer().equals(existingRecovery())) {
      throw IdentityError.MISSING_EXISTING_MEMBER.with();
    }
  }

  private void checkReplay(IdentityAction<VerifiedSignature> action) throws IdentityException {
    for (var signature : action.signatures()) {
      if (seen.contains(signature.replayKey())) {
        throw IdentityError.REPLAY.with();
      }
    }
  }

  private InboxId existingInbox() throws IdentityException {
    return inboxId.orElseThrow(IdentityError.NOT_CREATED::with);
  }

  private Identifier existingRecovery() throws IdentityException {
    return recovery.orElseThrow(IdentityError.NOT_CREATED::with);
  }
}

package io.postern.xmtp.identity;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Puts together an identity update that is yet to be signed. What it lets through is in the form
 * that every client expects: other clients would take less, and for ever.
 */
public final class IdentityUpdateBuilder {
  private final InboxId inboxId;
  private final long clientTimestampNs;
  private final List<IdentityAction<MemberIdentifier>> actions = new ArrayList<>();

  /**
   * @param builtAt now. The text shows whole seconds, and the same actions signed twice in one
   *     second count as a replay: let the second pass before repeating an update
   */
  public IdentityUpdateBuilder(InboxId inboxId, Instant builtAt) {
    this.inboxId = inboxId;
    this.clientTimestampNs =
        Math.addExact(TimeUnit.SECONDS.toNanos(builtAt.getEpochSecond()), builtAt.getNano());
  }

  /**
   * Begins the inbox.
   *
   * @param nonce the one that the inbox id was derived with, unsigned
   * @throws IdentityException if the inbox id comes from another owner or nonce, or the owner is
   *     not in the expected form
   */
  public IdentityUpdateBuilder createInbox(Identifier owner, long nonce) throws IdentityException {
    check(owner);
    if (!InboxId.derive(owner, nonce).equals(inboxId)) {
      throw IdentityError.WRONG_INBOX_ID.with();
    }
    actions.add(new IdentityAction.CreateInbox<>(owner, nonce, owner));
    return this;
  }

  /**
   * Adds an installation, wallet or passkey.
   *
   * @param existing who lets it in: a member, or who can recover the inbox
   * @throws IdentityException if the new member is not in the expected form, is the existing one,
   *     or both are installations
   */
  public IdentityUpdateBuilder add(MemberIdentifier member, MemberIdentifier existing)
      throws IdentityException {
    check(member);
    if (member.equals(existing)) {
      throw IdentityError.ADD_SELF.with();
    }
    if (member.kind() == MemberKind.INSTALLATION && existing.kind() == MemberKind.INSTALLATION) {
      throw IdentityError.MEMBER_NOT_ALLOWED.with(existing.kind(), member.kind());
    }
    actions.add(new IdentityAction.AddAssociation<>(member, existing, member));
    return this;
  }

  /**
   * Removes a member, and with it the installations that it added.
   *
   * @param recovery who can recover the inbox, as the folded log says
   * @throws IdentityException if the member is not in the expected form, in which nothing can be a
   *     member
   */
  public IdentityUpdateBuilder revoke(MemberIdentifier member, Identifier recovery)
      throws IdentityException {
    check(member);
    actions.add(new IdentityAction.RevokeAssociation<>(member, recovery));
    return this;
  }

  /**
   * Hands over the power to recover the inbox.
   *
   * @param next who has it from here on
   * @param recovery who has it until here
   * @throws IdentityException if the next one is not in the expected form: it could never sign
   */
  public IdentityUpdateBuilder changeRecovery(Identifier next, Identifier recovery)
      throws IdentityException {
    check(next);
    actions.add(new IdentityAction.ChangeRecovery<>(next, recovery));
    return this;
  }

  /** What is to be signed, and by whom. */
  public SignatureRequest request() {
    return new SignatureRequest(inboxId, clientTimestampNs, actions);
  }

  private static void check(MemberIdentifier identifier) throws IdentityException {
    if (identifier instanceof Identifier.Ethereum ethereum
        && !EthereumAddress.parse(ethereum.address()).value().equals(ethereum.address())) {
      throw IdentityError.INVALID_INPUT.with("write the address in lower case");
    }
    if (identifier instanceof Passkey passkey
        && P256.decode(passkey.key().toByteArray()).isEmpty()) {
      throw IdentityError.INVALID_INPUT.with("the passkey is not a point on P-256");
    }
    if (identifier instanceof MemberIdentifier.Installation installation
        && !Ed25519ph.isPublicKey(installation.key().toByteArray())) {
      throw IdentityError.INVALID_INPUT.with("the installation id is not an Ed25519 public key");
    }
  }
}

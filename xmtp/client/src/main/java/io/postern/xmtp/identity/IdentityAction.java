package io.postern.xmtp.identity;

import java.util.List;
import java.util.function.Function;

/**
 * One thing that an identity update does, and the places where it is signed. XIP-46.
 *
 * @param <S> what stands in those places: who must sign, a signature, or a verified one
 */
public sealed interface IdentityAction<S> {
  /** The two lines that stand for it in the text to sign. */
  String text();

  /** What stands in its places, the existing member's before the new one's. */
  List<S> signatures();

  /** The same action with other things in its places. */
  <T> IdentityAction<T> map(Function<? super S, ? extends T> change);

  /**
   * Begins an inbox.
   *
   * @param owner its first member, who can also recover it
   * @param nonce an unsigned number that lets one owner have several inboxes
   * @param signature the owner's
   */
  record CreateInbox<S>(Identifier owner, long nonce, S signature) implements IdentityAction<S> {
    @Override
    public String text() {
      return "- Create inbox\n  (Owner: " + owner.text() + ")";
    }

    @Override
    public List<S> signatures() {
      return List.of(signature);
    }

    @Override
    public <T> IdentityAction<T> map(Function<? super S, ? extends T> change) {
      return new CreateInbox<>(owner, nonce, change.apply(signature));
    }
  }

  /**
   * Makes somebody a member.
   *
   * @param member the new one
   * @param existingSignature by a member or by who can recover the inbox
   * @param newSignature the new member's
   */
  record AddAssociation<S>(MemberIdentifier member, S existingSignature, S newSignature)
      implements IdentityAction<S> {
    @Override
    public String text() {
      return switch (member.kind()) {
        case INSTALLATION -> "- Grant messaging access to app\n  (ID: " + member.text() + ")";
        case ETHEREUM -> "- Link address to inbox\n  (Address: " + member.text() + ")";
        case PASSKEY -> "- Link passkey to inbox\n  (Passkey: " + member.text() + ")";
      };
    }

    @Override
    public List<S> signatures() {
      return List.of(existingSignature, newSignature);
    }

    @Override
    public <T> IdentityAction<T> map(Function<? super S, ? extends T> change) {
      return new AddAssociation<>(
          member, change.apply(existingSignature), change.apply(newSignature));
    }
  }

  /**
   * Ends a membership, and that of the installations which the member added.
   *
   * @param member who goes; need not be there
   * @param recoverySignature by who can recover the inbox
   */
  record RevokeAssociation<S>(MemberIdentifier member, S recoverySignature)
      implements IdentityAction<S> {
    @Override
    public String text() {
      return switch (member.kind()) {
        case INSTALLATION -> "- Revoke messaging access from app\n  (ID: " + member.text() + ")";
        case ETHEREUM -> "- Unlink address from inbox\n  (Address: " + member.text() + ")";
        case PASSKEY -> "- Unlink passkey from inbox\n  (Passkey: " + member.text() + ")";
      };
    }

    @Override
    public List<S> signatures() {
      return List.of(recoverySignature);
    }

    @Override
    public <T> IdentityAction<T> map(Function<? super S, ? extends T> change) {
      return new RevokeAssociation<>(member, change.apply(recoverySignature));
    }
  }

  /**
   * Hands over the power to recover the inbox.
   *
   * @param recovery who has it from here on; neither signs nor need be a member
   * @param recoverySignature by who has it until here
   */
  record ChangeRecovery<S>(Identifier recovery, S recoverySignature) implements IdentityAction<S> {
    @Override
    public String text() {
      return "- Change inbox recovery address\n  (Address: " + recovery.text() + ")";
    }

    @Override
    public List<S> signatures() {
      return List.of(recoverySignature);
    }

    @Override
    public <T> IdentityAction<T> map(Function<? super S, ? extends T> change) {
      return new ChangeRecovery<>(recovery, change.apply(recoverySignature));
    }
  }
}

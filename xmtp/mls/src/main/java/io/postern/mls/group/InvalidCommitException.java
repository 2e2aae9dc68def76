package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.tree.LeafIndex;
import java.util.Optional;

/**
 * A commit or proposal that breaks a rule; always {@code INVALID_COMMIT}, and never becomes valid
 * later.
 */
public final class InvalidCommitException extends MlsException {
  private static final long serialVersionUID = 1L;

  private final CommitRule rule;
  private final transient Optional<LeafIndex> committer;

  InvalidCommitException(CommitRule rule, String what) {
    super(Failure.INVALID_COMMIT, what + "; " + rule.source());
    this.rule = rule;
    this.committer = Optional.empty();
  }

  InvalidCommitException(CommitRule rule, String what, MlsException cause) {
    super(Failure.INVALID_COMMIT, what + ": " + cause.getMessage() + "; " + rule.source(), cause);
    this.rule = rule;
    this.committer = Optional.empty();
  }

  private InvalidCommitException(InvalidCommitException broken, LeafIndex committer) {
    super(Failure.INVALID_COMMIT, broken.getMessage(), broken);
    this.rule = broken.rule;
    this.committer = Optional.of(committer);
  }

  /** The same of a commit that was received, and is signed by this member. */
  InvalidCommitException by(LeafIndex member) {
    return new InvalidCommitException(this, member);
  }

  /** Who made it, if it was received: the signature was verified before any rule was looked at. */
  public Optional<LeafIndex> committer() {
    return committer == null ? Optional.empty() : committer;
  }

  /** The rule that is broken. */
  public CommitRule rule() {
    return rule;
  }
}

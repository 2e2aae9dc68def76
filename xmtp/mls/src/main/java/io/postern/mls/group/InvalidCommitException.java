package io.postern.mls.group;

import io.postern.mls.MlsException;

/**
 * A commit or proposal that breaks a rule; always {@code INVALID_COMMIT}, and never becomes valid
 * later.
 */
public final class InvalidCommitException extends MlsException {
  private static final long serialVersionUID = 1L;

  private final CommitRule rule;

  InvalidCommitException(CommitRule rule, String what) {
    super(Failure.INVALID_COMMIT, what + "; " + rule.source());
    this.rule = rule;
  }

  InvalidCommitException(CommitRule rule, String what, MlsException cause) {
    super(Failure.INVALID_COMMIT, what + ": " + cause.getMessage() + "; " + rule.source(), cause);
    this.rule = rule;
  }

  /** The rule that is broken. */
  public CommitRule rule() {
    return rule;
  }
}

package io.postern.mls;

/**
 * What a peer's octets can cause. Every failure that someone outside this process can provoke is
 * one of these; whether the message may become readable later is told by {@link #failure()}, never
 * by the text.
 */
public class MlsException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What went wrong, as data. */
  public enum Failure {
    /** The octets do not follow the presentation language of RFC 9420 §2.1. */
    MALFORMED,
    /** Well formed, but a version, suite, proposal or sender that this engine does not serve. */
    UNSUPPORTED,
    /** The group id is another group's. */
    WRONG_GROUP,
    /** The epoch lies ahead: a commit is missing. */
    WRONG_EPOCH_FUTURE,
    /** The epoch is past and, for this kind of message, no longer kept. */
    EPOCH_TOO_OLD,
    /** The key of this generation was used before or fell out of the out-of-order window. */
    GENERATION_SPENT,
    /** The generation lies further ahead than the ratchet is willing to go. */
    TOO_FAR_AHEAD,
    /** Decryption failed: wrong key, or the ciphertext was changed. */
    UNDECRYPTABLE,
    /** A signature does not verify. */
    BAD_SIGNATURE,
    /** A membership tag or confirmation tag does not match. */
    BAD_TAG,
    /** The sender is not a member of the epoch in question. */
    UNKNOWN_SENDER,
    /** A key package breaks a rule of RFC 9420 §10.1. */
    INVALID_KEY_PACKAGE,
    /** A leaf node breaks a rule of RFC 9420 §7.3. */
    INVALID_LEAF,
    /** A ratchet tree breaks a rule of RFC 9420 §7.9 or §12.4.3.1. */
    INVALID_TREE,
    /** A commit or proposal breaks a rule of RFC 9420 §12. */
    INVALID_COMMIT,
    /** A welcome breaks a rule of RFC 9420 §12.4.3.1. */
    INVALID_WELCOME,
    /** A commit refers to a proposal that was never received. */
    UNKNOWN_PROPOSAL,
    /** A pre-shared key is not known here. */
    UNKNOWN_PSK,
    /** This member was removed: the group neither reads nor writes any more. */
    INACTIVE,
    /**
     * A commit that this very member sent: what was staged when it was made has to be merged
     * instead.
     */
    OWN_COMMIT,
    /** A staged commit belongs to another epoch of the group. */
    STALE,
    /** Octets given as saved state are not such, or of another version. */
    BAD_STATE
  }

  private final Failure failure;

  /**
   * @param failure the kind, for the program
   * @param message where and what, for the reader; holds no secret
   */
  public MlsException(Failure failure, String message) {
    super(message);
    this.failure = failure;
  }

  /**
   * @param failure the kind, for the program
   * @param message where and what, for the reader; holds no secret
   * @param cause what the library below reported
   */
  public MlsException(Failure failure, String message, Throwable cause) {
    super(message, cause);
    this.failure = failure;
  }

  /** The kind of failure, for decisions. */
  public final Failure failure() {
    return failure;
  }
}

package io.postern.mls.group;

/** The rules that a commit and its proposals obey, each with the place that demands it. */
public enum CommitRule {
  /** An Update of the committer itself. */
  COMMITTER_UPDATES_ITSELF("RFC 9420 §12.2"),
  /** A Remove of the committer. */
  COMMITTER_REMOVES_ITSELF("RFC 9420 §12.2"),
  /** Two proposals that update or remove one leaf. */
  LEAF_CHANGED_TWICE("RFC 9420 §12.2"),
  /** Two Adds of one client. */
  CLIENT_ADDED_TWICE("RFC 9420 §12.2"),
  /** An Add of a client that stays a member. */
  MEMBER_ADDED_AGAIN("RFC 9420 §12.2"),
  /** Two PreSharedKey proposals for one key and nonce. */
  PSK_TWICE("RFC 9420 §12.2"),
  /** Two GroupContextExtensions proposals. */
  CONTEXT_EXTENSIONS_TWICE("RFC 9420 §12.2"),
  /** A ReInit among other proposals. */
  REINIT_NOT_ALONE("RFC 9420 §12.2"),
  /** An ExternalInit from a member. */
  EXTERNAL_INIT_BY_MEMBER("RFC 9420 §12.2"),
  /** A proposal of a type that some member does not support, or that is not served here. */
  PROPOSAL_TYPE("RFC 9420 §12.2"),
  /** More members than a tree of this engine holds. */
  TOO_MANY_MEMBERS("a limit of this engine"),
  /** A key package that is not sound or of another suite. */
  ADD_KEY_PACKAGE("RFC 9420 §12.1.1, §10.1"),
  /** A leaf that does not fit the group. */
  LEAF_DOES_NOT_FIT("RFC 9420 §7.3"),
  /** An Update leaf of another source, or with a bad signature. */
  UPDATE_LEAF("RFC 9420 §12.1.2, §7.3"),
  /** An Update that keeps the encryption key. */
  UPDATE_KEEPS_KEY("RFC 9420 §12.1.2"),
  /** A Remove of a blank leaf. */
  REMOVE_OF_NOBODY("RFC 9420 §12.1.3"),
  /** A pre-shared key of the wrong kind, or a nonce of the wrong length. */
  PSK_FORM("RFC 9420 §12.1.4"),
  /**
   * Context extensions that not every member supports, or that required_capabilities does not name.
   */
  CONTEXT_EXTENSIONS("RFC 9420 §12.1.7"),
  /** An AppDataUpdate before a list of context extensions. */
  APP_DATA_BEFORE_CONTEXT_EXTENSIONS("draft-ietf-mls-extensions §4.7"),
  /** A component that is removed and changed, or removed twice, beside a list with a dictionary. */
  APP_DATA_REMOVED_AMONG_OTHERS("draft-ietf-mls-extensions §4.7"),
  /** The removal of a component that the dictionary of a list beside it does not have. */
  APP_DATA_REMOVAL_OF_NOTHING("draft-ietf-mls-extensions §4.7"),
  /** An AppDataUpdate that the application cannot apply. */
  APP_DATA("draft-ietf-mls-extensions §4.7"),
  /** More standalone proposals of one epoch than this engine keeps. */
  TOO_MANY_PROPOSALS("a limit of this engine"),
  /** An encryption key, an init key or a signature key that is used twice. */
  KEYS_NOT_UNIQUE("RFC 9420 §7.3, §10.1"),
  /** No path where the proposals need one, or neither proposals nor path. */
  PATH_MISSING("RFC 9420 §12.4"),
  /** A path whose leaf is of another source, or with a bad signature. */
  PATH_LEAF("RFC 9420 §12.4.2, §7.3"),
  /** A path whose leaf keeps the encryption key. */
  PATH_KEEPS_KEY("RFC 9420 §12.4.2"),
  /** A path whose shape, keys, secrets or parent hash do not fit. */
  PATH("RFC 9420 §12.4.2"),
  /** A commit by somebody who is no member. */
  COMMITTER("RFC 9420 §12.4.2");

  private final String source;

  CommitRule(String source) {
    this.source = source;
  }

  /** The ruling section. */
  public String source() {
    return source;
  }
}

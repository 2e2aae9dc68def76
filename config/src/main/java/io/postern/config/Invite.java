package io.postern.config;

/**
 * Whether a peer may cause mail to an address that never wrote to them: the setting {@code invite}.
 * design.md §2.
 */
public enum Invite {
  /** They may not. */
  CLOSED,
  /** To addresses that a list names. Not yet available. */
  LISTED,
  /** To any. Not yet available. */
  OPEN
}

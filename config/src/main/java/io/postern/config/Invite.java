package io.postern.config;

/**
 * Whether a peer may cause mail to an address that never wrote to them: the setting {@code invite}.
 * design.md §2.
 */
public enum Invite {
  /** They may not. */
  CLOSED,
  /** To addresses that {@code inviteTo} names. */
  LISTED,
  /** To anybody who has an inbox here. */
  OPEN
}

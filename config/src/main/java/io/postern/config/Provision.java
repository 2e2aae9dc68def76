package io.postern.config;

/** Who gets a hosted inbox by writing in: the setting {@code provision}. design.md §2. */
public enum Provision {
  /** Nobody but whom a mapping hosts. */
  CLOSED,
  /** Whoever may speak for the address that they write from. */
  VERIFIED,
  /** Whoever writes; only where nobody but this machine can. */
  OPEN
}

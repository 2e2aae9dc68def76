package io.postern.mapping;

/**
 * Where an outbox line stands, and the bundle that it went into:
 *
 * <pre>
 *   PENDING ──► BUNDLED ──► DELIVERED ──► REFUSED (a bounce came later)
 *      │           ├──────► REFUSED
 *      ▼           ├──────► DEAD ──► BUNDLED (tried again by hand)
 *   WITHHELD ◄─────┘
 * </pre>
 *
 * A bundle begins as {@code BUNDLED} and is never {@code PENDING}; it is {@code WITHHELD} if its
 * person wants it no more before it has left.
 */
public enum OutboxState {
  /** Waits for the lines that follow it. */
  PENDING,
  /** Part of a mail whose octets are final, and which is being tried. */
  BUNDLED,
  /** The far server, or the folder, has it. */
  DELIVERED,
  /** Turned down for good; the peer is told. */
  REFUSED,
  /** Given up; in the dead-letter box. */
  DEAD,
  /** Will not be mailed, with its reason. */
  WITHHELD
}

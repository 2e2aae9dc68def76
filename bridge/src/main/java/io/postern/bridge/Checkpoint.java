package io.postern.bridge;

/**
 * The places of both journeys between which a crash could lose or repeat something. A test that
 * wants to know what a crash leaves behind is told when each is reached; the daemon itself does
 * nothing there.
 */
enum Checkpoint {
  /** The person has an inbox; nothing of the mail is translated. */
  INBOX_READY,
  /** The DM is there, as far as it is stored. */
  DM_READY,
  /** All parts, intents and links are committed; nothing is published. */
  TRANSLATED,
  /** A payload is stored and about to leave. */
  PAYLOAD_STORED,
  /** A payload has left; nothing is noted. */
  PAYLOAD_SENT,
  /** The network has all parts; the mail is still in the spool. */
  PUBLISHED,
  /** Messages have become lines of the outbox. */
  LINES_WRITTEN,
  /** A mail's octets are stored; it has not been tried. */
  BUNDLE_CLOSED,
  /** The far side has the mail; nothing is noted. */
  MAIL_SENT,
  /** The mail is noted as delivered. */
  MAIL_NOTED;

  /** Is told. */
  interface Watch {
    void reached(Checkpoint checkpoint);
  }
}

package io.postern.smtp;

/**
 * The steps by which a mail becomes ours, in their order. A small mail stands in the journal from
 * {@link #WRITTEN} on and is renamed never; a large one stands in the spool from {@link #RENAMED}
 * on. Before that a crash leaves nothing, and the client has no answer.
 */
enum SpoolStep {
  /** It has its id. */
  CREATED,
  /** Some octets of the mail have arrived. */
  ARRIVING,
  /** The judge has taken the mail. */
  JUDGED,
  /** Content, metadata and footer are written. */
  WRITTEN,
  /** The octets are on the disk. */
  SYNCED,
  /** The file stands in {@code ready/}. */
  RENAMED,
  /** The entry in {@code ready/} is on the disk. */
  FOLDER_SYNCED,
  /** 250 has been sent. */
  ANSWERED;

  /** Told of each step as it is done; a test stops the process there. */
  @FunctionalInterface
  interface Listener {
    void reached(SpoolStep step);
  }
}

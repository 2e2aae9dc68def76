package io.postern.mapping;

/**
 * What of one peer waits in the outbox. Where it is full nothing more of the peer is put there, and
 * the peer is told.
 *
 * @param messages whose mail is not written
 * @param messageOctets of those
 * @param mails that have not left
 * @param mailOctets of those
 */
public record Waiting(long messages, long messageOctets, long mails, long mailOctets) {
  /** Messages, and mails. */
  static final long MOST = 10_000;

  /** Of messages, and of mails: a few of the largest that there are. */
  static final long MOST_OCTETS = 256L << 20;

  /** Whether no further message is taken. */
  public boolean isFull() {
    return messages >= MOST || messageOctets >= MOST_OCTETS;
  }

  /** Whether no further mail is written. */
  public boolean isFullOfMails() {
    return mails >= MOST || mailOctets >= MOST_OCTETS;
  }
}

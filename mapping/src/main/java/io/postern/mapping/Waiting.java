package io.postern.mapping;

/**
 * What of one peer waits in the outbox: messages whose mail is not written, or mails that have not
 * left. Where it is full nothing more of the peer is put there, and the peer is told.
 */
public record Waiting(long count, long octets) {
  static final long MOST = 10_000;

  /** A few of the largest that there are. */
  static final long MOST_OCTETS = 256L << 20;

  public boolean isFull() {
    return count >= MOST || octets >= MOST_OCTETS;
  }

  /** With one more. */
  public Waiting with(long moreOctets) {
    return new Waiting(count + 1, octets + moreOctets);
  }
}

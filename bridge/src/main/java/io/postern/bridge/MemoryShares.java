package io.postern.bridge;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A third of the memory that there is, of which each mail takes its share while it is worked on, so
 * that many large ones at once do not use it up: one third is for those that are judged, another
 * for those that are carried. What counts is what of a mail is held, not what it has. Used by
 * several threads.
 */
final class MemoryShares {
  static final int SHARE_OCTETS = 64 << 10;

  /** A mail, its parts and what is made of them, beside each other. */
  private static final int COPIES = 4;

  /**
   * The heap that a mail needs while it is carried, in its own octets: the database holds what
   * becomes messages of it, and writes that in one piece.
   */
  private static final int MAILS_IN_HEAP = 10;

  private static final int MEBI = 1 << 20;

  private final int all;
  private final Semaphore free;

  private MemoryShares(int all) {
    this.all = all;
    this.free = new Semaphore(all, true);
  }

  static MemoryShares ofAThird() {
    return of(Runtime.getRuntime().maxMemory() / 3);
  }

  /**
   * What is to be said of a heap that may not carry the largest mail that is taken; empty if it
   * does.
   *
   * @param heap octets that it may have
   * @param maxMail octets of the largest mail
   */
  static Optional<String> complaint(long heap, long maxMail) {
    long needed = MAILS_IN_HEAP * maxMail;
    return heap >= needed
        ? Optional.empty()
        : Optional.of(
            "the heap of "
                + heap / MEBI
                + " MiB may be too small for a mail of smtp.maxMailBytes whose files all become"
                + " messages: the database could not hold it, and it would be tried again and"
                + " again; write POSTERN_JAVA_OPTS=-Xmx"
                + (needed / MEBI + 1)
                + "m, or a smaller smtp.maxMailBytes");
  }

  /**
   * @param octets in all
   */
  static MemoryShares of(long octets) {
    return new MemoryShares((int) Math.max(1, Math.min(1 << 20, octets / SHARE_OCTETS)));
  }

  /**
   * How much a mail takes of which so much is held; what is larger than all takes all, and is
   * alone.
   */
  int share(long octets) {
    return (int) Math.min(all, (octets / SHARE_OCTETS + 1) * COPIES);
  }

  int all() {
    return all;
  }

  /**
   * Waits for a mail's share.
   *
   * @return whether it is there, within the time
   */
  boolean take(long octets, int seconds) throws InterruptedException {
    return free.tryAcquire(share(octets), seconds, TimeUnit.SECONDS);
  }

  /** Waits for a mail's share as long as it takes. */
  void take(long octets) {
    free.acquireUninterruptibly(share(octets));
  }

  void giveBack(long octets) {
    free.release(share(octets));
  }
}

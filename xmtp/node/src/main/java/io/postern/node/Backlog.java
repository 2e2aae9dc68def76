package io.postern.node;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What has arrived for a client that has not been sent it yet. A client that lets too much pile up
 * is not waited for: neither beyond its own bounds, nor when all clients together hold too much and
 * it has a part in that. Used under the lock of its stream.
 *
 * @param <T> an entry
 */
final class Backlog<T> {
  /** Entries and octets of one client, as on the network, which counts entries only. */
  private static final int MAX_ENTRIES = 1_024;

  private static final long MAX_BYTES = 64L << 20;

  /** Octets of all clients; beyond that who has more than the least is cut off. */
  private static final long MAX_TOTAL_BYTES = 256L << 20;

  private static final long LEAST_BYTES = 1L << 20;

  private record Entry<T>(T value, long bytes) {}

  private final AtomicLong total;
  private final ArrayDeque<Entry<T>> entries = new ArrayDeque<>();
  private long bytes;

  /**
   * @param total what the backlogs of all streams hold
   */
  Backlog(AtomicLong total) {
    this.total = total;
  }

  /** Returns whether it may go on; else everything has been let go of. */
  boolean add(T value, long size) {
    entries.add(new Entry<>(value, size));
    bytes += size;
    var all = total.addAndGet(size);
    if (entries.size() > MAX_ENTRIES
        || bytes > MAX_BYTES
        || all > MAX_TOTAL_BYTES && bytes > LEAST_BYTES) {
      clear();
      return false;
    }
    return true;
  }

  Optional<T> poll() {
    var next = Optional.ofNullable(entries.poll());
    next.ifPresent(entry -> count(-entry.bytes()));
    return next.map(Entry::value);
  }

  void clear() {
    entries.clear();
    count(-bytes);
  }

  private void count(long change) {
    bytes += change;
    total.addAndGet(change);
  }
}

package io.postern.xmtp.network;

import java.util.Map;
import java.util.TreeMap;

/**
 * How far a topic has been read: for each originator the highest sequence id that is done. The V3
 * service has one id space, which we file under the originators that the same rows will have on the
 * decentralised network, so that nothing is read twice or skipped when the network changes.
 */
public final class Cursor {
  /** Commits. */
  public static final int COMMITS = 0;

  /** Application messages and proposals of the V3 service. */
  public static final int MESSAGES = 10;

  /** Welcomes of the V3 service. */
  public static final int WELCOMES = 11;

  /** Nothing read yet. */
  public static final Cursor START = new Cursor(new TreeMap<>());

  private final TreeMap<Integer, Long> seen;

  private Cursor(TreeMap<Integer, Long> seen) {
    this.seen = seen;
  }

  /** The given sequence ids, one for each originator. */
  public static Cursor of(Map<Integer, Long> seen) {
    return new Cursor(new TreeMap<>(seen));
  }

  /** The highest sequence id done of this originator, 0 if none. */
  public long of(int originator) {
    return seen.getOrDefault(originator, 0L);
  }

  /** This cursor, moved forward to a position; a position behind it changes nothing. */
  public Cursor with(Position position) {
    if (position.sequence() <= of(position.originator())) {
      return this;
    }
    var moved = new TreeMap<>(seen);
    moved.put(position.originator(), position.sequence());
    return new Cursor(moved);
  }

  /** Whether a position has been done. */
  public boolean covers(Position position) {
    return position.sequence() <= of(position.originator());
  }

  /** The highest sequence id of all originators: what the V3 service takes as {@code id_cursor}. */
  public long highest() {
    long highest = 0;
    for (long sequence : seen.values()) {
      highest = Math.max(highest, sequence);
    }
    return highest;
  }

  /** Originator and sequence id of each entry. */
  public Map<Integer, Long> entries() {
    return Map.copyOf(seen);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cursor that && seen.equals(that.seen);
  }

  @Override
  public int hashCode() {
    return seen.hashCode();
  }

  @Override
  public String toString() {
    return seen.toString();
  }

  /** Where one envelope stands: who ordered it, and its number there. */
  public record Position(int originator, long sequence) {}
}

package io.postern.node;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The ids and times that the node hands out. Ids start at 1 and never restart; times rise by whole
 * microseconds, even when the clock of the machine stands still or goes back. Clients keep both in
 * their own databases, so they are saved with the rows that carry them. Used by the thread of the
 * {@link WriteLane} only.
 */
final class Sequences {
  private static final String TIME = "time";
  private static final long MICROSECOND = 1_000;

  private final Clock clock;
  private final Map<String, Long> last = new HashMap<>();
  private final Map<String, Long> unsaved = new HashMap<>();

  private Sequences(Clock clock) {
    this.clock = clock;
  }

  /** Goes on where the database ends. */
  static Sequences load(Jdbi jdbi, Clock clock) {
    var sequences = new Sequences(clock);
    jdbi.useHandle(
        handle ->
            handle
                .createQuery("SELECT name, last FROM sequence")
                .map((row, context) -> Map.entry(row.getString(1), row.getLong(2)))
                .forEach(entry -> sequences.last.put(entry.getKey(), entry.getValue())));
    return sequences;
  }

  /** The next id of a log. */
  long next(String name) {
    var id = last.getOrDefault(name, 0L) + 1;
    set(name, id);
    return id;
  }

  /**
   * The time of the next row, in Unix nanoseconds: now, or a microsecond after the last row if that
   * is later.
   */
  long nextTimeNs() {
    var instant = clock.instant();
    var nowNs = instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    var timeNs =
        Math.max(nowNs / MICROSECOND * MICROSECOND, last.getOrDefault(TIME, 0L) + MICROSECOND);
    set(TIME, timeNs);
    return timeNs;
  }

  /** Writes what changed since the last call into the same transaction as the rows. */
  void save(Handle handle) {
    unsaved.forEach(
        (name, value) ->
            handle.execute(
                "MERGE INTO sequence (name, last) KEY (name) VALUES (?, ?)", name, value));
    unsaved.clear();
  }

  private void set(String name, long value) {
    last.put(name, value);
    unsaved.put(name, value);
  }
}

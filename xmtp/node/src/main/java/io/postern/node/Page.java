package io.postern.node;

import java.util.List;

/**
 * Part of a topic.
 *
 * @param more whether the page ended because of its limits, so that there may be more behind the
 *     last entry
 */
record Page<E>(List<LogEntry<E>> entries, boolean more) {
  /** The id to go on from, or 0 if nothing is left. */
  long cursor() {
    return more && !entries.isEmpty() ? entries.get(entries.size() - 1).id() : 0;
  }
}

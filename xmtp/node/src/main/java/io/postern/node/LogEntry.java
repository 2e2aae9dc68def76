package io.postern.node;

import com.google.protobuf.ByteString;

/**
 * One row of an {@link EnvelopeLog}.
 *
 * @param message as it is served, with its id and time
 */
record LogEntry<E>(long id, ByteString topic, long createdNs, boolean isCommit, E message) {
  /**
   * The cursor that a client sent as a uint64. Ids stay below 2^63, so one from there on is behind
   * them all.
   */
  static long cursor(long sent) {
    return sent < 0 ? Long.MAX_VALUE : sent;
  }
}

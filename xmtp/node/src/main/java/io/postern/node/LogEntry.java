package io.postern.node;

import com.google.protobuf.ByteString;

/**
 * One row of an {@link EnvelopeLog}.
 *
 * @param message as it is served, with its id and time
 */
record LogEntry<E>(long id, ByteString topic, long createdNs, boolean isCommit, E message) {}

package io.postern.node;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The topics that one mutate of a {@link TopicStream} added, until they have caught up.
 *
 * @param mutateId what the client calls it
 * @param isHistoryOnly whether its topics stay silent once their history is sent
 * @param parts one for each kind of topic; filled while the mutate is applied
 */
record Wave(long mutateId, boolean isHistoryOnly, Map<TopicKind, WavePart<?>> parts) {
  Wave(long mutateId, boolean isHistoryOnly) {
    this(mutateId, isHistoryOnly, new LinkedHashMap<>());
  }
}

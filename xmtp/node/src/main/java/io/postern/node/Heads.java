package io.postern.node;

import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of the newest entries of topics: of those that were written or asked about last.
 * What is not known is looked up, and learnt unless the topic was written meanwhile. Safe for use
 * by several threads.
 */
final class Heads {
  /** Topics remembered, some 150 octets each; beyond that the longest unused is forgotten. */
  static final int MAX_TOPICS = 100_000;

  private static final int STRIPES = 256;

  /** What a look-up is about, and how often topics of its stripe had been written when it began. */
  record Question(ByteString topic, long writes) {}

  // Guarded by this.
  private final Map<ByteString, Optional<EnvelopeLog.Newest>> known = new Recent();
  private final long[] writes = new long[STRIPES];

  /** Empty if it is not known; else the newest entry, or that there is none. */
  synchronized Optional<Optional<EnvelopeLog.Newest>> of(ByteString topic) {
    return Optional.ofNullable(known.get(topic));
  }

  /** To be asked before the topic is looked up. */
  synchronized Question question(ByteString topic) {
    return new Question(topic, writes[stripe(topic)]);
  }

  /** What a look-up has found. */
  synchronized void learn(Question question, Optional<EnvelopeLog.Newest> found) {
    if (writes[stripe(question.topic())] == question.writes()) {
      known.put(question.topic(), found);
    }
  }

  /** In the order of ids. */
  synchronized void written(ByteString topic, EnvelopeLog.Newest entry) {
    writes[stripe(topic)]++;
    known.put(topic, Optional.of(entry));
  }

  /** Entries of the topics were deleted. */
  synchronized void pruned(Collection<ByteString> topics) {
    for (var topic : topics) {
      writes[stripe(topic)]++;
      known.remove(topic);
    }
  }

  /** Entries may have come or gone in other ways than by {@link #written}. */
  synchronized void forget() {
    for (var i = 0; i < STRIPES; i++) {
      writes[i]++;
    }
    known.clear();
  }

  private static int stripe(ByteString topic) {
    return Math.floorMod(topic.hashCode(), STRIPES);
  }

  private static final class Recent
      extends LinkedHashMap<ByteString, Optional<EnvelopeLog.Newest>> {
    private static final long serialVersionUID = 1L;

    Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(
        Map.Entry<ByteString, Optional<EnvelopeLog.Newest>> eldest) {
      return size() > MAX_TOPICS;
    }
  }
}

package io.postern.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.postern.xmtp.proto.mls.api.SubscribeResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The topics of one kind in a {@link Wave}. Their history is sent in the order of ids, whatever the
 * topic.
 */
final class WavePart<E extends MessageLite> {
  /** Entries and octets that are kept of what arrives meanwhile. */
  private static final int MAX_FOLDED = 1_024;

  private static final long MAX_FOLDED_BYTES = 2L << 20;

  private final TopicSide<E> side;
  private final boolean historyOnly;
  private final Map<ByteString, TopicSide.Topic<E>> topics = new LinkedHashMap<>();
  private final List<LogEntry<E>> folded = new ArrayList<>();
  private long foldedBytes;
  private boolean missed = true;
  private List<Long> history = List.of();

  WavePart(TopicSide<E> side, boolean historyOnly) {
    this.side = side;
    this.historyOnly = historyOnly;
  }

  void add(ByteString identifier, long cursor) {
    var topic = new TopicSide.Topic<>(this, cursor);
    topics.put(identifier, topic);
    // A topic of history only is known to its wave, not to the stream, and hears nothing.
    if (!historyOnly) {
      side.add(identifier, topic);
    }
  }

  /** The client has removed the topic. */
  void forget(ByteString identifier) {
    topics.remove(identifier);
    folded.removeIf(entry -> entry.topic().equals(identifier));
  }

  boolean isRead() {
    return !missed && history.isEmpty();
  }

  /** Reads on. What it returns may be empty. */
  SubscribeResponse.V1.Messages.Builder readPage() {
    var frame = SubscribeResponse.V1.Messages.newBuilder();
    if (history.isEmpty()) {
      missed = false;
      var positions = new HashMap<ByteString, Long>();
      topics.forEach((identifier, topic) -> positions.put(identifier, topic.position()));
      history = side.envelopes().idsAbove(positions);
      return frame;
    }
    var next = history.subList(0, Math.min(history.size(), EnvelopeLog.MAX_PAGE_ROWS));
    var page = side.envelopes().read(next);
    page.entries().forEach(entry -> send(entry, frame));
    // What is not in the page was deleted meanwhile, but for what lies behind a cut.
    var read = page.more() ? next.indexOf(page.cursor()) + 1 : next.size();
    history = history.subList(read, history.size());
    return frame;
  }

  /** Keeps what arrives during the wave; if it gets too much, it is read again instead. */
  void fold(LogEntry<E> entry) {
    if (missed) {
      return;
    }
    folded.add(entry);
    foldedBytes += entry.message().getSerializedSize();
    if (folded.size() > MAX_FOLDED || foldedBytes > MAX_FOLDED_BYTES) {
      folded.clear();
      foldedBytes = 0;
      missed = true;
    }
  }

  /** What arrived during the wave and was not part of the history. */
  SubscribeResponse.V1.Messages.Builder folded() {
    var frame = SubscribeResponse.V1.Messages.newBuilder();
    folded.forEach(entry -> send(entry, frame));
    return frame;
  }

  void goLive(SubscribeResponse.V1.TopicsLive.Builder live) {
    if (historyOnly) {
      return;
    }
    topics.forEach(
        (identifier, topic) -> {
          topic.goLive();
          live.addTopics(side.kind().topic(identifier));
        });
  }

  private void send(LogEntry<E> entry, SubscribeResponse.V1.Messages.Builder frame) {
    var topic = topics.get(entry.topic());
    if (topic != null) { // else removed meanwhile
      side.send(topic, entry, frame);
    }
  }
}

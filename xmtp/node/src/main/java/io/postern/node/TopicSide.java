package io.postern.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.postern.xmtp.proto.mls.api.SubscribeResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The topics of one kind that a {@link TopicStream} has. Only the draining thread of the stream
 * uses it; commits reach it by {@link #publish}, which hands them on.
 */
final class TopicSide<E extends MessageLite> implements LiveFeed<E> {
  private final TopicKind kind;
  private final EnvelopeLog<E> envelopes;
  private final Adder<E> adder;
  private final Arrivals stream;
  private final Map<ByteString, Topic<E>> topics = new HashMap<>();

  /** Puts a message into its place in a frame. */
  interface Adder<E> {
    Object add(SubscribeResponse.V1.Messages.Builder frame, E message);
  }

  /** Takes what arrives, on the {@link WriteLane}'s thread. */
  interface Arrivals {
    void take(Arrived<?> arrived);
  }

  TopicSide(TopicKind kind, EnvelopeLog<E> envelopes, Adder<E> adder, Arrivals stream) {
    this.kind = kind;
    this.envelopes = envelopes;
    this.adder = adder;
    this.stream = stream;
  }

  /** An entry on its way from its log to the stream. */
  record Arrived<E extends MessageLite>(TopicSide<E> side, LogEntry<E> entry) {
    long bytes() {
      return entry.message().getSerializedSize();
    }

    /**
     * Sends it, or gives it to the wave of its topic. Returns how many octets went into the frame.
     */
    long deliver(SubscribeResponse.V1.Messages.Builder frame) {
      var topic = Optional.ofNullable(side.topics.get(entry.topic()));
      if (topic.isPresent() && topic.get().catchingUp.isPresent()) {
        topic.get().catchingUp.get().fold(entry);
        return 0;
      }
      return topic.isPresent() && side.send(topic.get(), entry, frame) ? bytes() : 0;
    }
  }

  /** What the stream knows of a topic. */
  static final class Topic<E extends MessageLite> {
    private Optional<WavePart<E>> catchingUp;

    /** The last id sent, or the cursor while nothing was. */
    private long position;

    Topic(WavePart<E> part, long cursor) {
      this.catchingUp = Optional.of(part);
      this.position = cursor;
    }

    long position() {
      return position;
    }

    void goLive() {
      catchingUp = Optional.empty();
    }
  }

  @Override
  public void publish(LogEntry<E> entry) {
    stream.take(new Arrived<>(this, entry));
  }

  TopicKind kind() {
    return kind;
  }

  EnvelopeLog<E> envelopes() {
    return envelopes;
  }

  int size() {
    return topics.size();
  }

  boolean has(ByteString identifier) {
    return topics.containsKey(identifier);
  }

  /** From now on the topic's entries arrive. */
  void add(ByteString identifier, Topic<E> topic) {
    topics.put(identifier, topic);
    envelopes.feeds().add(this, List.of(identifier));
  }

  void remove(ByteString identifier) {
    var topic = topics.remove(identifier);
    if (topic != null) {
      envelopes.feeds().remove(this, List.of(identifier));
      topic.catchingUp.ifPresent(part -> part.forget(identifier));
    }
  }

  void removeAll() {
    envelopes.feeds().remove(this, topics.keySet());
    topics.clear();
  }

  /** Puts an entry into a frame, unless the topic is past it. */
  boolean send(Topic<E> topic, LogEntry<E> entry, SubscribeResponse.V1.Messages.Builder frame) {
    if (entry.id() <= topic.position) {
      return false;
    }
    topic.position = entry.id();
    adder.add(frame, entry.message());
    return true;
  }
}

package io.postern.node;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** Who listens to which topic. Safe for use by several threads. */
final class LiveFeeds<E> {
  private final ConcurrentHashMap<ByteString, List<LiveFeed<E>>> byTopic =
      new ConcurrentHashMap<>();

  /** From now on every commit to the topics reaches the feed; adding twice is adding once. */
  void add(LiveFeed<E> feed, Collection<ByteString> topics) {
    for (var topic : topics) {
      byTopic.merge(topic, List.of(feed), LiveFeeds::with);
    }
  }

  void remove(LiveFeed<E> feed, Collection<ByteString> topics) {
    for (var topic : topics) {
      byTopic.computeIfPresent(topic, (key, feeds) -> without(feeds, feed));
    }
  }

  void publish(LogEntry<E> entry) {
    byTopic.getOrDefault(entry.topic(), List.of()).forEach(feed -> feed.publish(entry));
  }

  /** How many topics somebody listens to. */
  int topics() {
    return byTopic.size();
  }

  private static <E> List<LiveFeed<E>> with(List<LiveFeed<E>> feeds, List<LiveFeed<E>> added) {
    if (feeds.contains(added.get(0))) {
      return feeds;
    }
    var all = new ArrayList<>(feeds);
    all.addAll(added);
    return List.copyOf(all);
  }

  private static <E> List<LiveFeed<E>> without(List<LiveFeed<E>> feeds, LiveFeed<E> removed) {
    var left = feeds.stream().filter(feed -> feed != removed).toList();
    return left.isEmpty() ? null : left; // null: the map drops the topic
  }
}

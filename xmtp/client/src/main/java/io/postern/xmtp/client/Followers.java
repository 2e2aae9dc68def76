package io.postern.xmtp.client;

import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.CursorStore.Read;
import io.postern.xmtp.store.GroupStore.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which installations of ours follow a group, for several may be members of one, and from where.
 * Used by several threads.
 */
final class Followers {
  private final ClientStore store;
  private final Map<Topic, Set<Key>> keys = new ConcurrentHashMap<>();

  Followers(ClientStore store) {
    this.store = store;
  }

  /** The topic that it follows from now on. */
  Topic add(Key key) {
    var topic = Topic.of(key.group());
    keys.computeIfAbsent(topic, t -> ConcurrentHashMap.newKeySet()).add(key);
    return topic;
  }

  /** Those of a group's topic. */
  Set<Key> of(Topic topic) {
    return keys.getOrDefault(topic, Set.of());
  }

  /** From where each topic is to be followed: where the slowest of our followers stands. */
  Map<Topic, Cursor> cursors(Set<Topic> topics) {
    var reads = new ArrayList<Read>();
    for (var topic : topics) {
      if (topic.kind() == Topic.Kind.WELCOMES) {
        reads.add(new Read(InstallationId.of(topic.identifier()), topic));
      } else {
        of(topic).forEach(key -> reads.add(new Read(key.installation(), topic)));
      }
    }
    var stored = store.jdbi().withHandle(handle -> store.cursors().find(handle, reads));
    var cursors = new HashMap<Topic, Cursor>();
    for (var read : reads) {
      cursors.merge(
          read.topic(),
          stored.getOrDefault(read, Cursor.START),
          (one, other) -> one.highest() <= other.highest() ? one : other);
    }
    topics.forEach(topic -> cursors.putIfAbsent(topic, Cursor.START));
    return cursors;
  }
}

package io.postern.xmtp.client;

import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Backoff;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.NodeStream;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when each group and each installation's welcomes are worked on: when the stream brings
 * something, when something is to be published, and again later after a failure of the network. The
 * work itself runs in lanes. Used by several threads.
 */
final class Traffic implements NodeStream.Events, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Traffic.class);

  private static final Backoff RETRY = new Backoff(Duration.ofMillis(500), Duration.ofMinutes(1));

  private final ClientStore store;
  private final Node node;
  private final GroupLanes lanes;
  private final LiveGroups groups;
  private final GroupSync sync;
  private final IntentPublisher publisher;
  private final WelcomeSync welcomes;
  private final ScheduledExecutorService scheduler;
  private final XmtpClient.Events events;
  private final NodeStream stream;
  private final Random random = new Random();

  /** Which installations of ours follow a group; several may be members of one. */
  private final Map<Topic, Set<Key>> followers = new ConcurrentHashMap<>();

  /** The positions that the stream has announced and nobody has looked at yet. */
  private final Map<Key, Cursor> announced = new ConcurrentHashMap<>();

  /** Groups with intents, so that a group that only receives is not asked for them. */
  private final Set<Key> toPublish = ConcurrentHashMap.newKeySet();

  /** Publications that have been asked for and not begun. */
  private final Map<Key, CompletableFuture<Void>> publishing = new ConcurrentHashMap<>();

  private final Map<Object, Integer> failures = new ConcurrentHashMap<>();
  private volatile boolean closed;

  Traffic(
      ClientStore store,
      Node node,
      GroupLanes lanes,
      LiveGroups groups,
      GroupSync sync,
      IntentPublisher publisher,
      WelcomeSync welcomes,
      ScheduledExecutorService scheduler,
      XmtpClient.Events events) {
    this.store = store;
    this.node = node;
    this.lanes = lanes;
    this.groups = groups;
    this.sync = sync;
    this.publisher = publisher;
    this.welcomes = welcomes;
    this.scheduler = scheduler;
    this.events = events;
    this.stream = new NodeStream(node, this::cursors, this, scheduler);
  }

  void start() {
    store
        .jdbi()
        .useHandle(
            handle -> {
              for (var listed : store.inboxes().list(handle)) {
                if (listed.registered()) {
                  stream.follow(Topic.welcomes(listed.installation()));
                }
              }
              store.groups().active(handle).forEach(this::follow);
              for (var key : store.intents().groupsWithWork(handle)) {
                toPublish.add(key);
                wake(key);
              }
            });
  }

  boolean isConnected() {
    return stream.isConnected();
  }

  void follow(InstallationId installation) {
    stream.follow(Topic.welcomes(installation));
  }

  void follow(Key key) {
    var topic = Topic.of(key.group());
    followers.computeIfAbsent(topic, t -> ConcurrentHashMap.newKeySet()).add(key);
    stream.follow(topic);
  }

  /** From where each topic is to be followed: where the slowest of our followers stands. */
  private Map<Topic, Cursor> cursors(Set<Topic> topics) {
    return store
        .jdbi()
        .withHandle(
            handle -> {
              var cursors = new HashMap<Topic, Cursor>();
              for (var topic : topics) {
                if (topic.kind() == Topic.Kind.WELCOMES) {
                  var installation = InstallationId.of(topic.identifier());
                  cursors.put(topic, store.cursors().find(handle, installation, topic));
                } else {
                  Cursor slowest = null;
                  for (var key : followers.getOrDefault(topic, Set.of())) {
                    var cursor = store.cursors().find(handle, key.installation(), topic);
                    if (slowest == null || cursor.highest() < slowest.highest()) {
                      slowest = cursor;
                    }
                  }
                  cursors.put(topic, slowest == null ? Cursor.START : slowest);
                }
              }
              return cursors;
            });
  }

  @Override
  public void arrived(Topic topic, Position position) {
    if (closed) {
      return;
    }
    if (topic.kind() == Topic.Kind.WELCOMES) {
      wakeWelcomes(InstallationId.of(topic.identifier()));
    } else {
      for (var key : followers.getOrDefault(topic, Set.of())) {
        announced.merge(key, Cursor.START.with(position), (known, news) -> known.with(position));
        wake(key);
      }
    }
  }

  private void wake(Key key) {
    lanes.wake(
        key,
        () -> {
          try {
            var news = announced.remove(key);
            if (toPublish.contains(key)) {
              work(key);
            } else if (news == null || !isKnown(key, news)) {
              receive(key);
            }
            failures.remove(key);
          } catch (NodeException failed) {
            later(key, failed, () -> wake(key));
          }
        });
  }

  private boolean isKnown(Key key, Cursor news) {
    var held = groups.hold(key);
    try {
      return groups.find(key).map(group -> covers(group.cursor(), news)).orElse(true);
    } finally {
      held.unlock();
    }
  }

  private static boolean covers(Cursor cursor, Cursor news) {
    return news.entries().entrySet().stream()
        .allMatch(entry -> cursor.covers(new Position(entry.getKey(), entry.getValue())));
  }

  private void wakeWelcomes(InstallationId installation) {
    lanes.wake(
        new WelcomeLane(installation),
        () -> {
          try {
            readWelcomes(installation);
            failures.remove(installation);
          } catch (NodeException failed) {
            later(installation, failed, () -> wakeWelcomes(installation));
          }
        });
  }

  private record WelcomeLane(InstallationId installation) {}

  private void readWelcomes(InstallationId installation) throws NodeException {
    var self = store.jdbi().withHandle(h -> store.inboxes().find(h, installation));
    if (self.isPresent()) {
      for (GroupId group : welcomes.sync(self.get())) {
        joined(new Key(installation, group));
      }
    }
  }

  private void joined(Key key) {
    follow(key);
    wake(key);
  }

  void retryPointers() throws NodeException {
    welcomes.retryPointers().forEach(this::joined);
  }

  /** Publishes what is stored for a group; calls that come before the work begins share it. */
  CompletableFuture<Void> publish(Key key) {
    toPublish.add(key);
    var mine = new CompletableFuture<Void>();
    var waiting = publishing.putIfAbsent(key, mine);
    if (waiting != null) {
      return waiting;
    }
    lanes
        .run(
            key,
            () -> {
              publishing.remove(key);
              try {
                work(key);
              } catch (NodeException failed) {
                later(key, failed, () -> wake(key));
                throw failed;
              }
              return null;
            })
        .whenComplete(
            (done, failed) -> {
              if (failed == null) {
                mine.complete(null);
              } else {
                mine.completeExceptionally(failed);
              }
            });
    return mine;
  }

  CompletableFuture<Void> sync(Key key) {
    return lanes.run(
        key,
        () -> {
          receive(key);
          return null;
        });
  }

  CompletableFuture<Void> syncWelcomes(InstallationId installation) {
    return lanes.run(
        new WelcomeLane(installation),
        () -> {
          readWelcomes(installation);
          return null;
        });
  }

  private void work(Key key) throws NodeException {
    run(
        key,
        group -> {
          toPublish.remove(key);
          try {
            return publisher.publish(group);
          } catch (NodeException | RuntimeException failed) {
            toPublish.add(key);
            throw failed;
          }
        });
  }

  private void receive(Key key) throws NodeException {
    run(
        key,
        group -> {
          boolean arrived = sync.sync(group);
          return arrived | publisher.refresh(group);
        });
  }

  private interface Work {
    boolean on(LiveGroup group) throws NodeException;
  }

  private void run(Key key, Work work) throws NodeException {
    boolean arrived = false;
    var held = groups.hold(key);
    try {
      var group = groups.find(key);
      if (group.isPresent()) {
        try {
          arrived = work.on(group.get());
          if (group.get().takePublishAgain()) {
            toPublish.add(key);
            wake(key);
          }
        } finally {
          if (group.get().isDirty()) {
            groups.forget(key); // A save failed: what is in memory is not what is stored.
          }
        }
      }
    } catch (RuntimeException bug) {
      groups.forget(key);
      throw bug;
    } finally {
      held.unlock();
    }
    if (arrived) {
      events.messagesArrived();
    }
  }

  private void later(Object lane, NodeException failed, Runnable again) {
    int row = failures.merge(lane, 1, Integer::sum);
    var pause = failed.retryAfter().orElse(RETRY.after(row, random));
    if (row == 1) {
      log.warn("network trouble lane={} reason={}", lane, failed.getMessage());
    }
    if (!closed) {
      scheduler.schedule(again, pause.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Compares every group's newest message with its cursor and reads those that are behind. */
  void catchUp() throws NodeException {
    var keys = store.jdbi().withHandle(store.groups()::active);
    var ids = new HashSet<GroupId>();
    keys.forEach(key -> ids.add(key.group()));
    var newest = node.newest(ids);
    List<Key> behind = new ArrayList<>();
    store
        .jdbi()
        .useHandle(
            handle -> {
              for (var key : keys) {
                var position = newest.get(key.group());
                var topic = Topic.of(key.group());
                if (position != null
                    && !store.cursors().find(handle, key.installation(), topic).covers(position)) {
                  behind.add(key);
                }
              }
            });
    behind.forEach(this::wake);
  }

  @Override
  public void close() {
    closed = true;
    stream.close();
  }
}

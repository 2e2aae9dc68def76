package io.postern.xmtp.client;

import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.NodeStream;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.StaleGroupException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when each group and each installation's welcomes are worked on: when the stream brings
 * something, when something is to be published, and again later after a failure of the network. The
 * work itself runs in lanes. Used by several threads.
 */
final class Traffic implements NodeStream.Events, WelcomeSync.Follower, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Traffic.class);

  /** In so many rounds of catching up each installation's welcomes are asked for once. */
  private static final int TURNS = 12;

  private final ClientStore store;
  private final Node node;
  private final GroupLanes lanes;
  private final LiveGroups groups;
  private final GroupSync sync;
  private final GroupUpkeep upkeep;
  private final IntentPublisher publisher;
  private final WelcomeSync welcomes;
  private final LaneRetries retries;
  private final XmtpClient.Events events;
  private final Followers followers;
  private final NodeStream stream;

  /** The positions that the stream has announced and nobody has looked at yet. */
  private final Map<Key, Cursor> announced = new ConcurrentHashMap<>();

  /** Groups with intents, so that a group that only receives is not asked for them. */
  private final Set<Key> toPublish = ConcurrentHashMap.newKeySet();

  /** Publications that have been asked for and not begun. */
  private final Map<Key, CompletableFuture<Void>> publishing = new ConcurrentHashMap<>();

  private final AtomicInteger turns = new AtomicInteger();
  private volatile boolean closed;

  Traffic(
      ClientStore store,
      Node node,
      GroupLanes lanes,
      LiveGroups groups,
      GroupSync sync,
      GroupUpkeep upkeep,
      IntentPublisher publisher,
      WelcomeSync welcomes,
      Executor workers,
      ScheduledExecutorService scheduler,
      Alarms alarms,
      InstantSource clock,
      XmtpClient.Events events) {
    this.store = store;
    this.node = node;
    this.lanes = lanes;
    this.groups = groups;
    this.sync = sync;
    this.upkeep = upkeep;
    this.publisher = publisher;
    this.welcomes = welcomes;
    this.retries = new LaneRetries(scheduler, alarms, clock);
    this.events = events;
    this.followers = new Followers(store);
    this.stream = new NodeStream(node, followers::cursors, this, workers, scheduler);
  }

  void start() {
    var topics = new ArrayList<Topic>();
    for (var listed : store.jdbi().withHandle(store.inboxes()::leased)) {
      topics.add(Topic.welcomes(listed.installation()));
    }
    for (var key : store.jdbi().withHandle(store.groups()::active)) {
      topics.add(followers.add(key));
    }
    stream.follow(topics);
    for (var key : store.jdbi().withHandle(store.intents()::groupsWithWork)) {
      toPublish.add(key);
      wake(key);
    }
  }

  /** Groups that wait for a version that we have become go on. */
  void unpause() {
    for (var paused : store.jdbi().withHandle(store.groups()::paused).entrySet()) {
      var key = paused.getKey();
      var demanded = ProtocolVersion.parse(paused.getValue());
      if (demanded.isPresent() && demanded.get().compareTo(ProtocolVersion.OURS) <= 0) {
        var held = groups.hold(key);
        try {
          store.jdbi().useTransaction(h -> store.groups().pausedFor(h, key, Optional.empty()));
          groups.forget(key);
        } finally {
          held.unlock();
        }
        log.info("group goes on group={} demanded={}", key, paused.getValue());
        wake(key);
      }
    }
  }

  boolean isConnected() {
    return stream.isConnected();
  }

  void follow(InstallationId installation) {
    stream.follow(List.of(Topic.welcomes(installation)));
  }

  void follow(Key key) {
    stream.follow(List.of(followers.add(key)));
  }

  @Override
  public void arrived(Topic topic, Position position) {
    if (closed) {
      return;
    }
    if (topic.kind() == Topic.Kind.WELCOMES) {
      wakeWelcomes(InstallationId.of(topic.identifier()));
    } else {
      for (var key : followers.of(topic)) {
        announced.merge(key, Cursor.START.with(position), (known, news) -> known.with(position));
        wake(key);
      }
    }
  }

  private void wake(Key key) {
    lanes.wake(key, () -> retries.attempt(key, () -> publishAndReceive(key), () -> wake(key)));
  }

  private void publishAndReceive(Key key) throws NodeException {
    try {
      // Whoever asked for a publication waits for it: it comes next, and its outcome is theirs.
      if (toPublish.contains(key) && !publishing.containsKey(key)) {
        tryWork(key);
      }
      // Publishing reads the group only if there was something to publish.
      var news = announced.remove(key);
      if (news == null || !isKnown(key, news)) {
        receive(key);
      }
    } catch (StaleGroupException stale) {
      leave(stale);
    }
  }

  /** Somebody else works on this group: not our turn until something comes to us again. */
  private static void leave(StaleGroupException stale) {
    log.warn("group left to whoever changed it reason={}", stale.getMessage());
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
    var lane = new WelcomeLane(installation);
    lanes.wake(
        lane,
        () ->
            retries.attempt(
                lane, () -> readWelcomes(installation), () -> wakeWelcomes(installation)));
  }

  private record WelcomeLane(InstallationId installation) {}

  private void readWelcomes(InstallationId installation) throws NodeException {
    var self = store.jdbi().withHandle(h -> store.inboxes().find(h, installation));
    if (self.isPresent()) {
      welcomes.sync(self.get(), this);
    }
  }

  @Override
  public void joined(Key key) {
    follow(key);
    toPublish.add(key); // What waited for a group that this one replaces.
    wake(key);
  }

  @Override
  public void catchUp(Key key) throws NodeException {
    run(
        key,
        group -> {
          sync.sync(group);
          return Optional.empty();
        });
  }

  /** Gives a group a new leaf key of ours. */
  void rotate(Key key) {
    lanes.run(
        key,
        () -> {
          retries.attempt(key, () -> rotateNow(key), () -> wake(key));
          return null;
        });
  }

  private void rotateNow(Key key) throws NodeException {
    if (run(key, group -> upkeep.rotate(group) ? Optional.of(true) : Optional.empty())
        .isPresent()) {
      toPublish.add(key);
      tryWork(key);
    }
  }

  void retryPointers() throws NodeException {
    welcomes.retryPointers(this);
  }

  /** Publishes what is stored for a group; calls that come before the work begins share it. */
  CompletableFuture<Void> publish(Key key) {
    toPublish.add(key);
    var mine = new CompletableFuture<Void>();
    var waiting = publishing.putIfAbsent(key, mine);
    if (waiting != null) {
      return waiting;
    }
    try {
      lanes
          .run(key, () -> publishNow(key))
          .whenComplete(
              (done, failed) -> {
                publishing.remove(key, mine); // Still there if the task was dropped.
                if (failed == null) {
                  mine.complete(null);
                } else {
                  mine.completeExceptionally(failed);
                }
              });
    } catch (RejectedExecutionException closing) {
      publishing.remove(key, mine);
      mine.completeExceptionally(new CancellationException(closing.getMessage()));
    }
    return mine;
  }

  private Void publishNow(Key key) throws GroupException, NodeException {
    publishing.remove(key);
    try {
      work(key);
      retries.succeeded(key);
      return null;
    } catch (NodeException failed) {
      retries.later(key, failed, () -> wake(key));
      throw failed;
    } catch (StaleGroupException stale) {
      leave(stale);
      throw stale;
    } catch (RuntimeException bug) {
      retries.later(key, bug, () -> wake(key));
      throw bug;
    }
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

  /** Nobody waits for this publication; what was given up is marked so on its message. */
  private void tryWork(Key key) throws NodeException {
    try {
      work(key);
    } catch (GroupException refused) {
      log.info("not published lane={} reason={}", key, refused.getMessage());
    }
  }

  private void work(Key key) throws GroupException, NodeException {
    toPublish.remove(key);
    Optional<GroupException> refused;
    try {
      refused = run(key, publisher::publish);
    } catch (NodeException | RuntimeException failed) {
      toPublish.add(key);
      throw failed;
    }
    if (refused.isPresent()) {
      throw refused.get();
    }
  }

  private void receive(Key key) throws NodeException {
    boolean queued =
        run(
                key,
                group -> {
                  sync.sync(group);
                  return upkeep.refresh(group) ? Optional.of(true) : Optional.<Boolean>empty();
                })
            .isPresent();
    if (queued) {
      toPublish.add(key);
      tryWork(key);
    }
  }

  private interface Work<T> {
    Optional<T> on(LiveGroup group) throws NodeException;
  }

  /** Works on a group, if it is there, and keeps it to ourselves meanwhile. */
  private <T> Optional<T> run(Key key, Work<T> work) throws NodeException {
    boolean arrived = false;
    var held = groups.hold(key);
    try {
      var group = groups.find(key);
      if (group.isEmpty()) {
        return Optional.empty();
      }
      try {
        return work.on(group.get());
      } finally {
        arrived = group.get().takeArrived();
        if (group.get().takePublishAgain()) {
          toPublish.add(key);
          wake(key);
        }
        if (group.get().isDirty()) {
          groups.forget(key); // A save failed: what is in memory is not what is stored.
        }
      }
    } catch (RuntimeException bug) {
      groups.forget(key);
      throw bug;
    } finally {
      held.unlock();
      if (arrived) {
        events.messagesArrived();
      }
    }
  }

  /**
   * Compares every group's newest message with its cursor and reads those that are behind, and the
   * welcomes of some installations, others each time.
   */
  void catchUp() throws NodeException {
    var cursors = store.jdbi().withHandle(store.groups()::cursors);
    var ids = new HashSet<GroupId>();
    cursors.keySet().forEach(key -> ids.add(key.group()));
    var newest = node.newest(ids);
    cursors.forEach(
        (key, cursor) -> {
          var position = newest.get(key.group());
          if (position != null && !cursor.covers(position)) {
            wake(key);
          }
        });
    Set.copyOf(toPublish).forEach(this::wake); // What was given up, or left to somebody else.
    int turn = Math.floorMod(turns.getAndIncrement(), TURNS);
    for (var listed : store.jdbi().withHandle(store.inboxes()::leased)) {
      if (Math.floorMod(listed.installation().hashCode(), TURNS) == turn) {
        wakeWelcomes(listed.installation());
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    stream.close();
    retries.close();
  }
}

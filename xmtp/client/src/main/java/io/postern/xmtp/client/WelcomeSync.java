package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.xmtp.client.WelcomeWrapper.Unwrapped;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.network.WelcomeEnvelope;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import io.postern.xmtp.store.KeyStore.OwnKeys;
import io.postern.xmtp.store.PointerStore.Waiting;
import io.postern.xmtp.store.StaleGroupException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the welcomes of each installation in their order and opens them, and follows pointers until
 * the welcome that they lead to is there. Groups document 4.6 and 4.7.
 */
final class WelcomeSync {
  private static final Logger log = LoggerFactory.getLogger(WelcomeSync.class);

  /** A key package that a welcome has used is replaced this soon. */
  private static final Duration ROTATE_AFTER_WELCOME = Duration.ofSeconds(5);

  /** Anybody can send what opens with no key of ours: that costs one package an hour. */
  private static final Duration ROTATE_AFTER_NOISE = Duration.ofHours(1);

  /** A welcome that meets a mistake of ours so often does not keep the later ones waiting. */
  private static final int MAX_TRIES = 8;

  private static final int REMEMBERED = 10_000;

  private static final Duration FIRST_RETRY = Duration.ofMinutes(5);
  private static final Duration LONGEST_RETRY = Duration.ofHours(2);
  private static final Duration GIVE_UP_AFTER = Duration.ofDays(3);
  private static final int MAX_RETRIES = 100;

  /** A wrapped pointer has 1,240 octets; what is much longer is none. */
  private static final int MAX_POINTER = 16 * 1024;

  private final ClientStore store;
  private final Node node;
  private final GroupJoin joining;
  private final Grace grace;
  private final InstantSource clock;
  private final Map<InGrace, Integer> tried = new Lru<>(REMEMBERED);

  WelcomeSync(ClientStore store, Node node, GroupJoin joining, Grace grace, InstantSource clock) {
    this.store = store;
    this.node = node;
    this.joining = joining;
    this.grace = grace;
    this.clock = clock;
  }

  /** What follows the groups: has to be told of new ones, and can read those that are there. */
  interface Follower {
    /** A group was joined. */
    void joined(Key key);

    /** Reads a group of ours to its end. */
    void catchUp(Key key) throws NodeException;
  }

  /**
   * Reads an installation's welcomes to their end.
   *
   * @param follower told of each group as soon as it was joined
   * @throws NodeException if the network could not be asked; what was read before is saved
   */
  void sync(HostedInbox self, Follower follower) throws NodeException {
    var topic = Topic.welcomes(self.installation());
    boolean more = true;
    while (more) {
      var cursor =
          store.jdbi().withHandle(h -> store.cursors().find(h, self.installation(), topic));
      var page = node.welcomes(self.installation(), cursor);
      more = page.more() && page.items().stream().anyMatch(each -> !cursor.covers(each.position()));
      for (var envelope : page.items()) {
        if (!cursor.covers(envelope.position())) {
          take(self, envelope, follower)
              .ifPresent(group -> follower.joined(new Key(self.installation(), group)));
        }
      }
    }
  }

  /**
   * Tries again the pointers whose welcome was not there.
   *
   * @param follower told of each group that was joined
   * @throws NodeException if the network failed; the rest is tried again
   */
  void retryPointers(Follower follower) throws NodeException {
    long now = Nanos.of(clock.instant());
    Optional<NodeException> failed = Optional.empty();
    for (var waiting : store.jdbi().withHandle(h -> store.pointers().due(h, now, 100))) {
      var pointer = waiting.pointer();
      var self = store.jdbi().withHandle(h -> store.inboxes().find(h, pointer.recipient()));
      if (self.isEmpty()) {
        forget(pointer);
      } else {
        try {
          retry(self.get(), waiting, now, follower);
        } catch (NodeException notNow) {
          if (notNow.kind() != NodeException.Kind.TROUBLED && notNow.isRetryable()) {
            throw notNow;
          }
          failed = Optional.of(notNow); // The trouble of this one need not be that of the next.
          waitFor(waiting, now);
        } catch (RuntimeException bug) {
          if (!isOfTheEnvelope(bug)) {
            throw bug;
          }
          log.error("welcome pointer met a mistake of ours inbox={}", self.get().inbox(), bug);
          waitFor(waiting, now);
        }
      }
    }
    if (failed.isPresent()) {
      throw failed.get();
    }
  }

  private void retry(HostedInbox self, Waiting waiting, long now, Follower follower)
      throws NodeException {
    var pointer = waiting.pointer();
    try {
      var target = follow(self, pointer);
      if (target.isEmpty()) {
        waitFor(waiting, now);
        return;
      }
      join(self, pointer, target.get(), follower)
          .ifPresent(group -> follower.joined(new Key(self.installation(), group)));
      forget(pointer);
    } catch (MissingUpdateException missing) {
      waitFor(waiting, now);
    } catch (GroupException | MlsException unusable) {
      refuse(self, pointer, unusable);
      forget(pointer);
    }
  }

  private void forget(WelcomeEnvelope.Pointer pointer) {
    store.jdbi().useTransaction(handle -> store.pointers().delete(handle, pointer));
  }

  private void waitFor(Waiting waiting, long now) {
    boolean over =
        waiting.attempts() + 1 >= MAX_RETRIES
            || now - waiting.firstSeenNs() > GIVE_UP_AFTER.toNanos();
    if (over) {
      log.warn(
          "welcome pointer given up installation={} sequence={}",
          waiting.pointer().recipient(),
          waiting.pointer().position().sequence());
      forget(waiting.pointer());
      return;
    }
    double pause = FIRST_RETRY.toNanos() * Math.pow(1.5, waiting.attempts() + 1);
    long next = now + (long) Math.min(pause, LONGEST_RETRY.toNanos());
    var again = new Waiting(waiting.pointer(), waiting.attempts() + 1, waiting.firstSeenNs());
    store.jdbi().useTransaction(h -> store.pointers().put(h, again, next));
  }

  private Optional<GroupId> take(HostedInbox self, WelcomeEnvelope envelope, Follower follower)
      throws NodeException {
    try {
      return open(self, envelope, follower);
    } catch (WaitingGroupException waiting) {
      grace.check(waiting.group(), Nanos.of(clock.instant()), waiting);
      refuse(self, envelope, waiting);
    } catch (MissingUpdateException missing) {
      giveGrace(self, envelope, missing);
    } catch (GroupException | MlsException unusable) {
      refuse(self, envelope, unusable);
    } catch (NodeException failed) {
      if (failed.isRetryable()) {
        throw failed;
      }
      // What it names cannot be had; the next one can.
      giveGrace(self, envelope, failed);
    } catch (RuntimeException bug) {
      if (!isOfTheEnvelope(bug) || tries(self, envelope) < MAX_TRIES) {
        throw bug;
      }
      log.error("welcome given up inbox={}", self.inbox(), bug);
      refuse(self, envelope, bug);
    }
    return Optional.empty();
  }

  private Optional<GroupId> open(HostedInbox self, WelcomeEnvelope envelope, Follower follower)
      throws GroupException, MlsException, NodeException {
    Optional<Target> target;
    try {
      target =
          envelope instanceof WelcomeEnvelope.Direct direct
              ? Optional.of(unwrap(self, direct))
              : follow(self, (WelcomeEnvelope.Pointer) envelope);
    } catch (GroupException | MlsException unreadable) {
      rotateWithin(self, ROTATE_AFTER_NOISE);
      throw unreadable;
    }
    rotateWithin(self, ROTATE_AFTER_WELCOME);
    if (target.isPresent()) {
      return join(self, envelope, target.get(), follower);
    }
    var pointer = (WelcomeEnvelope.Pointer) envelope;
    if (pointer.pointer().length > MAX_POINTER) {
      throw new GroupException("4.6: a welcome pointer of " + pointer.pointer().length + " octets");
    }
    long now = Nanos.of(clock.instant());
    store
        .jdbi()
        .useTransaction(
            handle -> {
              store
                  .pointers()
                  .put(handle, new Waiting(pointer, 0, now), now + FIRST_RETRY.toNanos());
              joining.read(handle, self, envelope);
            });
    return Optional.empty();
  }

  private Optional<GroupId> join(
      HostedInbox self, WelcomeEnvelope envelope, Target target, Follower follower)
      throws GroupException, MlsException, NodeException {
    try {
      return joining.join(self, envelope, target.keys(), target.unwrapped(), follower);
    } finally {
      target.keys().erase();
    }
  }

  /** Waits a while for what cannot be judged now; then it is refused. */
  private void giveGrace(HostedInbox self, WelcomeEnvelope envelope, Exception reason)
      throws NodeException {
    var which = new InGrace(self.installation(), envelope.position());
    grace.check(which, envelope.createdNs(), reason);
    refuse(self, envelope, reason);
  }

  /** Whether another welcome in its place would not have met the same. */
  private static boolean isOfTheEnvelope(RuntimeException bug) {
    return Retry.of(bug).kind() != Retry.Kind.STORE && !(bug instanceof StaleGroupException);
  }

  /** How often a welcome has met a mistake of ours. */
  private int tries(HostedInbox self, WelcomeEnvelope envelope) {
    synchronized (tried) {
      return tried.merge(new InGrace(self.installation(), envelope.position()), 1, Integer::sum);
    }
  }

  private record InGrace(InstallationId installation, Position position) {}

  private record Target(OwnKeys keys, Unwrapped unwrapped) {}

  private Target unwrap(HostedInbox self, WelcomeEnvelope.Direct direct)
      throws GroupException, MlsException {
    var keys = keys(self, direct.hpkePublicKey());
    boolean done = false;
    try {
      var target = new Target(keys, WelcomeWrapper.unwrap(direct, keys));
      done = true;
      return target;
    } finally {
      if (!done) {
        keys.erase();
      }
    }
  }

  private Optional<Target> follow(HostedInbox self, WelcomeEnvelope.Pointer pointer)
      throws GroupException, MlsException, NodeException {
    var keys = keys(self, pointer.hpkePublicKey());
    Optional<Target> found = Optional.empty();
    try {
      found = follow(pointer, keys);
    } finally {
      if (found.isEmpty()) {
        keys.erase();
      }
    }
    return found;
  }

  private Optional<Target> follow(WelcomeEnvelope.Pointer pointer, OwnKeys keys)
      throws GroupException, MlsException, NodeException {
    var target = WelcomeWrapper.open(pointer, keys);
    for (var found : at(target.destination())) {
      if (found instanceof WelcomeEnvelope.Direct pointee) {
        return Optional.of(new Target(keys, target.open(pointee)));
      }
      throw new GroupException("4.6: a welcome pointer leads to another pointer");
    }
    return Optional.empty();
  }

  /** What lies there is a stranger's: if it cannot be had, it is as if there were nothing yet. */
  private List<WelcomeEnvelope> at(InstallationId destination) throws NodeException {
    try {
      return node.welcomes(destination, Cursor.START).items();
    } catch (NodeException failed) {
      if (failed.isRetryable()) {
        throw failed;
      }
      log.info("welcome pointer leads nowhere reason={}", failed.getMessage());
      return List.of();
    }
  }

  private OwnKeys keys(HostedInbox self, byte[] publicKey) throws GroupException {
    return store
        .jdbi()
        .withHandle(h -> store.keys().find(h, self.installation(), publicKey))
        .orElseThrow(() -> new GroupException("4.7 step 2: no key package of ours has this key"));
  }

  private void refuse(HostedInbox self, WelcomeEnvelope envelope, Exception reason) {
    log.warn(
        "welcome refused inbox={} sequence={} reason={}",
        self.inbox(),
        envelope.position().sequence(),
        reason.getMessage());
    store.jdbi().useTransaction(handle -> joining.read(handle, self, envelope));
  }

  /** Brings the next replacement of the key package forward, never back. */
  private void rotateWithin(HostedInbox self, Duration pause) {
    long at = Nanos.of(clock.instant().plus(pause));
    store.jdbi().useTransaction(h -> store.inboxes().rotateBy(h, self.installation(), at));
  }
}

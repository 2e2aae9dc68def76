package io.postern.xmtp.client;

import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore;
import io.postern.xmtp.store.IntentStore.Kind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps groups fit to be written to: every device of every member is in, the other side of a DM is
 * there, our leaf key is fresh. What is missing is queued as intents. Groups document 8.
 */
final class GroupUpkeep {
  private static final Logger log = LoggerFactory.getLogger(GroupUpkeep.class);

  /**
   * Members' installations are compared with their inboxes before a message, but not more often.
   */
  private static final Duration CHECK_EVERY = Duration.ofSeconds(5);

  /** The same when messages only come in. */
  private static final Duration REFRESH_EVERY = Duration.ofMinutes(30);

  /** Our leaf key is replaced after this time, and before the first message in a group joined. */
  static final Duration ROTATE_EVERY = Duration.ofDays(30);

  private final ClientStore store;
  private final MembershipCommits memberships;
  private final InstantSource clock;

  GroupUpkeep(ClientStore store, MembershipCommits memberships, InstantSource clock) {
    this.store = store;
    this.memberships = memberships;
    this.clock = clock;
  }

  /**
   * Brings a group's installations up to date if that was not done for long, so that new devices of
   * people who only read are let in too.
   *
   * @return whether there is something to publish now
   */
  boolean refresh(LiveGroup group) throws NodeException {
    long now = Nanos.of(clock.instant());
    var row = group.row();
    if (!group.isActive()
        || !row.isUsable()
        || row.kind() == GroupStore.Kind.SYNC
        || now - row.checkedAtNs() <= REFRESH_EVERY.toNanos()) {
      return false;
    }
    boolean queued = queueMembership(group);
    group.change(handle -> store.groups().checkedAt(handle, group.key(), now));
    group.save();
    return queued;
  }

  /**
   * Queues the commits that must come before a message.
   *
   * @return whether there are any
   * @throws GroupException if the other side of a DM is not there and cannot be added: nobody would
   *     read the message
   */
  boolean beforeMessages(LiveGroup group) throws GroupException, NodeException {
    long now = Nanos.of(clock.instant());
    var row = group.row();
    if (row.kind() == GroupStore.Kind.SYNC) {
      return false;
    }
    boolean queued = false;
    if (lacksPeer(group)) {
      queue(group, memberships.plan(group, List.of(row.peer().orElseThrow())));
      queued = true;
    } else if (now - row.checkedAtNs() > CHECK_EVERY.toNanos()) {
      queued = queueMembership(group);
      group.change(handle -> store.groups().checkedAt(handle, group.key(), now));
    }
    boolean stale = now - row.rotatedAtNs() > ROTATE_EVERY.toNanos();
    if (!queued && stale) {
      queueKeyUpdate(group);
      queued = true;
    }
    group.save();
    return queued;
  }

  /**
   * Queues a new leaf key, unless that has been done meanwhile.
   *
   * @return whether there is something to publish now
   */
  boolean rotate(LiveGroup group) {
    long age = Nanos.of(clock.instant()) - group.row().rotatedAtNs();
    if (!group.isActive() || !group.row().isUsable() || age <= ROTATE_EVERY.toNanos()) {
      return false;
    }
    queueKeyUpdate(group);
    group.save();
    return true;
  }

  /** Whether a DM has lost the other side, or never got it: then nobody would read a message. */
  private static boolean lacksPeer(LiveGroup group) {
    try {
      var peer = group.row().peer();
      return peer.isPresent()
          && !MembershipCommits.membership(group).members().containsKey(peer.get());
    } catch (GroupException unreadable) {
      throw new IllegalStateException("a group of ours has no membership", unreadable);
    }
  }

  private void queue(LiveGroup group, MembershipChange change) {
    group.change(
        handle -> {
          store
              .intents()
              .insert(
                  handle,
                  group.key(),
                  Kind.UPDATE_MEMBERSHIP,
                  change.toOctets(),
                  Optional.empty(),
                  false);
          store.groups().rotatedAt(handle, group.key(), Nanos.of(clock.instant()));
        });
  }

  private boolean queueMembership(LiveGroup group) throws NodeException {
    try {
      var change = memberships.plan(group, List.of());
      if (change.isEmpty()) {
        return false;
      }
      queue(group, change);
      return true;
    } catch (GroupException unusable) {
      // A member's identity cannot be read now: the message goes to those who are there.
      log.warn(
          "members not brought up to date group={} reason={}", group.key(), unusable.getMessage());
      return false;
    }
  }

  private void queueKeyUpdate(LiveGroup group) {
    group.change(
        handle -> {
          store
              .intents()
              .insert(handle, group.key(), Kind.KEY_UPDATE, new byte[0], Optional.empty(), false);
          store.groups().rotatedAt(handle, group.key(), Nanos.of(clock.instant()));
        });
  }
}

package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.GroupStore;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.GroupStore.Membership;
import io.postern.xmtp.store.GroupStore.State;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import io.postern.xmtp.store.IntentStore.Kind;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the DM of two inboxes, or makes it exactly as every client does. Both sides may make one at
 * the same time: all groups of a pair are one conversation, and the one with the newest message is
 * written to. Groups document 2.5 and 2.6.
 */
final class Conversations {
  private static final Logger log = LoggerFactory.getLogger(Conversations.class);

  private final ClientStore store;
  private final MembershipCommits memberships;
  private final GroupLanes lanes;
  private final SecureRandom random;
  private final InstantSource clock;

  Conversations(
      ClientStore store,
      MembershipCommits memberships,
      GroupLanes lanes,
      SecureRandom random,
      InstantSource clock) {
    this.store = store;
    this.memberships = memberships;
    this.lanes = lanes;
    this.random = random;
    this.clock = clock;
  }

  /**
   * The group to write to, if the two have a DM that still works. Where none does, another is made:
   * every client shows them as one.
   */
  Optional<Key> find(HostedInbox self, InboxId peer) {
    return store
        .jdbi()
        .withHandle(handle -> store.groups().dms(handle, self.installation(), peer))
        .stream()
        .filter(GroupRow::isUsable)
        .map(row -> new Key(row.installation(), row.group()))
        .findFirst();
  }

  /** Two tasks must not make the same DM at once. */
  private record DmLane(InstallationId installation, InboxId peer) {}

  /**
   * The group to write to, made if there is none.
   *
   * @throws XmtpException if the peer cannot be reached, or the network is away
   */
  Key findOrCreate(HostedInbox self, InboxId peer) throws XmtpException {
    var found = find(self, peer);
    return found.isPresent()
        ? found.get()
        : XmtpException.await(
            lanes.run(
                new DmLane(self.installation(), peer),
                () -> {
                  var made = find(self, peer);
                  return made.isPresent() ? made.get() : create(self, peer);
                }));
  }

  /**
   * Makes a DM: a group of our own leaf, and the wish to add the peer. What is stored here is
   * carried out by the publisher, now or after a crash.
   *
   * @throws GroupException if the peer has no inbox or no usable installation; nothing is made then
   */
  private Key create(HostedInbox self, InboxId peer) throws GroupException, NodeException {
    if (peer.equals(self.inbox())) {
      throw new GroupException("an inbox has no DM with itself");
    }
    if (!memberships.isReachable(peer)) {
      throw new GroupException("the inbox " + peer + " cannot be reached on XMTP");
    }
    var now = clock.instant();
    var groupId = new byte[GroupId.LENGTH];
    random.nextBytes(groupId);
    var extensions =
        Extensions.of(
            new Extension(GroupMetadata.IMMUTABLE, GroupMetadata.immutableDm(self.inbox(), peer)),
            new Extension(GroupMetadata.MUTABLE, GroupMetadata.mutableDm(random)),
            new Extension(GroupMembership.TYPE, GroupMembership.created(self.inbox()).toOctets()),
            new Extension(GroupPermissions.TYPE, GroupPermissions.dm()),
            KeyPackages.requiredCapabilities());
    var mls = alone(self, groupId, extensions, now);
    var key = new Key(self.installation(), GroupId.of(groupId));
    long nowNs = Nanos.of(now);
    var row =
        new GroupRow(
            key.installation(),
            key.group(),
            GroupStore.Kind.DM,
            Optional.of(peer),
            self.inbox(),
            Membership.ALLOWED,
            true,
            nowNs,
            nowNs,
            nowNs,
            nowNs,
            0,
            Optional.empty(),
            false,
            0);
    var wish = wish(self, peer);
    store
        .jdbi()
        .useTransaction(
            handle -> {
              store.groups().put(handle, row, new State(mls.epochState(), mls.ratchetState()));
              store
                  .consents()
                  .set(handle, key.installation(), key.group(), ConsentStore.State.ALLOWED, nowNs);
              store
                  .intents()
                  .insert(
                      handle,
                      key,
                      Kind.UPDATE_MEMBERSHIP,
                      wish.toOctets(),
                      Optional.empty(),
                      false);
            });
    log.info("dm made group={} peer={}", key, peer);
    return key;
  }

  private MlsGroup alone(HostedInbox self, byte[] groupId, Extensions extensions, Instant now) {
    try {
      return MlsGroup.create(
          KeyPackages.SUITE,
          groupId,
          SignatureKeyPair.of(self.installationSeed().copy()),
          Leaves.credential(self.inbox()),
          KeyPackages.creatorCapabilities(),
          KeyPackages.lifetime(now),
          Extensions.NONE,
          extensions,
          DictionaryFold.SETTINGS,
          random);
    } catch (MlsException bug) {
      throw new IllegalStateException("our own leaf does not fit our own group", bug);
    }
  }

  /**
   * Both inboxes at their latest update; the creator's placeholder 0 is resolved at the same time.
   */
  private MembershipChange wish(HostedInbox self, InboxId peer)
      throws GroupException, NodeException {
    var latest = memberships.latest(self.inbox(), peer);
    return new MembershipChange(
        Map.of(self.inbox(), latest.get(self.inbox()), peer, latest.get(peer)));
  }
}

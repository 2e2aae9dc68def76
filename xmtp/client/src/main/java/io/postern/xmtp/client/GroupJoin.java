package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.group.JoinedGroup;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.Welcome;
import io.postern.xmtp.client.WelcomeWrapper.Unwrapped;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.ContractWalletUnavailableException;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.network.WelcomeEnvelope;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.GroupStore.Membership;
import io.postern.xmtp.store.GroupStore.State;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import io.postern.xmtp.store.IntentStore;
import io.postern.xmtp.store.KeyStore.OwnKeys;
import io.postern.xmtp.store.MessageStore.Kind;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins a group that others have added us to: an opened welcome is checked against the identity
 * logs of all members, and becomes a group in one transaction with the cursor. Groups document 4.7.
 */
final class GroupJoin {
  private static final Logger log = LoggerFactory.getLogger(GroupJoin.class);

  /** A group of 250 inboxes with ten installations each has a state of 1.5 million octets. */
  private static final int MAX_STATE = 8 * 1024 * 1024;

  private final ClientStore store;
  private final Node node;
  private final Identities identities;
  private final WelcomePolicy policy;
  private final LiveGroups groups;
  private final SecureRandom random;
  private final InstantSource clock;

  GroupJoin(
      ClientStore store,
      Node node,
      Identities identities,
      LiveGroups groups,
      SecureRandom random,
      InstantSource clock) {
    this.store = store;
    this.node = node;
    this.identities = identities;
    this.policy = new WelcomePolicy(store, identities);
    this.groups = groups;
    this.random = random;
    this.clock = clock;
  }

  /**
   * Joins, unless the group is there already or is no group to be in.
   *
   * @param unwrapped what the envelope held
   * @return the group, if it was joined
   * @throws GroupException if the welcome breaks a rule
   * @throws NodeException if the members' identity logs cannot be had now
   */
  Optional<GroupId> join(
      HostedInbox self,
      WelcomeEnvelope envelope,
      OwnKeys keys,
      Unwrapped unwrapped,
      WelcomeSync.Follower follower)
      throws GroupException, MlsException, NodeException {
    var signer = SignatureKeyPair.of(self.installationSeed().copy());
    JoinedGroup joined =
        MlsGroup.join(
            welcome(unwrapped.welcome()),
            KeyPackage.read(keys.octets()),
            keys.initKey(),
            keys.encryptionKey(),
            signer,
            random);
    var context = XmtpContext.of(joined.group().contextExtensions());
    var membership = WelcomePolicy.membership(context);
    var unheardOf = identities.unknown(membership.members().keySet());
    unheardOf.remove(self.inbox());
    var group = Optional.<GroupId>empty();
    try {
      group =
          join(self, envelope, unwrapped.messageCursor(), joined, context, membership, follower);
    } finally {
      if (group.isEmpty()) {
        identities.forget(unheardOf); // Else anybody could fill the disk with logs of any inboxes.
      }
    }
    return group;
  }

  private Optional<GroupId> join(
      HostedInbox self,
      WelcomeEnvelope envelope,
      long messageCursor,
      JoinedGroup joined,
      XmtpContext context,
      GroupMembership membership,
      WelcomeSync.Follower follower)
      throws GroupException, NodeException {
    var mls = joined.group();
    var metadata = WelcomePolicy.metadata(context);
    var adder = Leaves.inbox(joined.adderLeaf());
    var group = WelcomePolicy.groupId(mls);
    var key = new Key(self.installation(), group);
    if (!isThere(key)) {
      policy.checkNumber(self, adder, envelope.createdNs()); // Before it costs anything.
    }
    policy.checkMembers(self, mls, membership, adder);
    WelcomePolicy.checkSync(self, metadata, adder);
    if (metadata.kind() == ConversationType.CONVERSATION_TYPE_ONESHOT) {
      // Carries a request to re-add somebody, which only super admins of groups act on.
      store.jdbi().useTransaction(handle -> read(handle, self, envelope));
      return Optional.empty();
    }
    var peer = WelcomePolicy.checkDm(self, metadata, adder, membership.members().keySet());
    if (isNews(key, mls)) {
      // It may tell that we were removed: then nobody is replaced.
      catchUp(self, adder, key, follower);
    }
    long cursor = shown(group, messageCursor);
    var held = groups.hold(key);
    try {
      boolean adopted = adopt(self, envelope, cursor, joined, metadata, peer, adder, key);
      return adopted ? Optional.of(group) : Optional.empty();
    } finally {
      held.unlock();
    }
  }

  private static Welcome welcome(byte[] octets) throws GroupException, MlsException {
    if (MlsMessage.read(octets) instanceof MlsMessage.OfWelcome framed) {
      return framed.welcome();
    }
    throw new GroupException("4.7 step 3: what was unwrapped is no Welcome");
  }

  /**
   * Reads the group to its end. Where a commit in it waits for what may never come, so does this
   * welcome, with a grace of its own: else whoever is in the group could hold up all that follow.
   */
  private void catchUp(HostedInbox self, InboxId adder, Key key, WelcomeSync.Follower follower)
      throws WaitingGroupException, NodeException {
    try {
      follower.catchUp(key);
    } catch (NodeException failed) {
      if (failed.getCause() instanceof MissingUpdateException
          || failed.getCause() instanceof ContractWalletUnavailableException
              && !policy.isKnown(self, adder)) {
        throw new WaitingGroupException(
            key, "the group as it is here waits: " + failed.getMessage());
      }
      throw failed;
    }
  }

  private boolean isThere(Key key) {
    return store
        .jdbi()
        .withHandle(h -> store.groups().find(h, key.installation(), key.group()))
        .isPresent();
  }

  /** Whether a welcome is about a group that we are in, and no copy of one that we have taken. */
  private boolean isNews(Key key, MlsGroup offered) {
    return store
        .jdbi()
        .withHandle(
            h -> {
              var known = store.groups().find(h, key.installation(), key.group());
              return known.isPresent()
                  && known.get().active()
                  && !store.commits().wasIn(h, key, offered.epoch(), offered.epochAuthenticator());
            });
  }

  /** Where a welcome says that its group begins for us; never behind what the network shows. */
  private long shown(GroupId group, long cursor) throws NodeException {
    var newest = node.newest(Set.of(group)).get(group);
    long end = newest == null ? 0 : newest.sequence();
    return Long.compareUnsigned(cursor, end) > 0 ? end : cursor;
  }

  /** Answers false if the group is there already. */
  private boolean adopt(
      HostedInbox self,
      WelcomeEnvelope envelope,
      long cursor,
      JoinedGroup joined,
      GroupMetadata metadata,
      Optional<InboxId> peer,
      InboxId adder,
      Key key)
      throws GroupException {
    var mls = joined.group();
    var known = groups.find(key);
    boolean byStranger = false;
    if (known.isPresent()) {
      var replacement = new Replacement(store, known.get(), mls, adder, cursor);
      if (replacement.isCopy()) {
        store.jdbi().useTransaction(handle -> read(handle, self, envelope));
        return false;
      }
      replacement.check();
      byStranger = replacement.isByStranger();
    }
    var state = new State(mls.epochState(), mls.ratchetState());
    if (Math.max(state.epoch().length, state.ratchet().length) > MAX_STATE) {
      throw new GroupException("a group's state of " + state.epoch().length + " octets");
    }
    boolean sync = metadata.kind() == ConversationType.CONVERSATION_TYPE_SYNC;
    boolean returning = known.isPresent() && known.get().row().membership() == Membership.LEAVING;
    var row =
        new GroupRow(
            key.installation(),
            key.group(),
            WelcomePolicy.kind(metadata),
            peer,
            adder,
            sync || returning ? Membership.ALLOWED : Membership.PENDING,
            true,
            envelope.createdNs(),
            envelope.createdNs(),
            0,
            0,
            metadata.disappearInNs(),
            WelcomePolicy.demanded(metadata),
            false,
            mls.epoch());
    var message = transcript(key, envelope, adder, self.inbox(), joined);
    boolean forStrangers = byStranger;
    store
        .jdbi()
        .useTransaction(
            handle -> {
              store.groups().put(handle, row, state);
              if (forStrangers) {
                abandon(handle, key);
              }
              store.intents().replaced(handle, key);
              store.cursors().restart(handle, key.installation(), Topic.of(key.group()), cursor);
              store.commits().joined(handle, key, cursor, mls.epoch(), mls.epochAuthenticator());
              consent(handle, self, key, metadata, adder, peer, returning || forStrangers);
              if (message.isPresent()) {
                store.messages().insert(handle, message.get(), false);
              }
              read(handle, self, envelope);
            });
    groups.forget(key);
    log.info("group joined group={} kind={} added_by={}", key, row.kind(), adder);
    return true;
  }

  /** What was to be written into the group as it was is not for those who are in it now. */
  private void abandon(Handle handle, Key key) {
    for (var state : IntentStore.State.values()) {
      for (var intent : store.intents().wishes(handle, key, state)) {
        intent.messageId().ifPresent(id -> store.messages().failed(handle, key.installation(), id));
        store.intents().done(handle, intent.id());
      }
    }
  }

  /**
   * Groups document 9.1: the first row that fits. Whoever makes a group writes into it who made it,
   * so it was made by us only if one of our installations has also added us: only a leaf shows
   * that.
   */
  private void consent(
      Handle handle,
      HostedInbox self,
      Key key,
      GroupMetadata metadata,
      InboxId adder,
      Optional<InboxId> peer,
      boolean undecided) {
    long now = Nanos.of(clock.instant());
    if (metadata.isCreator(self.inbox()) && adder.equals(self.inbox())) {
      store
          .consents()
          .set(handle, key.installation(), key.group(), ConsentStore.State.ALLOWED, now);
    } else if (peer.isPresent()) {
      var siblings =
          store.groups().dms(handle, key.installation(), peer.get()).stream()
              .map(GroupRow::group)
              .toList();
      store
          .consents()
          .newest(handle, key.installation(), siblings)
          .ifPresent(
              decided ->
                  store.consents().set(handle, key.installation(), key.group(), decided, now));
    } else if (undecided) {
      store
          .consents()
          .set(handle, key.installation(), key.group(), ConsentStore.State.UNKNOWN, now);
    }
  }

  private static Optional<Message> transcript(
      Key key, WelcomeEnvelope envelope, InboxId adder, InboxId self, JoinedGroup joined)
      throws GroupException {
    try {
      var content = ContentCodec.encode(Transcript.joined(adder, self));
      var idempotency = envelope.createdNs() + "_welcome_added";
      return Optional.of(
          new Message(
              key.installation(),
              MessageId.of(key.group().octets(), idempotency, content),
              key.group(),
              0,
              envelope.createdNs(),
              adder,
              Leaves.installation(joined.adderLeaf()),
              Kind.MEMBERSHIP_CHANGE,
              Status.PUBLISHED,
              Optional.empty(),
              content));
    } catch (ContentException impossible) {
      throw new GroupException("the transcript of a welcome cannot be written", impossible);
    }
  }

  /** Notes that an envelope is done with. */
  void read(Handle handle, HostedInbox self, WelcomeEnvelope envelope) {
    store
        .cursors()
        .advance(
            handle, self.installation(), Topic.welcomes(self.installation()), envelope.position());
  }
}

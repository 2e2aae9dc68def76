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
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.network.WelcomeEnvelope;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.CommitLog.Result;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.GroupStore;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.GroupStore.Membership;
import io.postern.xmtp.store.GroupStore.State;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import io.postern.xmtp.store.KeyStore.OwnKeys;
import io.postern.xmtp.store.MessageStore.Kind;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import io.postern.xmtp.store.PointerStore.Waiting;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins the groups that others have added us to. A welcome is unwrapped, checked against the
 * identity logs of all members, and becomes a group in one transaction with the cursor. Groups
 * document 4.7.
 */
final class WelcomeSync {
  private static final Logger log = LoggerFactory.getLogger(WelcomeSync.class);

  /** A key package that a welcome has used is replaced this soon. */
  private static final Duration ROTATE_AFTER_WELCOME = Duration.ofSeconds(5);

  private static final Duration FIRST_RETRY = Duration.ofMinutes(5);
  private static final Duration LONGEST_RETRY = Duration.ofHours(2);
  private static final Duration GIVE_UP_AFTER = Duration.ofDays(3);
  private static final int MAX_RETRIES = 100;

  /** A wrapped pointer has 1,240 octets; what is much longer is none. */
  private static final int MAX_POINTER = 16 * 1024;

  /** The database holds a million octets in a column; sealing adds a few. */
  private static final int MAX_STATE = 1_000_000;

  private final ClientStore store;
  private final Node node;
  private final Identities identities;
  private final LiveGroups groups;
  private final Grace grace;
  private final SecureRandom random;
  private final InstantSource clock;

  WelcomeSync(
      ClientStore store,
      Node node,
      Identities identities,
      LiveGroups groups,
      Grace grace,
      SecureRandom random,
      InstantSource clock) {
    this.store = store;
    this.node = node;
    this.identities = identities;
    this.groups = groups;
    this.grace = grace;
    this.random = random;
    this.clock = clock;
  }

  /**
   * Reads an installation's welcomes to their end.
   *
   * @return the groups that were joined
   * @throws NodeException if the network could not be asked; what was read before is saved
   */
  List<GroupId> sync(HostedInbox self) throws NodeException {
    var joined = new ArrayList<GroupId>();
    var topic = Topic.welcomes(self.installation());
    boolean more = true;
    while (more) {
      var cursor =
          store.jdbi().withHandle(h -> store.cursors().find(h, self.installation(), topic));
      var page = node.welcomes(self.installation(), cursor);
      more = page.more() && !page.items().isEmpty();
      for (var envelope : page.items()) {
        if (!cursor.covers(envelope.position())) {
          take(self, envelope).ifPresent(joined::add);
        }
      }
    }
    return joined;
  }

  /**
   * Tries again the pointers whose welcome was not there.
   *
   * @param joined told of each group that was joined
   * @throws NodeException if the network failed; the rest is tried again
   */
  void retryPointers(Consumer<Key> joined) throws NodeException {
    long now = Nanos.of(clock.instant());
    for (var waiting : store.jdbi().withHandle(h -> store.pointers().due(h, now, 100))) {
      var pointer = waiting.pointer();
      var self = store.jdbi().withHandle(h -> store.inboxes().find(h, pointer.recipient()));
      if (self.isEmpty()) {
        forget(pointer);
      } else {
        retry(self.get(), waiting, now, joined);
      }
    }
  }

  private void retry(HostedInbox self, Waiting waiting, long now, Consumer<Key> joined)
      throws NodeException {
    var pointer = waiting.pointer();
    try {
      var target = follow(self, pointer);
      if (target.isEmpty()) {
        waitFor(waiting, now);
        return;
      }
      join(self, pointer, target.get().keys(), target.get().unwrapped())
          .ifPresent(group -> joined.accept(new Key(self.installation(), group)));
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

  private Optional<GroupId> take(HostedInbox self, WelcomeEnvelope envelope) throws NodeException {
    rotateSoon(self);
    try {
      if (envelope instanceof WelcomeEnvelope.Direct direct) {
        var keys = keys(self, direct.hpkePublicKey());
        return join(self, envelope, keys, WelcomeWrapper.unwrap(direct, keys));
      }
      var pointer = (WelcomeEnvelope.Pointer) envelope;
      var target = follow(self, pointer);
      if (target.isPresent()) {
        return join(self, envelope, target.get().keys(), target.get().unwrapped());
      }
      if (pointer.pointer().length > MAX_POINTER) {
        throw new GroupException(
            "4.6: a welcome pointer of " + pointer.pointer().length + " octets");
      }
      long now = Nanos.of(clock.instant());
      store
          .jdbi()
          .useTransaction(
              handle -> {
                store
                    .pointers()
                    .put(handle, new Waiting(pointer, 0, now), now + FIRST_RETRY.toNanos());
                advance(handle, self, envelope);
              });
    } catch (MissingUpdateException missing) {
      var which = new InGrace(self.installation(), envelope.position());
      grace.check(which, envelope.createdNs(), missing);
      refuse(self, envelope, missing);
    } catch (GroupException | MlsException unusable) {
      refuse(self, envelope, unusable);
    }
    return Optional.empty();
  }

  private record InGrace(InstallationId installation, Position position) {}

  private record Target(OwnKeys keys, Unwrapped unwrapped) {}

  private Optional<Target> follow(HostedInbox self, WelcomeEnvelope.Pointer pointer)
      throws GroupException, MlsException, NodeException {
    var keys = keys(self, pointer.hpkePublicKey());
    var target = WelcomeWrapper.open(pointer, keys);
    for (var found : node.welcomes(target.destination(), Cursor.START).items()) {
      if (found instanceof WelcomeEnvelope.Direct pointee) {
        return Optional.of(new Target(keys, target.open(pointee)));
      }
      throw new GroupException("4.6: a welcome pointer leads to another pointer");
    }
    return Optional.empty();
  }

  private OwnKeys keys(HostedInbox self, byte[] publicKey) throws GroupException {
    return store
        .jdbi()
        .withHandle(h -> store.keys().find(h, self.installation(), publicKey))
        .orElseThrow(() -> new GroupException("4.7 step 2: no key package of ours has this key"));
  }

  private Optional<GroupId> join(
      HostedInbox self, WelcomeEnvelope envelope, OwnKeys keys, Unwrapped unwrapped)
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
    var mls = joined.group();
    var extensions = mls.contextExtensions();
    var metadata =
        GroupMetadata.read(
            CommitPolicy.required(extensions, GroupMetadata.IMMUTABLE),
            CommitPolicy.required(extensions, GroupMetadata.MUTABLE));
    GroupPermissions.read(CommitPolicy.required(extensions, GroupPermissions.TYPE));
    checkMembers(mls);
    var adder = Leaves.inbox(joined.adderLeaf());
    if (metadata.kind() == ConversationType.CONVERSATION_TYPE_ONESHOT) {
      // Carries a request to re-add somebody, which only super admins of groups act on.
      store.jdbi().useTransaction(handle -> advance(handle, self, envelope));
      return Optional.empty();
    }
    var peer = checkDm(self, metadata, adder);
    var group = groupId(mls);
    var key = new Key(self.installation(), group);
    var held = groups.hold(key);
    try {
      adopt(self, envelope, unwrapped, joined, metadata, peer, adder, key);
    } finally {
      held.unlock();
    }
    return Optional.of(group);
  }

  private static Welcome welcome(byte[] octets) throws GroupException, MlsException {
    if (MlsMessage.read(octets) instanceof MlsMessage.OfWelcome framed) {
      return framed.welcome();
    }
    throw new GroupException("4.7 step 3: what was unwrapped is no Welcome");
  }

  private void adopt(
      HostedInbox self,
      WelcomeEnvelope envelope,
      Unwrapped unwrapped,
      JoinedGroup joined,
      GroupMetadata metadata,
      Optional<InboxId> peer,
      InboxId adder,
      Key key)
      throws GroupException {
    var mls = joined.group();
    var known =
        store.jdbi().withHandle(h -> store.groups().find(h, key.installation(), key.group()));
    if (known.isPresent() && known.get().active() && mls.epoch() <= known.get().epoch()) {
      store.jdbi().useTransaction(handle -> advance(handle, self, envelope));
      return; // Processed already, or a copy.
    }
    if (known.isPresent()
        && (known.get().kind() != kind(metadata) || !known.get().peer().equals(peer))) {
      // A group's kind and pair never change: somebody founded another under the same id.
      throw new GroupException("2.1: a welcome turns a group of ours into another");
    }
    var state = new State(mls.epochState(), mls.ratchetState());
    if (Math.max(state.epoch().length, state.ratchet().length) > MAX_STATE) {
      throw new GroupException("a group's state of " + state.epoch().length + " octets");
    }
    boolean sync = metadata.kind() == ConversationType.CONVERSATION_TYPE_SYNC;
    boolean returning = known.isPresent() && known.get().membership() == Membership.LEAVING;
    var row =
        new GroupRow(
            key.installation(),
            key.group(),
            kind(metadata),
            peer,
            adder,
            sync || returning ? Membership.ALLOWED : Membership.PENDING,
            true,
            envelope.createdNs(),
            envelope.createdNs(),
            0,
            0,
            metadata.disappearInNs(),
            demanded(metadata),
            false,
            mls.epoch());
    var message = transcript(key, envelope, adder, self.inbox(), joined);
    store
        .jdbi()
        .useTransaction(
            handle -> {
              store.groups().put(handle, row, state);
              store.intents().replaced(handle, key);
              store
                  .cursors()
                  .advance(
                      handle,
                      key.installation(),
                      Topic.of(key.group()),
                      new Position(Cursor.COMMITS, unwrapped.messageCursor()));
              store
                  .commits()
                  .add(
                      handle,
                      key,
                      unwrapped.messageCursor(),
                      Result.APPLIED,
                      mls.epoch(),
                      mls.epochAuthenticator(),
                      "welcome");
              consent(handle, self, key, metadata, peer, returning);
              if (message.isPresent()) {
                store.messages().insert(handle, message.get(), false);
              }
              advance(handle, self, envelope);
            });
    groups.forget(key);
    log.info("group joined group={} kind={} added_by={}", key, row.kind(), adder);
  }

  /** Groups document 9.1: the first row that fits. */
  private void consent(
      Handle handle,
      HostedInbox self,
      Key key,
      GroupMetadata metadata,
      Optional<InboxId> peer,
      boolean returning) {
    long now = Nanos.of(clock.instant());
    if (metadata.creator().equals(self.inbox())) {
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
    } else if (returning) {
      store
          .consents()
          .set(handle, key.installation(), key.group(), ConsentStore.State.UNKNOWN, now);
    }
  }

  /**
   * Every leaf is an installation of its inbox, and every installation has a leaf or has failed.
   */
  private void checkMembers(MlsGroup mls) throws GroupException, NodeException {
    var membership =
        GroupMembership.read(CommitPolicy.required(mls.contextExtensions(), GroupMembership.TYPE));
    var expected = new HashMap<InstallationId, InboxId>();
    for (var member : membership.members().entrySet()) {
      for (var installation : identities.at(member.getKey(), member.getValue())) {
        expected.put(installation, member.getKey());
      }
    }
    Set<InstallationId> present = new HashSet<>();
    for (var member : mls.members()) {
      var installation = Leaves.installation(member.leaf());
      if (!Leaves.inbox(member.leaf()).equals(expected.get(installation))) {
        throw new GroupException("4.7 step 6: a leaf is no installation of a member");
      }
      present.add(installation);
    }
    for (var installation : expected.keySet()) {
      if (!present.contains(installation) && !membership.failed().contains(installation)) {
        throw new GroupException("4.7 step 6: an installation of a member has no leaf");
      }
    }
  }

  private static Optional<InboxId> checkDm(HostedInbox self, GroupMetadata metadata, InboxId adder)
      throws GroupException {
    if (metadata.kind() != ConversationType.CONVERSATION_TYPE_DM) {
      return Optional.empty();
    }
    var pair =
        metadata
            .dmMembers()
            .orElseThrow(() -> new GroupException("4.7 step 9: a DM names no members"));
    boolean ours = adder.equals(self.inbox()) && pair.contains(self.inbox());
    if (!ours && !pair.is(self.inbox(), adder)) {
      throw new GroupException("4.7 step 9: a DM is of others than its creator and us");
    }
    if (!metadata.admins().isEmpty() || !metadata.superAdmins().isEmpty()) {
      throw new GroupException("4.7 step 9: a DM has admins");
    }
    return Optional.of(pair.one().equals(self.inbox()) ? pair.two() : pair.one());
  }

  private static GroupStore.Kind kind(GroupMetadata metadata) throws GroupException {
    return switch (metadata.kind()) {
      case CONVERSATION_TYPE_GROUP -> GroupStore.Kind.GROUP;
      case CONVERSATION_TYPE_DM -> GroupStore.Kind.DM;
      case CONVERSATION_TYPE_SYNC -> GroupStore.Kind.SYNC;
      default -> throw new GroupException("2.1: a group of kind " + metadata.kind());
    };
  }

  private static Optional<String> demanded(GroupMetadata metadata) {
    return metadata
        .minimumVersion()
        .flatMap(ProtocolVersion::parse)
        .filter(version -> version.compareTo(ProtocolVersion.OURS) > 0)
        .flatMap(version -> metadata.minimumVersion());
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

  private static GroupId groupId(MlsGroup mls) throws GroupException {
    try {
      return GroupId.of(mls.groupId());
    } catch (IllegalArgumentException wrongLength) {
      throw new GroupException("1.1: " + wrongLength.getMessage());
    }
  }

  private void refuse(HostedInbox self, WelcomeEnvelope envelope, Exception reason) {
    log.warn(
        "welcome refused inbox={} sequence={} reason={}",
        self.inbox(),
        envelope.position().sequence(),
        reason.getMessage());
    store.jdbi().useTransaction(handle -> advance(handle, self, envelope));
  }

  private void advance(Handle handle, HostedInbox self, WelcomeEnvelope envelope) {
    store
        .cursors()
        .advance(
            handle, self.installation(), Topic.welcomes(self.installation()), envelope.position());
  }

  private void rotateSoon(HostedInbox self) {
    long at = Nanos.of(clock.instant().plus(ROTATE_AFTER_WELCOME));
    store.jdbi().useTransaction(h -> store.inboxes().rotateBy(h, self.installation(), at));
  }
}

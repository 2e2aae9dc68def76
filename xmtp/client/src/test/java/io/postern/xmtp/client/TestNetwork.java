package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.group.KeyPackage;
import io.postern.xmtp.identity.AssociationState;
import io.postern.xmtp.identity.ContractWalletUnavailableException;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.Identifier;
import io.postern.xmtp.identity.IdentityException;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.identity.VerifiedIdentityUpdate;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupEnvelope;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.Node.LoggedUpdate;
import io.postern.xmtp.network.Node.Page;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.network.WelcomeEnvelope;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The network in memory, as network.md section 9 wants it: one order for everyone, idempotent
 * sends, what was sent is readable at once. Clients reach it by a {@link TestLink}, which may fail.
 */
final class TestNetwork {
  private static final int PAGE = 100;

  private final InstantSource clock;
  private final Executor deliveries;
  private final Map<InboxId, List<LoggedUpdate>> logs = new LinkedHashMap<>();
  private final Map<InstallationId, byte[]> keyPackages = new HashMap<>();
  private final Map<GroupId, List<GroupEnvelope>> messages = new HashMap<>();
  private final Map<InstallationId, List<WelcomeEnvelope>> welcomes = new HashMap<>();
  private final Set<ByteBuffer> taken = new HashSet<>();
  private final List<Following> followings = new ArrayList<>();
  private long identityId;
  private long messageId;
  private long welcomeId;
  private long lastNs;

  private record Following(Set<Topic> topics, Node.Listener listener) {}

  /**
   * @param deliveries runs what streams bring
   */
  TestNetwork(InstantSource clock, Executor deliveries) {
    this.clock = clock;
    this.deliveries = deliveries;
  }

  private long nowNs() {
    lastNs = Math.max(lastNs + 1000, Nanos.of(clock.instant()));
    return lastNs;
  }

  synchronized Map<EthereumAddress, InboxId> inboxIds(Collection<EthereumAddress> addresses)
      throws NodeException {
    var found = new HashMap<EthereumAddress, InboxId>();
    for (var inbox : logs.keySet()) {
      for (var identifier : state(inbox, logs.get(inbox)).identifiers()) {
        for (var address : addresses) {
          if (identifier instanceof Identifier.Ethereum owner
              && owner.address().equals(address.toString())) {
            found.put(address, inbox);
          }
        }
      }
    }
    return found;
  }

  private static AssociationState state(InboxId inbox, List<LoggedUpdate> log)
      throws NodeException {
    try {
      var verified = new ArrayList<VerifiedIdentityUpdate>();
      for (var logged : log) {
        verified.add(
            io.postern.xmtp.identity.IdentityUpdate.fromWire(logged.update())
                .verify(TestNetwork::noChain));
      }
      return AssociationState.fold(verified);
    } catch (IdentityException | ContractWalletUnavailableException refused) {
      throw new NodeException(
          NodeException.Kind.REFUSED,
          inbox + ": " + refused.getMessage(),
          Optional.empty(),
          refused);
    }
  }

  private static io.postern.xmtp.identity.ContractWalletVerifier.Answer noChain(
      io.postern.xmtp.identity.ContractWalletVerifier.Question question)
      throws ContractWalletUnavailableException {
    throw new ContractWalletUnavailableException("there is no chain here");
  }

  synchronized Map<InboxId, List<LoggedUpdate>> identityUpdates(Map<InboxId, Long> after) {
    var found = new HashMap<InboxId, List<LoggedUpdate>>();
    after.forEach(
        (inbox, sequence) ->
            found.put(
                inbox,
                logs.getOrDefault(inbox, List.of()).stream()
                    .filter(update -> update.sequenceId() > sequence)
                    .toList()));
    return found;
  }

  /** Appends an update; answers its number. */
  synchronized long publish(IdentityUpdate update) throws NodeException {
    var inbox = new InboxId(update.getInboxId());
    var log = new ArrayList<>(logs.getOrDefault(inbox, List.of()));
    log.add(new LoggedUpdate(identityId + 1, update));
    state(inbox, log);
    identityId++;
    logs.put(inbox, log);
    return identityId;
  }

  synchronized void uploadKeyPackage(byte[] keyPackage) throws NodeException {
    try {
      var owner = KeyPackage.read(keyPackage).leaf().signatureKey();
      keyPackages.put(InstallationId.of(owner), keyPackage);
    } catch (MlsException malformed) {
      throw new NodeException(NodeException.Kind.REFUSED, malformed.getMessage());
    }
  }

  synchronized List<Optional<byte[]>> keyPackages(List<InstallationId> installations) {
    return installations.stream().map(i -> Optional.ofNullable(keyPackages.get(i))).toList();
  }

  /** Puts another package in the place of an installation's own. */
  synchronized void replaceKeyPackage(
      InstallationId installation, Function<byte[], byte[]> replacement) {
    keyPackages.computeIfPresent(installation, (i, octets) -> replacement.apply(octets));
  }

  synchronized void removeKeyPackage(InstallationId installation) {
    keyPackages.remove(installation);
  }

  synchronized void send(List<GroupMessageInput> inputs) throws NodeException {
    for (var input : inputs) {
      var data = input.getV1().getData().toByteArray();
      try {
        var header = MlsMessage.header(data);
        if (taken.add(ByteBuffer.wrap(data))) {
          boolean commit = header.contentType() == ContentType.COMMIT;
          var group = GroupId.of(header.groupId());
          append(
              new GroupEnvelope(
                  group,
                  new Position(commit ? Cursor.COMMITS : Cursor.MESSAGES, ++messageId),
                  nowNs(),
                  data));
        }
      } catch (MlsException malformed) {
        throw new NodeException(NodeException.Kind.REFUSED, malformed.getMessage());
      }
    }
  }

  /** What a node lets through that does not look at it. */
  synchronized void slip(GroupId group, byte[] data) {
    append(new GroupEnvelope(group, new Position(Cursor.MESSAGES, ++messageId), nowNs(), data));
  }

  private void append(GroupEnvelope envelope) {
    messages.computeIfAbsent(envelope.group(), g -> new ArrayList<>()).add(envelope);
    deliver(Topic.of(envelope.group()), listener -> listener.received(envelope));
  }

  private interface Receipt {
    void by(Node.Listener listener);
  }

  private void deliver(Topic topic, Receipt receipt) {
    for (var following : followings) {
      if (following.topics().contains(topic)) {
        deliveries.execute(
            () -> {
              if (isFollowing(following)) {
                receipt.by(following.listener());
              }
            });
      }
    }
  }

  private synchronized boolean isFollowing(Following following) {
    return followings.contains(following);
  }

  synchronized void sendWelcomes(List<WelcomeMessageInput> inputs) {
    for (var input : inputs) {
      if (taken.add(ByteBuffer.wrap(input.toByteArray()))) {
        var envelope = envelope(input);
        welcomes.computeIfAbsent(envelope.recipient(), i -> new ArrayList<>()).add(envelope);
        deliver(Topic.welcomes(envelope.recipient()), listener -> listener.received(envelope));
      }
    }
  }

  private WelcomeEnvelope envelope(WelcomeMessageInput input) {
    var position = new Position(Cursor.WELCOMES, ++welcomeId);
    if (input.hasV1()) {
      var v1 = input.getV1();
      return new WelcomeEnvelope.Direct(
          InstallationId.of(v1.getInstallationKey().toByteArray()),
          position,
          nowNs(),
          v1.getHpkePublicKey().toByteArray(),
          v1.getWrapperAlgorithmValue(),
          v1.getData().toByteArray(),
          v1.getWelcomeMetadata().toByteArray());
    }
    var pointer = input.getWelcomePointer();
    return new WelcomeEnvelope.Pointer(
        InstallationId.of(pointer.getInstallationKey().toByteArray()),
        position,
        nowNs(),
        pointer.getHpkePublicKey().toByteArray(),
        pointer.getWrapperAlgorithmValue(),
        pointer.getWelcomePointer().toByteArray());
  }

  synchronized Page<GroupEnvelope> groupMessages(GroupId group, Cursor after) {
    long highest = after.highest();
    var found =
        messages.getOrDefault(group, List.of()).stream()
            .filter(each -> each.position().sequence() > highest)
            .limit(PAGE)
            .toList();
    return new Page<>(found, found.size() == PAGE);
  }

  synchronized Page<WelcomeEnvelope> welcomes(InstallationId recipient, Cursor after) {
    var found =
        welcomes.getOrDefault(recipient, List.of()).stream()
            .filter(each -> each.position().sequence() > after.highest())
            .limit(PAGE)
            .toList();
    return new Page<>(found, found.size() == PAGE);
  }

  /** Everything of a group, in order. */
  synchronized List<GroupEnvelope> all(GroupId group) {
    return List.copyOf(messages.getOrDefault(group, List.of()));
  }

  /** Everything for an installation, in order. */
  synchronized List<WelcomeEnvelope> welcomesFor(InstallationId recipient) {
    return List.copyOf(welcomes.getOrDefault(recipient, List.of()));
  }

  synchronized Set<GroupId> groups() {
    return Set.copyOf(messages.keySet());
  }

  /** Takes welcomes away, as if they were not visible yet; answers them. */
  synchronized List<WelcomeEnvelope> hideWelcomes(InstallationId recipient) {
    return Optional.ofNullable(welcomes.remove(recipient)).orElse(List.of());
  }

  synchronized void showWelcomes(InstallationId recipient, List<WelcomeEnvelope> hidden) {
    welcomes.put(recipient, new ArrayList<>(hidden));
  }

  synchronized Map<GroupId, Position> newest(Collection<GroupId> groups) {
    var found = new HashMap<GroupId, Position>();
    for (var group : groups) {
      var all = messages.getOrDefault(group, List.of());
      if (!all.isEmpty()) {
        found.put(group, all.get(all.size() - 1).position());
      }
    }
    return found;
  }

  synchronized Node.Subscription subscribe(Map<Topic, Cursor> topics, Node.Listener listener) {
    var following = new Following(Set.copyOf(topics.keySet()), listener);
    followings.add(following);
    topics.forEach(
        (topic, cursor) -> {
          if (topic.kind() == Topic.Kind.WELCOMES) {
            for (var each : welcomes(InstallationId.of(topic.identifier()), cursor).items()) {
              deliveries.execute(() -> listener.received(each));
            }
          } else {
            for (var each : groupMessages(GroupId.of(topic.identifier()), cursor).items()) {
              deliveries.execute(() -> listener.received(each));
            }
          }
        });
    return () -> {
      synchronized (this) {
        followings.remove(following);
      }
    };
  }

  /** Ends every stream. */
  void endStreams() {
    List<Following> ended;
    synchronized (this) {
      ended = List.copyOf(followings);
      followings.clear();
    }
    ended.forEach(
        each ->
            each.listener()
                .ended(new NodeException(NodeException.Kind.UNREACHABLE, "the stream is over")));
  }
}

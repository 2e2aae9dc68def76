package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.OwnCommit;
import io.postern.mls.group.OwnKeyPackage;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.schedule.PskSecret;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.identity.IdentityException;
import io.postern.xmtp.identity.IdentityUpdateBuilder;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.identity.InstallationKey;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.proto.mls.DmMembers;
import io.postern.xmtp.proto.mls.GroupMetadataV1;
import io.postern.xmtp.proto.mls.GroupMutableMetadataV1;
import io.postern.xmtp.proto.mls.GroupMutablePermissionsV1;
import io.postern.xmtp.proto.mls.Inboxes;
import io.postern.xmtp.proto.mls.MembershipPolicy;
import io.postern.xmtp.proto.mls.MetadataPolicy;
import io.postern.xmtp.proto.mls.PermissionsUpdatePolicy;
import io.postern.xmtp.proto.mls.PolicySet;
import io.postern.xmtp.store.KeyStore.OwnKeys;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * People, devices and groups of any shape, made with the MLS engine alone: what a client of ours
 * would never do can be done here.
 */
final class CommitLab {
  static final Instant NOW = Instant.parse("2026-08-21T10:00:00Z");

  /** What a leaf supports that knows groups in the dictionary form. */
  private static final Capabilities DICTIONARY =
      new Capabilities(
          List.of(1),
          List.of(KeyPackages.SUITE.id()),
          List.of(0xFF01, 0xFF00, 0xFF02, 0xF000, 0x000A, 0x0001, Extension.APP_DATA_DICTIONARY),
          List.of(7, 8),
          List.of(1));

  /** What a leaf supports that was made before there was that form. */
  private static final Capabilities FORMER =
      new Capabilities(
          List.of(1),
          List.of(KeyPackages.SUITE.id()),
          List.of(0xFF01, 0xFF00, 0xFF02, 0xF000, 0x000A, 0x0001),
          List.of(7),
          List.of(1));

  private final TestNetwork network;
  private final Capabilities capabilities;
  private final SecureRandom random = new SecureRandom();

  CommitLab(TestNetwork network) {
    this(network, KeyPackages.creatorCapabilities());
  }

  private CommitLab(TestNetwork network, Capabilities capabilities) {
    this.network = network;
    this.capabilities = capabilities;
  }

  /** Whose devices know groups in the dictionary form. */
  static CommitLab ofDictionaries(TestNetwork network) {
    return new CommitLab(network, DICTIONARY);
  }

  /** Whose devices do not. */
  static CommitLab ofFormerDays(TestNetwork network) {
    return new CommitLab(network, FORMER);
  }

  /** An inbox, its wallet, and how far its log goes. */
  final class Person {
    final WalletKey wallet = WalletKey.generate(random);
    final InboxId inbox;
    private long sequence;

    private Person() throws IdentityException {
      inbox = InboxId.derive(wallet.identifier(), 1);
    }

    /** The number of the newest identity update. */
    long sequence() {
      return sequence;
    }

    Device device() throws Exception {
      var key = InstallationKey.generate(random);
      var builder = new IdentityUpdateBuilder(inbox, NOW);
      if (sequence == 0) {
        builder.createInbox(wallet.identifier(), 1);
      }
      builder.add(key.id().identifier(), wallet.identifier());
      sequence =
          network.publish(
              builder.request().signedBy(key).signedBy(wallet).build().update().toWire());
      return new Device(this, key);
    }

    /** The same installation, listed by this inbox as well. */
    Device list(Device other) throws Exception {
      var builder = new IdentityUpdateBuilder(inbox, NOW);
      if (sequence == 0) {
        builder.createInbox(wallet.identifier(), 1);
      }
      builder.add(other.id().identifier(), wallet.identifier());
      sequence =
          network.publish(
              builder.request().signedBy(other.key).signedBy(wallet).build().update().toWire());
      return new Device(this, other.key);
    }

    void revoke(Device device) throws Exception {
      var builder = new IdentityUpdateBuilder(inbox, NOW);
      builder.revoke(device.id().identifier(), wallet.identifier());
      sequence = network.publish(builder.request().signedBy(wallet).build().update().toWire());
    }

    /** An update that changes no installation. */
    void stir() throws Exception {
      var other = WalletKey.generate(random);
      var builder = new IdentityUpdateBuilder(inbox, NOW);
      builder.add(other.identifier(), wallet.identifier());
      sequence =
          network.publish(
              builder.request().signedBy(wallet).signedBy(other).build().update().toWire());
    }
  }

  /** An installation with a key package and, once it is in, its view of a group. */
  final class Device {
    final Person owner;
    final InstallationKey key;
    OwnKeys keys;
    KeyPackages.Made made;
    MlsGroup group;

    private Device(Person owner, InstallationKey key) throws NodeException {
      this.owner = owner;
      this.key = key;
      made = new KeyPackages(random).make(owner.inbox, signer(), NOW);
      keys =
          capabilities.equals(KeyPackages.creatorCapabilities()) ? made.keys() : of(capabilities);
      network.uploadKeyPackage(keys.octets());
    }

    InstallationId id() {
      return key.id();
    }

    SignatureKeyPair signer() {
      return SignatureKeyPair.of(key.seed().copy());
    }

    KeyPackage keyPackage() throws MlsException {
      return KeyPackage.read(keys.octets());
    }

    /** Another key package, as of a client that knows no groups in the dictionary form. */
    byte[] keyPackageOfFormerDays() {
      return of(FORMER).octets();
    }

    private OwnKeys of(Capabilities capabilities) {
      var own =
          OwnKeyPackage.create(
              KeyPackages.SUITE,
              signer(),
              Leaves.credential(owner.inbox),
              capabilities,
              KeyPackages.lifetime(NOW),
              Extensions.NONE,
              Extensions.NONE,
              random);
      return new OwnKeys(
          own.keyPackage().reference(KeyPackages.SUITE).toOctets(),
          own.keyPackage().toOctets(),
          own.initPrivateKey(),
          own.encryptionPrivateKey(),
          made.keys().wrapperSeed());
    }

    /** The key package that claims to be another inbox's. */
    KeyPackage keyPackageAs(InboxId claimed) throws MlsException {
      return KeyPackage.read(new KeyPackages(random).make(claimed, signer(), NOW).keys().octets());
    }

    LeafIndex place() {
      return group.ownIndex();
    }

    /** Stages what another device committed. */
    StagedCommit stage(OwnCommit commit) throws MlsException {
      return group.stage(MlsMessage.read(commit.octets()));
    }

    void merge(OwnCommit commit) throws MlsException {
      group.merge(stage(commit));
    }

    void join(OwnCommit commit) throws MlsException {
      var welcome = (MlsMessage.OfWelcome) MlsMessage.read(commit.welcome().orElseThrow());
      group =
          MlsGroup.join(
                  welcome.welcome(),
                  new OwnKeyPackage(keyPackage(), keys.initKey(), keys.encryptionKey()),
                  signer(),
                  Optional.empty(),
                  PskSecret.Lookup.NONE,
                  DictionaryFold.SETTINGS,
                  random)
              .group();
    }
  }

  Person person() throws IdentityException {
    return new Person();
  }

  /** A group of everybody given, the first of them its creator, as an honest client makes it. */
  void found(Extensions context, List<Device> devices) throws Exception {
    var creator = devices.get(0);
    var id = new byte[16];
    random.nextBytes(id);
    found(id, context, devices, creator);
  }

  /** A group of one under an id that another group has. */
  void foundAs(GroupId id, Extensions context, Device founder) throws MlsException {
    foundAs(id.octets(), context, founder);
  }

  /** A group of one under an id that need not be one. */
  void foundAs(byte[] id, Extensions context, Device founder) throws MlsException {
    found(id, context, List.of(founder), founder);
  }

  private void found(byte[] id, Extensions context, List<Device> devices, Device creator)
      throws MlsException {
    creator.group =
        MlsGroup.create(
            KeyPackages.SUITE,
            id,
            creator.signer(),
            Leaves.credential(creator.owner.inbox),
            capabilities,
            KeyPackages.lifetime(NOW),
            Extensions.NONE,
            context,
            DictionaryFold.SETTINGS,
            random);
    if (devices.size() > 1) {
      var adds = new ArrayList<Proposal>();
      for (var device : devices.subList(1, devices.size())) {
        adds.add(new Proposal.Add(device.keyPackage()));
      }
      var commit = creator.group.commit(adds);
      creator.group.merge(commit.staged());
      for (var device : devices.subList(1, devices.size())) {
        device.join(commit);
      }
    }
  }

  /**
   * A group that a device makes and brings an inbox of a client into, by an honest welcome.
   *
   * @param context without the membership, which follows from who is in it
   */
  GroupId invite(Device inviter, Inbox guest, Person host, Extensions context) throws Exception {
    found(context.withLast(membership(Map.of(host, host.sequence()), guest)), List.of(inviter));
    var octets = network.keyPackages(List.of(guest.installation())).get(0).orElseThrow();
    var commit = inviter.group.commit(List.of(new Proposal.Add(KeyPackage.read(octets))));
    inviter.group.merge(commit.staged());
    welcome(commit, guest, octets, 0);
    return GroupId.of(inviter.group.groupId());
  }

  /** Sends a commit's welcome to a client. */
  void welcome(OwnCommit commit, Inbox guest, byte[] keyPackage, long cursor) throws Exception {
    var recipient =
        KeyPackages.verify(keyPackage, guest.installation(), guest.id(), NOW).recipient();
    network.sendWelcomes(
        new WelcomeWrapper(random)
            .wrap(commit.welcome().orElseThrow(), List.of(recipient), cursor));
  }

  /** Where a client's leaf is in a device's group. */
  LeafIndex placeOf(Device device, Inbox guest) throws GroupException {
    for (var member : device.group.members()) {
      if (Leaves.installation(member.leaf()).equals(guest.installation())) {
        return member.index();
      }
    }
    throw new IllegalStateException("no leaf of " + guest.installation());
  }

  long sequence(InboxId inbox) {
    var log = network.identityUpdates(Map.of(inbox, 0L)).get(inbox);
    return log.get(log.size() - 1).sequenceId();
  }

  // What stands in the context

  /** A group chat of the usual permissions; without the membership. */
  static Extensions groupOf(Person creator) {
    return Extensions.of(
        immutable(ConversationType.CONVERSATION_TYPE_GROUP, creator.inbox),
        mutable(Map.of(), List.of(), List.of(creator)),
        permissions(1, 3, 1, 3, 3, 3),
        KeyPackages.requiredCapabilities());
  }

  /** The membership of people of the lab and an inbox of a client at its newest update. */
  Extension membership(Map<Person, Long> members, Inbox guest, Device... failed) {
    var inboxes = new HashMap<InboxId, Long>();
    members.forEach((person, sequence) -> inboxes.put(person.inbox, sequence));
    inboxes.put(guest.id(), sequence(guest.id()));
    var installations = new HashSet<InstallationId>();
    for (var device : failed) {
      installations.add(device.id());
    }
    return new Extension(
        GroupMembership.TYPE, new GroupMembership(inboxes, installations).toOctets());
  }

  static Extension immutable(ConversationType kind, InboxId creator, InboxId... pair) {
    var metadata =
        GroupMetadataV1.newBuilder()
            .setConversationType(kind)
            .setCreatorInboxId(creator.toString());
    if (pair.length == 2) {
      metadata.setDmMembers(
          DmMembers.newBuilder().setDmMemberOne(inbox(pair[0])).setDmMemberTwo(inbox(pair[1])));
    }
    return new Extension(
        GroupMetadata.IMMUTABLE, new TlsWriter().opaque(metadata.build().toByteArray()).toOctets());
  }

  private static io.postern.xmtp.proto.mls.Inbox inbox(InboxId id) {
    return io.postern.xmtp.proto.mls.Inbox.newBuilder().setInboxId(id.toString()).build();
  }

  static Extension mutable(
      Map<String, String> attributes, Collection<Person> admins, Collection<Person> supers) {
    return new Extension(
        GroupMetadata.MUTABLE,
        GroupMutableMetadataV1.newBuilder()
            .putAllAttributes(attributes)
            .setAdminList(list(admins))
            .setSuperAdminList(list(supers))
            .build()
            .toByteArray());
  }

  private static Inboxes list(Collection<Person> people) {
    var list = Inboxes.newBuilder();
    people.forEach(person -> list.addInboxIds(person.inbox.toString()));
    return list.build();
  }

  static Extension membership(Map<Person, Long> members, Device... failed) {
    var inboxes = new HashMap<InboxId, Long>();
    members.forEach((person, sequence) -> inboxes.put(person.inbox, sequence));
    var installations = new ArrayList<InstallationId>();
    for (var device : failed) {
      installations.add(device.id());
    }
    return new Extension(
        GroupMembership.TYPE, new GroupMembership(inboxes, Set.copyOf(installations)).toOctets());
  }

  /** Policies by the numbers of the wire, groups document 2.3. */
  static Extension permissions(
      int add, int remove, int metadata, int addAdmin, int removeAdmin, int update) {
    var set =
        PolicySet.newBuilder()
            .setAddMemberPolicy(MembershipPolicy.newBuilder().setBaseValue(add))
            .setRemoveMemberPolicy(MembershipPolicy.newBuilder().setBaseValue(remove))
            .setAddAdminPolicy(PermissionsUpdatePolicy.newBuilder().setBaseValue(addAdmin))
            .setRemoveAdminPolicy(PermissionsUpdatePolicy.newBuilder().setBaseValue(removeAdmin))
            .setUpdatePermissionsPolicy(PermissionsUpdatePolicy.newBuilder().setBaseValue(update));
    for (var key : List.of(GroupMetadata.NAME, GroupMetadata.DESCRIPTION)) {
      set.putUpdateMetadataPolicy(key, MetadataPolicy.newBuilder().setBaseValue(metadata).build());
    }
    return new Extension(
        GroupPermissions.TYPE,
        GroupMutablePermissionsV1.newBuilder().setPolicies(set).build().toByteArray());
  }
}

package io.postern.xmtp.client;

import io.postern.mls.group.MlsGroup;
import io.postern.xmtp.identity.ContractWalletUnavailableException;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.GroupStore;
import io.postern.xmtp.store.GroupStore.Membership;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a welcome may bring us into the group that it holds, in either form of a group. Groups
 * document 4.7 steps 5 to 9, and some rules of our own.
 */
final class WelcomePolicy {
  /** The network's groups have 250; each inbox that is named costs a look at its log. */
  static final int MAX_MEMBERS = 1_000;

  /** Groups that one whom nobody here knows may bring an inbox into in a day. */
  static final int FROM_STRANGER_A_DAY = 100;

  private static final long DAY_NS = Duration.ofDays(1).toNanos();

  private final ClientStore store;
  private final Identities identities;

  WelcomePolicy(ClientStore store, Identities identities) {
    this.store = store;
    this.identities = identities;
  }

  /** Who is in the group, no more than can be looked at. */
  static GroupMembership membership(XmtpContext context) throws GroupException {
    var membership = context.membership();
    if (membership.members().size() > MAX_MEMBERS) {
      throw new GroupException("a group of " + membership.members().size() + " members");
    }
    return membership;
  }

  /** What the group says of itself; its permissions must be readable, too. */
  static GroupMetadata metadata(XmtpContext context) throws GroupException {
    var metadata = context.metadata();
    context.permissions();
    return metadata;
  }

  /** Each group is state, a topic that is followed, and keys that are renewed. */
  void checkNumber(HostedInbox self, InboxId adder, long createdNs) throws GroupException {
    int brought =
        store
            .jdbi()
            .withHandle(
                h -> store.groups().pending(h, self.installation(), adder, createdNs - DAY_NS));
    if (brought >= FROM_STRANGER_A_DAY && !isKnown(self, adder)) {
      throw new GroupException(
          "inbox " + adder + " has brought us into " + brought + " groups within a day");
    }
  }

  /** Somebody whom the inbox has allowed, or of whom it has taken a DM. */
  boolean isKnown(HostedInbox self, InboxId adder) {
    return adder.equals(self.inbox())
        || store
            .jdbi()
            .withHandle(
                h ->
                    store.consents().of(h, self.installation(), adder) == ConsentStore.State.ALLOWED
                        || store.groups().dms(h, self.installation(), adder).stream()
                            .anyMatch(row -> row.membership() == Membership.ALLOWED));
  }

  /**
   * A contract wallet that cannot be asked now keeps waiting what people known to us send, and all
   * that comes after it; what strangers send has the grace of what is only late.
   */
  void checkMembers(HostedInbox self, MlsGroup mls, GroupMembership membership, InboxId adder)
      throws GroupException, NodeException {
    try {
      checkMembers(mls, membership);
    } catch (NodeException failed) {
      if (failed.getCause() instanceof ContractWalletUnavailableException
          && !isKnown(self, adder)) {
        throw new MissingUpdateException(failed.getMessage());
      }
      throw failed;
    }
  }

  /**
   * Every leaf is an installation of its inbox, and every installation has a leaf or has failed.
   */
  private void checkMembers(MlsGroup mls, GroupMembership membership)
      throws GroupException, NodeException {
    identities.fetch(membership.members());
    var expected = new HashMap<InstallationId, Set<InboxId>>();
    for (var member : membership.members().entrySet()) {
      for (var installation : identities.at(member.getKey(), member.getValue())) {
        expected.computeIfAbsent(installation, i -> new HashSet<>()).add(member.getKey());
      }
    }
    Set<InstallationId> present = new HashSet<>();
    for (var member : mls.members()) {
      var installation = Leaves.installation(member.leaf());
      if (!expected.getOrDefault(installation, Set.of()).contains(Leaves.inbox(member.leaf()))) {
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

  /** What others say in a sync group would be taken for the words of our own devices. */
  static void checkSync(HostedInbox self, GroupMetadata metadata, InboxId adder)
      throws GroupException {
    if (metadata.kind() == ConversationType.CONVERSATION_TYPE_SYNC && !adder.equals(self.inbox())) {
      throw new GroupException("a sync group of somebody else"); // A rule of our own.
    }
  }

  /**
   * The other of the two; empty if it is no DM. That nobody else is in it is a rule of our own: the
   * one who adds us could let a third read along.
   */
  static Optional<InboxId> checkDm(
      HostedInbox self, GroupMetadata metadata, InboxId adder, Set<InboxId> members)
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
    if (!members.stream().allMatch(pair::contains)) {
      throw new GroupException("a DM with a third");
    }
    return Optional.of(pair.one().equals(self.inbox()) ? pair.two() : pair.one());
  }

  static GroupStore.Kind kind(GroupMetadata metadata) throws GroupException {
    return switch (metadata.kind()) {
      case CONVERSATION_TYPE_GROUP -> GroupStore.Kind.GROUP;
      case CONVERSATION_TYPE_DM -> GroupStore.Kind.DM;
      case CONVERSATION_TYPE_SYNC -> GroupStore.Kind.SYNC;
      default -> throw new GroupException("2.1: a group of kind " + metadata.kind());
    };
  }

  /** The version above ours for which the group waits. */
  static Optional<String> demanded(GroupMetadata metadata) {
    return metadata.minimumVersion().flatMap(ProtocolVersion::aboveOurs);
  }

  static GroupId groupId(MlsGroup mls) throws GroupException {
    try {
      return GroupId.of(mls.groupId());
    } catch (IllegalArgumentException wrongLength) {
      throw new GroupException("1.1: " + wrongLength.getMessage());
    }
  }
}

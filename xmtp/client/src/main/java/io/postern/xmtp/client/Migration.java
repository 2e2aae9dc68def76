package io.postern.xmtp.client;

import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.mls.group.CommittedProposal;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.RequiredCapabilities;
import io.postern.mls.wire.WireException;
import io.postern.xmtp.appdata.AppDataException;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Delta;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.appdata.Registry;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.proto.mls.ComponentMetadata;
import io.postern.xmtp.proto.mls.GroupMembershipEntry;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The commit that brings a group into the dictionary form: what stood in extensions comes into the
 * dictionary, word for word, and nothing else changes. Groups document 11.5.
 */
final class Migration {
  private static final List<Integer> LEGACY =
      List.of(
          GroupMetadata.IMMUTABLE,
          GroupMetadata.MUTABLE,
          GroupMembership.TYPE,
          GroupPermissions.TYPE);

  private final MlsGroup group;
  private final StagedCommit commit;
  private final XmtpContext before;
  private final GroupMetadata metadata;

  /**
   * @param metadata of the context before
   */
  Migration(MlsGroup group, StagedCommit commit, XmtpContext before, GroupMetadata metadata) {
    this.group = group;
    this.commit = commit;
    this.before = before;
    this.metadata = metadata;
  }

  /** Whether a commit in a group of the legacy form looks like one. */
  static boolean is(StagedCommit commit) {
    return commit.proposals().stream()
            .anyMatch(
                each ->
                    each.proposal() instanceof Proposal.GroupContextExtensions change
                        && change.extensions().types().stream().noneMatch(LEGACY::contains)
                        && required(change.extensions()).contains(Extension.APP_DATA_DICTIONARY))
        && commit.proposals().stream()
            .anyMatch(
                each ->
                    each.proposal() instanceof Proposal.AppDataUpdate update
                        && update.componentId() == Component.REGISTRY);
  }

  private static List<Integer> required(Extensions extensions) {
    try {
      return RequiredCapabilities.of(extensions).extensions();
    } catch (WireException malformed) {
      return List.of(); // MLS has refused such a list already.
    }
  }

  /**
   * Whether it is allowed.
   *
   * @return a version above ours that the group demands: then what the dictionary holds may follow
   *     rules that we do not know
   * @throws GroupException if a rule is broken
   */
  Optional<String> check() throws GroupException {
    for (var each : commit.proposals()) {
      checkProposal(each);
    }
    var demanded =
        updates()
            .filter(update -> update.componentId() == Component.MINIMUM_VERSION)
            .findFirst()
            .flatMap(update -> XmtpContext.demanded(update.update()));
    if (demanded.isEmpty()) {
      checkList();
      checkValues();
    }
    return demanded;
  }

  private Stream<Proposal.AppDataUpdate> updates() {
    return commit.proposals().stream()
        .map(CommittedProposal::proposal)
        .filter(Proposal.AppDataUpdate.class::isInstance)
        .map(Proposal.AppDataUpdate.class::cast);
  }

  private void checkProposal(CommittedProposal each) throws GroupException {
    var proposer = Leaves.inbox(Leaves.member(group, each.proposer()));
    if (each.proposal() instanceof Proposal.GroupContextExtensions) {
      if (!metadata.isSuperAdmin(proposer)) {
        throw broken("is not proposed by a super admin");
      }
    } else if (!(each.proposal() instanceof Proposal.AppDataUpdate)) {
      throw broken("holds a proposal of type " + each.proposal().type());
    }
  }

  private void checkList() throws GroupException {
    int lists = 0;
    for (var each : commit.proposals()) {
      if (each.proposal() instanceof Proposal.GroupContextExtensions change) {
        lists++;
        if (required(change.extensions()).stream().anyMatch(LEGACY::contains)) {
          throw broken("still requires what it drops");
        }
      }
    }
    if (lists != 1) {
      throw broken("holds " + lists + " lists of extensions");
    }
  }

  private void checkValues() throws GroupException {
    if (!before.dictionary().equals(Dictionary.EMPTY)) {
      // A rule of our own: what its founder has put there would come up with the migration.
      throw broken("finds a dictionary that is there already");
    }
    var updates = new TreeMap<Integer, Optional<byte[]>>();
    for (var each : updates().toList()) {
      if (updates.put(each.componentId(), each.update()) != null) {
        throw broken("writes " + Component.name(each.componentId()) + " twice");
      }
    }
    var expected = DerivedDictionary.of(before, metadata);
    for (var each : expected.payloads().entrySet()) {
      int component = each.getKey();
      if (!Arrays.equals(each.getValue(), payload(updates, component))) {
        throw broken("writes " + Component.name(component) + " otherwise than it was");
      }
    }
    for (int component : updates.keySet()) {
      if (component != Component.REGISTRY
          && component != Component.MEMBERSHIP
          && !expected.payloads().containsKey(component)) {
        throw broken("writes " + Component.name(component) + ", which was not there");
      }
    }
    try {
      checkRegistry(expected, Delta.inserted(payload(updates, Component.REGISTRY)));
      if (!expected.members().isEmpty() || updates.containsKey(Component.MEMBERSHIP)) {
        checkMembership(expected, Delta.insertedInboxes(payload(updates, Component.MEMBERSHIP)));
      }
    } catch (AppDataException | InvalidProtocolBufferException malformed) {
      throw new GroupException("11.5: a migration writes what cannot be read", malformed);
    }
  }

  private static byte[] payload(Map<Integer, Optional<byte[]>> updates, int component)
      throws GroupException {
    return updates
        .getOrDefault(component, Optional.empty())
        .orElseThrow(() -> broken("does not write " + Component.name(component)));
  }

  private static void checkRegistry(DerivedDictionary expected, Map<Integer, byte[]> entries)
      throws GroupException, AppDataException, InvalidProtocolBufferException {
    var registry = new HashMap<Integer, ComponentMetadata>();
    for (var each : entries.entrySet()) {
      Registry.recognise(each.getKey(), each.getValue());
      registry.put(
          each.getKey(),
          DiscardUnknownFieldsParser.wrap(ComponentMetadata.parser()).parseFrom(each.getValue()));
    }
    if (!registry.equals(expected.registry())) {
      throw broken("writes a registry that does not follow from the permissions");
    }
  }

  private static void checkMembership(DerivedDictionary expected, Map<InboxId, byte[]> entries)
      throws GroupException, InvalidProtocolBufferException {
    var members = new HashMap<InboxId, Long>();
    for (var each : entries.entrySet()) {
      var entry = GroupMembershipEntry.parseFrom(each.getValue());
      if (!entry.hasV1()) {
        throw broken("writes a member of a version unknown here");
      }
      members.put(each.getKey(), entry.getV1().getSequenceId());
      if (!expected.failed().containsAll(entry.getV1().getFailedInstallationsList())) {
        throw broken("names an installation as failed that had not");
      }
    }
    if (!members.equals(expected.members())) {
      throw broken("writes other members than there were");
    }
  }

  private static GroupException broken(String what) {
    return new GroupException("11.5: a migration " + what);
  }
}

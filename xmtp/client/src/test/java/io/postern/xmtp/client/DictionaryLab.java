package io.postern.xmtp.client;

import com.google.protobuf.ByteString;
import io.postern.mls.group.Proposal;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.RequiredCapabilities;
import io.postern.xmtp.appdata.AppDataException;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.ComponentUpdate;
import io.postern.xmtp.appdata.Delta;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.appdata.TestDelta;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.proto.mls.ComponentMetadata;
import io.postern.xmtp.proto.mls.ComponentPermissions;
import io.postern.xmtp.proto.mls.GroupMembershipEntry;
import io.postern.xmtp.proto.mls.MetadataPolicy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Groups in the dictionary form, and what brings a group into it, written by hand. */
final class DictionaryLab {
  static final int BYTES = 1;
  static final int STRING = 2;
  static final int INBOX_MAP = 4;
  static final int INBOX_SET = 6;

  static final int ALLOW = 1;
  static final int DENY = 2;
  static final int ADMIN = 3;
  static final int SUPER_ADMIN = 4;

  private DictionaryLab() {}

  static byte[] text(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  static Proposal.AppDataUpdate update(int component, byte[] payload) {
    return new Proposal.AppDataUpdate(component, Optional.of(payload));
  }

  static Proposal.AppDataUpdate remove(int component) {
    return new Proposal.AppDataUpdate(component, Optional.empty());
  }

  static byte[] entry(int type, int insert, int update, int delete) {
    return ComponentMetadata.newBuilder()
        .setComponentTypeValue(type)
        .setPermissions(
            ComponentPermissions.newBuilder()
                .setInsertPolicy(policy(insert))
                .setUpdatePolicy(policy(update))
                .setDeletePolicy(policy(delete)))
        .build()
        .toByteArray();
  }

  private static MetadataPolicy policy(int base) {
    return MetadataPolicy.newBuilder().setBaseValue(base).build();
  }

  static byte[] member(long sequence, Device... failed) {
    var v1 = GroupMembershipEntry.V1.newBuilder().setSequenceId(sequence);
    for (var device : failed) {
      v1.addFailedInstallations(ByteString.copyFrom(device.id().octets()));
    }
    return GroupMembershipEntry.newBuilder().setV1(v1).build().toByteArray();
  }

  static byte[] appoint(Person... people) {
    return appoint(List.of(people));
  }

  private static byte[] appoint(Collection<Person> people) {
    var sorted = new TreeSet<InboxId>();
    people.forEach(person -> sorted.add(person.inbox));
    var delta = new Delta();
    sorted.forEach(delta::insert);
    return delta.toOctets();
  }

  /** The entries of the registry that the permissions of the lab become: 1, 3, 1, 3, 3, 3. */
  static Map<Integer, byte[]> registry() {
    var entries = new TreeMap<Integer, byte[]>();
    entries.put(Component.ADMINS, entry(INBOX_SET, SUPER_ADMIN, SUPER_ADMIN, SUPER_ADMIN));
    entries.put(Component.MEMBERSHIP, entry(INBOX_MAP, ALLOW, ALLOW, ADMIN));
    entries.put(Component.NAME, entry(STRING, ALLOW, ALLOW, SUPER_ADMIN));
    entries.put(Component.DESCRIPTION, entry(STRING, ALLOW, ALLOW, SUPER_ADMIN));
    entries.put(Component.IMAGE, entry(STRING, ADMIN, ADMIN, SUPER_ADMIN));
    entries.put(Component.DISAPPEAR_FROM, entry(BYTES, ADMIN, ADMIN, SUPER_ADMIN));
    entries.put(Component.DISAPPEAR_IN, entry(BYTES, ADMIN, ADMIN, SUPER_ADMIN));
    entries.put(Component.APP_DATA, entry(STRING, ADMIN, ADMIN, SUPER_ADMIN));
    entries.put(Component.MINIMUM_VERSION, entry(STRING, SUPER_ADMIN, SUPER_ADMIN, SUPER_ADMIN));
    entries.put(Component.COMMIT_LOG_SIGNER, entry(BYTES, SUPER_ADMIN, SUPER_ADMIN, SUPER_ADMIN));
    entries.put(Component.CREATOR, entry(BYTES, SUPER_ADMIN, DENY, DENY));
    entries.put(Component.CONVERSATION_TYPE, entry(BYTES, SUPER_ADMIN, DENY, DENY));
    return entries;
  }

  static byte[] register(Map<Integer, byte[]> entries) {
    var delta = new TestDelta();
    new TreeMap<>(entries).forEach(delta::insert);
    return delta.toOctets();
  }

  static byte[] members(Map<Person, Long> members, Device... failed) {
    var entries = new TreeMap<InboxId, byte[]>();
    members.forEach((person, sequence) -> entries.put(person.inbox, member(sequence)));
    for (var device : failed) {
      var owner = device.owner;
      entries.put(owner.inbox, member(members.getOrDefault(owner, owner.sequence()), device));
    }
    var delta = new Delta();
    entries.forEach(delta::insert);
    return delta.toOctets();
  }

  /** What brings a group of the lab into the dictionary form. */
  static Map<Integer, byte[]> migration(
      Person founder, Collection<Person> admins, Map<Person, Long> members, String name) {
    var updates = new TreeMap<Integer, byte[]>();
    updates.put(Component.REGISTRY, register(registry()));
    updates.put(Component.SUPER_ADMINS, appoint(founder));
    updates.put(Component.ADMINS, appoint(admins));
    updates.put(Component.MEMBERSHIP, members(members));
    updates.put(Component.NAME, text(name));
    updates.put(Component.CONVERSATION_TYPE, new byte[] {0, 0, 0, 1});
    updates.put(Component.CREATOR, Dictionary.ofInbox(founder.inbox));
    return updates;
  }

  static List<Proposal> proposals(Map<Integer, byte[]> updates) {
    var proposals = new ArrayList<Proposal>();
    new TreeMap<>(updates).forEach((id, payload) -> proposals.add(update(id, payload)));
    return proposals;
  }

  /** The list of extensions with which a migration begins. */
  static Extensions bare(Extensions legacy) {
    return legacy
        .without(GroupMetadata.IMMUTABLE)
        .without(GroupMetadata.MUTABLE)
        .without(GroupMembership.TYPE)
        .without(GroupPermissions.TYPE)
        .withLast(requiring(0x000A, 0x0001, Extension.APP_DATA_DICTIONARY));
  }

  static Extension requiring(Integer... extensions) {
    return new RequiredCapabilities(List.of(extensions), List.of(7), List.of(1)).toExtension();
  }

  /** A context in the dictionary form. */
  static Extensions context(Map<Integer, byte[]> updates) throws AppDataException {
    return withUpdates(bare(Extensions.NONE), proposals(updates));
  }

  /** A context after the updates of a commit, and after its list of extensions if it has one. */
  static Extensions withUpdates(Extensions before, List<Proposal> proposals)
      throws AppDataException {
    var after = before;
    var updates = new ArrayList<ComponentUpdate>();
    for (var proposal : proposals) {
      if (proposal instanceof Proposal.GroupContextExtensions change) {
        after = change.extensions();
      } else if (proposal instanceof Proposal.AppDataUpdate update) {
        updates.add(new ComponentUpdate(update.componentId(), update.update()));
      }
    }
    if (updates.isEmpty()) {
      return after;
    }
    var octets = before.find(Extension.APP_DATA_DICTIONARY);
    var dictionary = octets.isPresent() ? Dictionary.read(octets.get()) : Dictionary.EMPTY;
    return after.withLast(
        new Extension(Extension.APP_DATA_DICTIONARY, dictionary.apply(updates).toOctets()));
  }
}

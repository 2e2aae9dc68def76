package io.postern.xmtp.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which inboxes are in a group, and up to which identity update each has been taken into account
 * (extension 0xFF01). The leaves of an inbox are its installations at that update.
 *
 * @param members inbox and sequence id; 0 only stands at creation, for "not resolved yet"
 * @param failed installations that should have a leaf but could not be added
 */
public record GroupMembership(Map<InboxId, Long> members, Set<InstallationId> failed) {
  /** Extension type. */
  public static final int TYPE = 0xFF01;

  public GroupMembership {
    members = Map.copyOf(members);
    failed = Set.copyOf(failed);
  }

  /** A group whose only inbox has not been resolved yet. */
  static GroupMembership created(InboxId creator) {
    return new GroupMembership(Map.of(creator, 0L), Set.of());
  }

  /** Reads the extension data. */
  public static GroupMembership read(byte[] octets) throws GroupException {
    try {
      var message = io.postern.xmtp.proto.mls.GroupMembership.parseFrom(octets);
      var members = new TreeMap<InboxId, Long>();
      message.getMembersMap().forEach((id, sequence) -> members.put(new InboxId(id), sequence));
      var failed = new LinkedHashSet<InstallationId>();
      installations(message.getFailedInstallationsList()).forEach(failed::add);
      return new GroupMembership(members, failed);
    } catch (InvalidProtocolBufferException | IllegalArgumentException malformed) {
      throw new GroupException("the group's membership cannot be read", malformed);
    }
  }

  /** Reads component 8003 of a group in the dictionary form. */
  static GroupMembership read(Dictionary dictionary) throws GroupException {
    var members = new TreeMap<InboxId, Long>();
    var failed = new LinkedHashSet<InstallationId>();
    MembershipEntries.of(dictionary)
        .entries()
        .forEach(
            (inbox, entry) -> {
              members.put(inbox, entry.sequence());
              failed.addAll(entry.failed());
            });
    return new GroupMembership(members, failed);
  }

  /** Those of the right length. */
  static Stream<InstallationId> installations(List<ByteString> octets) {
    return octets.stream()
        .filter(each -> each.size() == InstallationId.LENGTH)
        .map(InstallationId::new);
  }

  /** The extension data; members and failed installations sorted. */
  public byte[] toOctets() {
    var message = io.postern.xmtp.proto.mls.GroupMembership.newBuilder();
    new TreeMap<>(members).forEach((id, sequence) -> message.putMembers(id.toString(), sequence));
    failed.stream()
        .sorted(Comparator.comparing(InstallationId::toString))
        .forEach(id -> message.addFailedInstallations(ByteString.copyFrom(id.octets())));
    return message.build().toByteArray();
  }

  /** Inboxes that another membership has and this one has not. */
  Set<InboxId> added(GroupMembership after) {
    var added = new TreeSet<>(after.members.keySet());
    added.removeAll(members.keySet());
    return added;
  }

  /** Inboxes that this membership has and another has not. */
  Set<InboxId> removed(GroupMembership after) {
    return after.added(this);
  }

  /** Inboxes in both, with another sequence id. */
  Set<InboxId> updated(GroupMembership after) {
    var updated = new TreeSet<InboxId>();
    members.forEach(
        (inbox, sequence) -> {
          var later = after.members.get(inbox);
          if (later != null && !later.equals(sequence)) {
            updated.add(inbox);
          }
        });
    return updated;
  }

  /** This membership with other failed installations. */
  GroupMembership withFailed(Collection<InstallationId> installations) {
    return new GroupMembership(members, new LinkedHashSet<>(new ArrayList<>(installations)));
  }
}

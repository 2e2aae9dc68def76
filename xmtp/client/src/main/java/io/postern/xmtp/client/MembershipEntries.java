package io.postern.xmtp.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.xmtp.appdata.AppDataException;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Delta;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.proto.mls.GroupMembershipEntry;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The membership of a group in the dictionary form as it is stored there (component 8003): failed
 * installations stand beside some inbox, no matter which. Groups document 11.4, 11.6.
 */
record MembershipEntries(Map<InboxId, Entry> entries) {
  /** One inbox: the update up to which it was taken into account, and who could not be added. */
  record Entry(long sequence, Set<InstallationId> failed) {
    Entry {
      failed = Set.copyOf(failed);
    }

    static Entry read(byte[] octets) throws GroupException {
      try {
        var entry = GroupMembershipEntry.parseFrom(octets);
        if (!entry.hasV1()) {
          throw new GroupException("11.4: an entry of the membership of a version unknown here");
        }
        var v1 = entry.getV1();
        return new Entry(
            v1.getSequenceId(),
            GroupMembership.installations(v1.getFailedInstallationsList())
                .collect(Collectors.toSet()));
      } catch (InvalidProtocolBufferException malformed) {
        throw new GroupException("11.4: an entry of the membership cannot be read", malformed);
      }
    }

    byte[] toOctets() {
      var v1 = GroupMembershipEntry.V1.newBuilder().setSequenceId(sequence);
      failed.stream()
          .sorted(Comparator.comparing(InstallationId::toString))
          .forEach(each -> v1.addFailedInstallations(ByteString.copyFrom(each.octets())));
      return GroupMembershipEntry.newBuilder().setV1(v1).build().toByteArray();
    }
  }

  MembershipEntries {
    entries = Map.copyOf(entries);
  }

  static MembershipEntries of(Dictionary dictionary) throws GroupException {
    try {
      var stored =
          dictionary
              .byInbox(Component.MEMBERSHIP)
              .orElseThrow(() -> new GroupException("11.4: the dictionary has no membership"));
      var entries = new TreeMap<InboxId, Entry>();
      for (var each : stored.entrySet()) {
        entries.put(each.getKey(), Entry.read(each.getValue()));
      }
      return new MembershipEntries(entries);
    } catch (AppDataException malformed) {
      throw new GroupException("11.4: the membership cannot be read", malformed);
    }
  }

  /**
   * The update that makes this the membership of another shape.
   *
   * @param own an inbox that stays, to stand beside failed installations that belong to none
   */
  byte[] delta(GroupMembership after, InboxId own) {
    var homeless = new HashSet<>(after.failed());
    entries.forEach(
        (inbox, entry) -> {
          if (after.members().containsKey(inbox)) {
            homeless.removeAll(entry.failed());
          }
        });
    var delta = new Delta();
    for (var member : new TreeMap<>(after.members()).entrySet()) {
      var inbox = member.getKey();
      var before = Optional.ofNullable(entries.get(inbox));
      var failed = new HashSet<>(before.map(Entry::failed).orElse(Set.of()));
      failed.retainAll(after.failed());
      if (inbox.equals(own)) {
        failed.addAll(homeless);
      }
      var entry = new Entry(member.getValue(), failed);
      if (before.isEmpty()) {
        delta.insert(inbox, entry.toOctets());
      } else if (!before.get().equals(entry)) {
        delta.update(inbox, entry.toOctets());
      }
    }
    for (var inbox : new TreeMap<>(entries).keySet()) {
      if (!after.members().containsKey(inbox)) {
        delta.delete(inbox);
      }
    }
    return delta.toOctets();
  }
}

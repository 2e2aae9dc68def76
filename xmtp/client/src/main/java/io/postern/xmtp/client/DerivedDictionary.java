package io.postern.xmtp.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Delta;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.proto.mls.ComponentMetadata;
import io.postern.xmtp.proto.mls.GroupMembership;
import io.postern.xmtp.proto.mls.OneshotMessage;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What the commit that migrates a group must write into its dictionary, as every member derives it
 * from the extensions that the group has. Groups document 11.5, steps 3 to 5.
 *
 * @param payloads of the components that must be there to the octet
 * @param registry the entries of component 8000
 * @param members inboxes and sequence ids of component 8003
 * @param failed installations that may stand in it as failed
 */
record DerivedDictionary(
    Map<Integer, byte[]> payloads,
    Map<Integer, ComponentMetadata> registry,
    Map<InboxId, Long> members,
    Set<ByteString> failed) {
  private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,100}");
  private static final int SIGNER_LENGTH = 32;

  /**
   * @throws GroupException if such a group cannot be migrated
   */
  static DerivedDictionary of(XmtpContext context, GroupMetadata metadata) throws GroupException {
    try {
      var payloads = new TreeMap<Integer, byte[]>();
      putAttributes(payloads, metadata.attributes());
      payloads.put(Component.ADMINS, inserting(inboxes(metadata.admins())));
      payloads.put(Component.SUPER_ADMINS, inserting(inboxes(metadata.superAdmins())));
      payloads.put(
          Component.CONVERSATION_TYPE,
          new TlsWriter().uint32(metadata.kind().getNumber()).toOctets());
      payloads.put(Component.CREATOR, Dictionary.ofInbox(inbox(metadata.creator())));
      if (metadata.dmMembers().isPresent()) {
        payloads.put(Component.DM_MEMBERS, inserting(both(metadata.dmMembers().get())));
      }
      if (metadata.oneshot().isPresent()) {
        payloads.put(Component.ONESHOT_MESSAGE, known(metadata.oneshot().get()));
      }
      var membership =
          GroupMembership.parseFrom(context.required(io.postern.xmtp.client.GroupMembership.TYPE));
      var members = new TreeMap<InboxId, Long>();
      for (var each : membership.getMembersMap().entrySet()) {
        members.put(inbox(each.getKey()), each.getValue());
      }
      var failed = new HashSet<>(membership.getFailedInstallationsList());
      if (failed.stream().anyMatch(each -> each.size() != InstallationId.LENGTH)) {
        throw new GroupException("11.5: the group cannot be migrated: a failed installation");
      }
      return new DerivedDictionary(
          payloads,
          DerivedRegistry.of(context.required(GroupPermissions.TYPE), metadata),
          members,
          failed);
    } catch (InvalidProtocolBufferException malformed) {
      throw new GroupException("11.5: the group's membership cannot be read", malformed);
    }
  }

  private static void putAttributes(Map<Integer, byte[]> payloads, Map<String, String> attributes)
      throws GroupException {
    for (var each : GroupMetadata.TEXTS.entrySet()) {
      if (attributes.containsKey(each.getKey())) {
        payloads.put(
            each.getValue(), attributes.get(each.getKey()).getBytes(StandardCharsets.UTF_8));
      }
    }
    for (var each : GroupMetadata.NUMBERS.entrySet()) {
      if (attributes.containsKey(each.getKey())) {
        payloads.put(each.getValue(), number(attributes.get(each.getKey())));
      }
    }
    if (attributes.containsKey(GroupMetadata.COMMIT_LOG_SIGNER)) {
      payloads.put(
          Component.COMMIT_LOG_SIGNER,
          hex(attributes.get(GroupMetadata.COMMIT_LOG_SIGNER), SIGNER_LENGTH));
    }
  }

  private static byte[] number(String decimal) throws GroupException {
    try {
      if (DECIMAL.matcher(decimal).matches()) {
        return new TlsWriter().uint64(Long.parseLong(decimal)).toOctets();
      }
    } catch (NumberFormatException tooLarge) {
      throw new GroupException("11.5: the group cannot be migrated: a lifetime", tooLarge);
    }
    throw new GroupException("11.5: the group cannot be migrated: a lifetime is no number");
  }

  private static byte[] hex(String digits, int length) throws GroupException {
    try {
      var octets = HexFormat.of().parseHex(digits);
      if (octets.length == length) {
        return octets;
      }
    } catch (IllegalArgumentException malformed) {
      throw new GroupException("11.5: the group cannot be migrated: no hex", malformed);
    }
    throw new GroupException("11.5: the group cannot be migrated: hex of another length");
  }

  /** Names of inboxes may be in capital letters here; as octets they are one. */
  private static InboxId inbox(String name) throws GroupException {
    return InboxId.of(hex(name, InboxId.OCTETS));
  }

  private static Set<InboxId> inboxes(Collection<String> names) throws GroupException {
    var inboxes = new TreeSet<InboxId>();
    for (var name : names) {
      inboxes.add(inbox(name));
    }
    return inboxes;
  }

  private static Set<InboxId> both(GroupMetadata.Pair pair) throws GroupException {
    if (pair.one().equals(pair.two())) {
      throw new GroupException("11.5: the group cannot be migrated: a DM of one");
    }
    return new TreeSet<>(Set.of(pair.one(), pair.two()));
  }

  private static byte[] inserting(Set<InboxId> sorted) {
    var delta = new Delta();
    sorted.forEach(delta::insert);
    return delta.toOctets();
  }

  /** Others write it anew, from what they know of it. */
  private static byte[] known(OneshotMessage message) throws InvalidProtocolBufferException {
    return DiscardUnknownFieldsParser.wrap(OneshotMessage.parser())
        .parseFrom(message.toByteString())
        .toByteArray();
  }
}

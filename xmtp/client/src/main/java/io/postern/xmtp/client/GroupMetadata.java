package io.postern.xmtp.client;

import static java.util.stream.Collectors.toSet;

import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import io.postern.xmtp.appdata.AppDataException;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.appdata.Role;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.proto.mls.DmMembers;
import io.postern.xmtp.proto.mls.GroupMetadataV1;
import io.postern.xmtp.proto.mls.GroupMutableMetadataV1;
import io.postern.xmtp.proto.mls.Inbox;
import io.postern.xmtp.proto.mls.Inboxes;
import io.postern.xmtp.proto.mls.OneshotMessage;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a group says of itself in its context: the immutable part (extension 0xF000) and the mutable
 * one (0xFF00).
 *
 * @param kind what the group is for
 * @param creator the inbox that made it, as it says
 * @param dmMembers both inboxes of a DM
 * @param oneshot the message that a one-shot group carries
 * @param attributes name, description, settings; unknown keys are kept
 * @param admins inbox ids, and whatever else its writer has put in: others take that, too, and it
 *     is nobody's
 * @param superAdmins likewise
 */
public record GroupMetadata(
    ConversationType kind,
    String creator,
    Optional<Pair> dmMembers,
    Optional<OneshotMessage> oneshot,
    Map<String, String> attributes,
    Set<String> admins,
    Set<String> superAdmins) {

  /** Extension type of the immutable part. */
  public static final int IMMUTABLE = 0xF000;

  /** Extension type of the mutable part. */
  public static final int MUTABLE = 0xFF00;

  static final String NAME = "group_name";
  static final String DESCRIPTION = "description";
  static final String IMAGE = "group_image_url_square";
  static final String APP_DATA = "app_data";
  static final String DISAPPEAR_FROM = "message_disappear_from_ns";
  static final String DISAPPEAR_IN = "message_disappear_in_ns";
  static final String MINIMUM_VERSION = "minimum_supported_protocol_version";
  static final String COMMIT_LOG_SIGNER = "_commit_log_signer";
  private static final int SIGNER_SEED = 32;

  /** Attributes that are text in the dictionary form, too, and their components. */
  static final Map<String, Integer> TEXTS =
      Map.of(
          NAME, Component.NAME,
          DESCRIPTION, Component.DESCRIPTION,
          IMAGE, Component.IMAGE,
          APP_DATA, Component.APP_DATA,
          MINIMUM_VERSION, Component.MINIMUM_VERSION);

  /** Attributes that are eight octets in the dictionary form, and their components. */
  static final Map<String, Integer> NUMBERS =
      Map.of(DISAPPEAR_FROM, Component.DISAPPEAR_FROM, DISAPPEAR_IN, Component.DISAPPEAR_IN);

  /** Longest value of an attribute, in octets of UTF-8. */
  private static final Map<String, Integer> LIMITS =
      Map.of(NAME, 100, DESCRIPTION, 1000, IMAGE, 2048, APP_DATA, 8192);

  /** Of a group that demands a later version than ours: it is not for us to read it. */
  static final GroupMetadata UNREAD =
      new GroupMetadata(
          ConversationType.CONVERSATION_TYPE_UNSPECIFIED,
          "",
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Set.of(),
          Set.of());

  public GroupMetadata {
    attributes = Map.copyOf(attributes);
    admins = Set.copyOf(admins);
    superAdmins = Set.copyOf(superAdmins);
  }

  /** The two inboxes of a DM, in the order in which they were written. */
  public record Pair(InboxId one, InboxId two) {
    /** Whether these two are the pair, in either order. */
    public boolean is(InboxId a, InboxId b) {
      return one.equals(a) && two.equals(b) || one.equals(b) && two.equals(a);
    }

    public boolean contains(InboxId inbox) {
      return one.equals(inbox) || two.equals(inbox);
    }
  }

  /**
   * Reads both extensions.
   *
   * @param immutable extension data of 0xF000, a vector within the vector
   * @param mutable extension data of 0xFF00
   */
  public static GroupMetadata read(byte[] immutable, byte[] mutable) throws GroupException {
    try {
      var reader = new TlsReader(immutable);
      var fixed = GroupMetadataV1.parseFrom(reader.opaque("immutable metadata"));
      reader.end("immutable metadata");
      var kind = fixed.getConversationType();
      if (kind == ConversationType.CONVERSATION_TYPE_UNSPECIFIED
          || kind == ConversationType.UNRECOGNIZED) {
        throw new GroupException("the group is of a kind that we do not know");
      }
      Optional<Pair> pair = Optional.empty();
      if (fixed.hasDmMembers()) {
        pair =
            Optional.of(
                new Pair(
                    new InboxId(fixed.getDmMembers().getDmMemberOne().getInboxId()),
                    new InboxId(fixed.getDmMembers().getDmMemberTwo().getInboxId())));
      }
      var changing = GroupMutableMetadataV1.parseFrom(mutable);
      if (!changing.hasAdminList() || !changing.hasSuperAdminList()) {
        throw new GroupException("the group's metadata lacks an admin list");
      }
      return new GroupMetadata(
          kind,
          fixed.getCreatorInboxId(),
          pair,
          fixed.hasOneshotMessage() ? Optional.of(fixed.getOneshotMessage()) : Optional.empty(),
          changing.getAttributesMap(),
          new HashSet<>(changing.getAdminList().getInboxIdsList()),
          new HashSet<>(changing.getSuperAdminList().getInboxIdsList()));
    } catch (WireException | InvalidProtocolBufferException | IllegalArgumentException malformed) {
      throw new GroupException("the group's metadata cannot be read", malformed);
    }
  }

  /** Reads the components of a group in the dictionary form. */
  static GroupMetadata read(Dictionary dictionary) throws GroupException {
    try {
      var attributes = new HashMap<String, String>();
      for (var each : TEXTS.entrySet()) {
        dictionary.text(each.getValue()).ifPresent(text -> attributes.put(each.getKey(), text));
      }
      for (var each : NUMBERS.entrySet()) {
        var value = dictionary.find(each.getValue());
        if (value.isPresent()) {
          var in = new TlsReader(value.get());
          attributes.put(each.getKey(), Long.toString(in.uint64(each.getKey())));
          in.end(each.getKey());
        }
      }
      dictionary
          .find(Component.COMMIT_LOG_SIGNER)
          .ifPresent(signer -> attributes.put(COMMIT_LOG_SIGNER, HexFormat.of().formatHex(signer)));
      var oneshot = dictionary.find(Component.ONESHOT_MESSAGE);
      return new GroupMetadata(
          kind(dictionary),
          dictionary
              .inbox(Component.CREATOR)
              .orElseThrow(() -> new GroupException("11.4: the dictionary names no creator"))
              .toString(),
          pair(dictionary),
          oneshot.isPresent()
              ? Optional.of(OneshotMessage.parseFrom(oneshot.get()))
              : Optional.empty(),
          attributes,
          names(dictionary, Component.ADMINS),
          names(dictionary, Component.SUPER_ADMINS));
    } catch (AppDataException | WireException | InvalidProtocolBufferException malformed) {
      throw new GroupException("11.4: the group's metadata cannot be read", malformed);
    }
  }

  private static ConversationType kind(Dictionary dictionary) throws GroupException, WireException {
    var octets =
        dictionary
            .find(Component.CONVERSATION_TYPE)
            .orElseThrow(() -> new GroupException("11.4: the dictionary names no kind of group"));
    var in = new TlsReader(octets);
    var kind = ConversationType.forNumber((int) in.uint32("conversation type"));
    in.end("conversation type");
    if (kind == null || kind == ConversationType.CONVERSATION_TYPE_UNSPECIFIED) {
      throw new GroupException("the group is of a kind that we do not know");
    }
    return kind;
  }

  private static Optional<Pair> pair(Dictionary dictionary)
      throws GroupException, AppDataException {
    if (dictionary.find(Component.DM_MEMBERS).isEmpty()) {
      return Optional.empty();
    }
    var inboxes = List.copyOf(dictionary.inboxes(Component.DM_MEMBERS));
    if (inboxes.size() != 2) {
      throw new GroupException("11.4: a DM of " + inboxes.size());
    }
    return Optional.of(new Pair(inboxes.get(0), inboxes.get(1)));
  }

  private static Set<String> names(Dictionary dictionary, int component) throws AppDataException {
    return dictionary.inboxes(component).stream().map(InboxId::toString).collect(toSet());
  }

  /** The immutable extension of a new DM. */
  static byte[] immutableDm(InboxId creator, InboxId peer) {
    var metadata =
        GroupMetadataV1.newBuilder()
            .setConversationType(ConversationType.CONVERSATION_TYPE_DM)
            .setCreatorInboxId(creator.toString())
            .setDmMembers(
                DmMembers.newBuilder()
                    .setDmMemberOne(Inbox.newBuilder().setInboxId(creator.toString()))
                    .setDmMemberTwo(Inbox.newBuilder().setInboxId(peer.toString())))
            .build();
    return new TlsWriter().opaque(metadata.toByteArray()).toOctets();
  }

  /** The mutable extension of a new DM: no admins, empty texts, a commit log key. */
  static byte[] mutableDm(SecureRandom random) {
    var signer = new byte[SIGNER_SEED];
    random.nextBytes(signer);
    return GroupMutableMetadataV1.newBuilder()
        .putAttributes(NAME, "")
        .putAttributes(DESCRIPTION, "")
        .putAttributes(IMAGE, "")
        .putAttributes(COMMIT_LOG_SIGNER, HexFormat.of().formatHex(signer))
        .setAdminList(Inboxes.getDefaultInstance())
        .setSuperAdminList(Inboxes.getDefaultInstance())
        .build()
        .toByteArray();
  }

  /** Which attributes differ, by value or presence. */
  Set<String> changedAttributes(GroupMetadata after) {
    var changed = new LinkedHashSet<String>();
    var keys = new HashSet<>(attributes.keySet());
    keys.addAll(after.attributes.keySet());
    for (var key : keys) {
      if (!Optional.ofNullable(attributes.get(key))
          .equals(Optional.ofNullable(after.attributes.get(key)))) {
        changed.add(key);
      }
    }
    return changed;
  }

  /** Whether a new value of an attribute is within the protocol's limits. */
  static boolean fits(String key, String value) {
    return value.getBytes(StandardCharsets.UTF_8).length
        <= LIMITS.getOrDefault(key, Integer.MAX_VALUE);
  }

  /**
   * Lifetime of messages in nanoseconds; 0 if they do not disappear. Both settings must be
   * positive.
   */
  long disappearInNs() {
    long from = positive(attributes.get(DISAPPEAR_FROM));
    long in = positive(attributes.get(DISAPPEAR_IN));
    return from > 0 ? in : 0;
  }

  /**
   * The protocol version that a member must have, if the group demands one. What stands there need
   * not be a version; empty text is none.
   */
  Optional<String> minimumVersion() {
    return Optional.ofNullable(attributes.get(MINIMUM_VERSION));
  }

  /** The same, but for the version that the group demands. */
  GroupMetadata demanding(Optional<String> version) {
    var changed = new HashMap<>(attributes);
    changed.remove(MINIMUM_VERSION);
    version.ifPresent(text -> changed.put(MINIMUM_VERSION, text));
    return new GroupMetadata(kind, creator, dmMembers, oneshot, changed, admins, superAdmins);
  }

  /** Whether what can never change is the same; a migration sorts the two of a DM. */
  boolean hasSameImmutables(GroupMetadata other) {
    return kind == other.kind
        && creator.equals(other.creator)
        && oneshot.equals(other.oneshot)
        && dmMembers.isPresent() == other.dmMembers.isPresent()
        && dmMembers.map(pair -> other.dmMembers.get().is(pair.one(), pair.two())).orElse(true);
  }

  /** What an inbox is in the group. */
  Role role(InboxId inbox) {
    return new Role(isAdmin(inbox), isSuperAdmin(inbox));
  }

  boolean isCreator(InboxId inbox) {
    return creator.equals(inbox.toString());
  }

  boolean isAdmin(InboxId inbox) {
    return admins.contains(inbox.toString());
  }

  boolean isSuperAdmin(InboxId inbox) {
    return superAdmins.contains(inbox.toString());
  }

  /** The group's name, empty if it has none. */
  public String name() {
    return attributes.getOrDefault(NAME, "");
  }

  private static long positive(String decimal) {
    try {
      return decimal == null ? 0 : Math.max(0, Long.parseLong(decimal));
    } catch (NumberFormatException notANumber) {
      return 0; // Such a setting is not in force (groups document 9.3).
    }
  }
}

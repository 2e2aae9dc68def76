package io.postern.xmtp.client;

import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.proto.mls.ComponentMetadata;
import io.postern.xmtp.proto.mls.ComponentPermissions;
import io.postern.xmtp.proto.mls.ComponentType;
import io.postern.xmtp.proto.mls.GroupMutablePermissionsV1;
import io.postern.xmtp.proto.mls.MembershipPolicy;
import io.postern.xmtp.proto.mls.MetadataPolicy;
import io.postern.xmtp.proto.mls.MetadataPolicy.MetadataBasePolicy;
import io.postern.xmtp.proto.mls.PermissionsUpdatePolicy;
import io.postern.xmtp.proto.mls.PermissionsUpdatePolicy.PermissionsBasePolicy;
import io.postern.xmtp.proto.mls.PolicySet;
import java.util.Map;
import java.util.TreeMap;

/**
 * The registry that the permissions of a group become when it is migrated: every member derives the
 * same. Groups document 11.5.
 */
final class DerivedRegistry {
  private static final MetadataPolicy ANYBODY = base(MetadataBasePolicy.METADATA_BASE_POLICY_ALLOW);
  private static final MetadataPolicy NOBODY = base(MetadataBasePolicy.METADATA_BASE_POLICY_DENY);
  private static final MetadataPolicy ADMINS =
      base(MetadataBasePolicy.METADATA_BASE_POLICY_ALLOW_IF_ADMIN);
  private static final MetadataPolicy SUPER_ADMINS =
      base(MetadataBasePolicy.METADATA_BASE_POLICY_ALLOW_IF_SUPER_ADMIN);

  private final PolicySet policies;
  private final Map<Integer, ComponentMetadata> entries = new TreeMap<>();

  private DerivedRegistry(PolicySet policies) {
    this.policies = policies;
  }

  /**
   * The entries, by component.
   *
   * @param permissions extension data of 0xFF02
   * @throws GroupException if such a group cannot be migrated
   */
  static Map<Integer, ComponentMetadata> of(byte[] permissions, GroupMetadata metadata)
      throws GroupException {
    try {
      var whole =
          DiscardUnknownFieldsParser.wrap(GroupMutablePermissionsV1.parser())
              .parseFrom(permissions);
      var set = whole.getPolicies();
      if (!whole.hasPolicies()
          || !set.hasAddMemberPolicy()
          || !set.hasRemoveMemberPolicy()
          || !set.hasAddAdminPolicy()
          || !set.hasRemoveAdminPolicy()
          || set.getUpdatePermissionsPolicy().getKindCase() != PermissionsUpdatePolicy.KindCase.BASE
          || set.getUpdatePermissionsPolicy().getBase()
              != PermissionsBasePolicy.PERMISSIONS_BASE_POLICY_ALLOW_IF_SUPER_ADMIN) {
        throw cannot("its policies of members, admins and permissions");
      }
      var registry = new DerivedRegistry(set);
      registry.putTexts();
      registry.putLists();
      registry.putImmutables(metadata);
      return registry.entries;
    } catch (InvalidProtocolBufferException malformed) {
      throw new GroupException("11.5: the group's permissions cannot be read", malformed);
    }
  }

  private void putTexts() throws GroupException {
    for (var key : policies.getUpdateMetadataPolicyMap().keySet()) {
      if (!GroupMetadata.TEXTS.containsKey(key) && !GroupMetadata.NUMBERS.containsKey(key)) {
        throw cannot("a policy of an attribute unknown here");
      }
    }
    GroupMetadata.TEXTS.forEach(
        (key, component) -> putText(key, component, ComponentType.COMPONENT_TYPE_STRING));
    GroupMetadata.NUMBERS.forEach(
        (key, component) -> putText(key, component, ComponentType.COMPONENT_TYPE_BYTES));
    put(
        Component.COMMIT_LOG_SIGNER,
        ComponentType.COMPONENT_TYPE_BYTES,
        SUPER_ADMINS,
        SUPER_ADMINS,
        SUPER_ADMINS);
  }

  private void putText(String key, int component, ComponentType type) {
    var policy =
        policies
            .getUpdateMetadataPolicyMap()
            .getOrDefault(key, key.equals(GroupMetadata.MINIMUM_VERSION) ? SUPER_ADMINS : ADMINS);
    put(component, type, policy, policy, SUPER_ADMINS);
  }

  private void putLists() throws GroupException {
    var appoint = ofAdmins(policies.getAddAdminPolicy());
    put(
        Component.ADMINS,
        ComponentType.COMPONENT_TYPE_TLS_SET_INBOX_ID,
        appoint,
        appoint,
        ofAdmins(policies.getRemoveAdminPolicy()));
    put(
        Component.MEMBERSHIP,
        ComponentType.COMPONENT_TYPE_TLS_MAP_INBOX_ID_BYTES,
        ofMembers(policies.getAddMemberPolicy()),
        ANYBODY,
        ofMembers(policies.getRemoveMemberPolicy()));
  }

  private void putImmutables(GroupMetadata metadata) {
    putImmutable(Component.CONVERSATION_TYPE, ComponentType.COMPONENT_TYPE_BYTES);
    putImmutable(Component.CREATOR, ComponentType.COMPONENT_TYPE_BYTES);
    if (metadata.oneshot().isPresent()) {
      putImmutable(Component.ONESHOT_MESSAGE, ComponentType.COMPONENT_TYPE_BYTES);
    }
    if (metadata.dmMembers().isPresent()) {
      putImmutable(Component.DM_MEMBERS, ComponentType.COMPONENT_TYPE_TLS_SET_INBOX_ID);
    }
  }

  private void putImmutable(int component, ComponentType type) {
    put(component, type, SUPER_ADMINS, NOBODY, NOBODY);
  }

  private void put(
      int component,
      ComponentType type,
      MetadataPolicy insert,
      MetadataPolicy update,
      MetadataPolicy delete) {
    entries.put(
        component,
        ComponentMetadata.newBuilder()
            .setComponentType(type)
            .setPermissions(
                ComponentPermissions.newBuilder()
                    .setInsertPolicy(insert)
                    .setUpdatePolicy(update)
                    .setDeletePolicy(delete))
            .build());
  }

  private static MetadataPolicy ofAdmins(PermissionsUpdatePolicy policy) throws GroupException {
    return switch (policy.hasBase()
        ? policy.getBase()
        : PermissionsBasePolicy.PERMISSIONS_BASE_POLICY_UNSPECIFIED) {
      case PERMISSIONS_BASE_POLICY_ALLOW_IF_ADMIN -> ADMINS;
      case PERMISSIONS_BASE_POLICY_ALLOW_IF_SUPER_ADMIN -> SUPER_ADMINS;
      default -> throw cannot("its policy of admins");
    };
  }

  private static MetadataPolicy ofMembers(MembershipPolicy policy) throws GroupException {
    return switch (policy.hasBase()
        ? policy.getBase()
        : MembershipPolicy.BasePolicy.BASE_POLICY_UNSPECIFIED) {
      case BASE_POLICY_ALLOW -> ANYBODY;
      case BASE_POLICY_DENY -> NOBODY;
      case BASE_POLICY_ALLOW_IF_ADMIN_OR_SUPER_ADMIN -> ADMINS;
      case BASE_POLICY_ALLOW_IF_SUPER_ADMIN -> SUPER_ADMINS;
      default -> throw cannot("its policy of members");
    };
  }

  private static MetadataPolicy base(MetadataBasePolicy base) {
    return MetadataPolicy.newBuilder().setBase(base).build();
  }

  private static GroupException cannot(String reason) {
    return new GroupException("11.5: the group cannot be migrated: " + reason);
  }
}

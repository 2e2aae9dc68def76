package io.postern.xmtp.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Registry;
import io.postern.xmtp.appdata.Role;
import io.postern.xmtp.proto.mls.ComponentMetadata;
import io.postern.xmtp.proto.mls.ComponentPermissions;
import io.postern.xmtp.proto.mls.GroupMutablePermissionsV1;
import io.postern.xmtp.proto.mls.MembershipPolicy;
import io.postern.xmtp.proto.mls.MetadataPolicy;
import io.postern.xmtp.proto.mls.PermissionsUpdatePolicy;
import io.postern.xmtp.proto.mls.PolicySet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;

/**
 * Who may change what in a group (extension 0xFF02, XIP-47). The three kinds of policy differ on
 * the wire only in their numbers; here they are one. Policies nest as deep as a protobuf message
 * may: its readers, ours and those of others, refuse more than a hundred messages in each other, so
 * that nobody takes what another refuses.
 */
public record GroupPermissions(
    Policy addMember,
    Policy removeMember,
    Map<String, Policy> metadata,
    Policy addAdmin,
    Policy removeAdmin,
    Policy updatePermissions) {

  /** Extension type. */
  public static final int TYPE = 0xFF02;

  public GroupPermissions {
    metadata = Map.copyOf(metadata);
  }

  /**
   * The roles that satisfy a policy: there are four, so of a policy of any size four answers are
   * left, however often it is asked.
   */
  public record Policy(Set<Role> satisfying) {
    static final Policy NOBODY = new Policy(Set.of());
    static final Policy SUPER_ADMINS = new Policy(Set.of(role(false, true), role(true, true)));
    static final Policy ADMINS = SUPER_ADMINS.or(new Policy(Set.of(role(true, false))));
    static final Policy EVERYBODY = ADMINS.or(new Policy(Set.of(role(false, false))));

    public Policy {
      satisfying = Set.copyOf(satisfying);
    }

    public boolean allows(Role role) {
      return satisfying.contains(role);
    }

    private Policy or(Policy other) {
      var roles = new HashSet<>(satisfying);
      roles.addAll(other.satisfying);
      return new Policy(roles);
    }

    private Policy and(Policy other) {
      var roles = new HashSet<>(satisfying);
      roles.retainAll(other.satisfying);
      return new Policy(roles);
    }

    private static Role role(boolean admin, boolean superAdmin) {
      return new Role(admin, superAdmin);
    }
  }

  /** What may change an attribute. A key without a policy has one by its first letter. */
  Policy metadata(String key) {
    var policy = metadata.get(key);
    if (policy != null) {
      return policy;
    }
    return key.startsWith("_") ? Policy.SUPER_ADMINS : Policy.ADMINS;
  }

  /** Reads the extension data. */
  public static GroupPermissions read(byte[] octets) throws GroupException {
    try {
      var message = GroupMutablePermissionsV1.parseFrom(octets);
      var set = message.getPolicies();
      if (!message.hasPolicies()
          || !set.hasAddMemberPolicy()
          || !set.hasRemoveMemberPolicy()
          || !set.hasAddAdminPolicy()
          || !set.hasRemoveAdminPolicy()
          || !set.hasUpdatePermissionsPolicy()) {
        throw new GroupException("the group's permissions lack a policy");
      }
      var metadata = new HashMap<String, Policy>();
      for (var entry : set.getUpdateMetadataPolicyMap().entrySet()) {
        metadata.put(entry.getKey(), of(entry.getValue()));
      }
      return new GroupPermissions(
          of(set.getAddMemberPolicy()),
          of(set.getRemoveMemberPolicy()),
          metadata,
          of(set.getAddAdminPolicy()),
          of(set.getRemoveAdminPolicy()),
          of(set.getUpdatePermissionsPolicy()));
    } catch (InvalidProtocolBufferException malformed) {
      throw new GroupException("the group's permissions cannot be read", malformed);
    }
  }

  /**
   * What the registry of a group in the dictionary form says of members; of all else it is asked
   * itself. A policy that is none of the four simple ones admits nobody.
   */
  static GroupPermissions read(Registry registry) {
    var members =
        registry
            .find(Component.MEMBERSHIP)
            .map(ComponentMetadata::getPermissions)
            .orElse(ComponentPermissions.getDefaultInstance());
    var others = Policy.SUPER_ADMINS;
    return new GroupPermissions(
        ofMembers(members.getInsertPolicy()),
        ofMembers(members.getDeletePolicy()),
        Map.of(),
        others,
        others,
        others);
  }

  private static Policy ofMembers(MetadataPolicy policy) {
    try {
      return policy.hasBase() ? of(policy) : Policy.NOBODY;
    } catch (GroupException unknown) {
      return Policy.NOBODY;
    }
  }

  /** The extension data of a new DM: nobody adds, removes or appoints; both may set anything. */
  static byte[] dm() {
    var deny =
        MembershipPolicy.newBuilder().setBase(MembershipPolicy.BasePolicy.BASE_POLICY_DENY).build();
    var allow =
        MetadataPolicy.newBuilder()
            .setBase(MetadataPolicy.MetadataBasePolicy.METADATA_BASE_POLICY_ALLOW)
            .build();
    var never =
        PermissionsUpdatePolicy.newBuilder()
            .setBase(PermissionsUpdatePolicy.PermissionsBasePolicy.PERMISSIONS_BASE_POLICY_DENY)
            .build();
    var policies =
        PolicySet.newBuilder()
            .setAddMemberPolicy(deny)
            .setRemoveMemberPolicy(deny)
            .setAddAdminPolicy(never)
            .setRemoveAdminPolicy(never)
            .setUpdatePermissionsPolicy(never);
    for (var key :
        List.of(
            GroupMetadata.NAME,
            GroupMetadata.DESCRIPTION,
            GroupMetadata.IMAGE,
            GroupMetadata.APP_DATA,
            GroupMetadata.DISAPPEAR_FROM,
            GroupMetadata.DISAPPEAR_IN,
            GroupMetadata.MINIMUM_VERSION)) {
      policies.putUpdateMetadataPolicy(key, allow);
    }
    return GroupMutablePermissionsV1.newBuilder().setPolicies(policies).build().toByteArray();
  }

  private static Policy of(MembershipPolicy policy) throws GroupException {
    return switch (policy.getKindCase()) {
      case BASE ->
          switch (policy.getBase()) {
            case BASE_POLICY_ALLOW -> Policy.EVERYBODY;
            case BASE_POLICY_DENY -> Policy.NOBODY;
            case BASE_POLICY_ALLOW_IF_ADMIN_OR_SUPER_ADMIN -> Policy.ADMINS;
            case BASE_POLICY_ALLOW_IF_SUPER_ADMIN -> Policy.SUPER_ADMINS;
            default -> throw unknown();
          };
      case AND_CONDITION ->
          joined(policy.getAndCondition().getPoliciesList(), GroupPermissions::of, Policy::and);
      case ANY_CONDITION ->
          joined(policy.getAnyCondition().getPoliciesList(), GroupPermissions::of, Policy::or);
      case KIND_NOT_SET -> throw unknown();
    };
  }

  private static Policy of(MetadataPolicy policy) throws GroupException {
    return switch (policy.getKindCase()) {
      case BASE ->
          switch (policy.getBase()) {
            case METADATA_BASE_POLICY_ALLOW -> Policy.EVERYBODY;
            case METADATA_BASE_POLICY_DENY -> Policy.NOBODY;
            case METADATA_BASE_POLICY_ALLOW_IF_ADMIN -> Policy.ADMINS;
            case METADATA_BASE_POLICY_ALLOW_IF_SUPER_ADMIN -> Policy.SUPER_ADMINS;
            default -> throw unknown();
          };
      case AND_CONDITION ->
          joined(policy.getAndCondition().getPoliciesList(), GroupPermissions::of, Policy::and);
      case ANY_CONDITION ->
          joined(policy.getAnyCondition().getPoliciesList(), GroupPermissions::of, Policy::or);
      case KIND_NOT_SET -> throw unknown();
    };
  }

  private static Policy of(PermissionsUpdatePolicy policy) throws GroupException {
    return switch (policy.getKindCase()) {
      case BASE ->
          switch (policy.getBase()) {
            case PERMISSIONS_BASE_POLICY_DENY -> Policy.NOBODY;
            case PERMISSIONS_BASE_POLICY_ALLOW_IF_ADMIN -> Policy.ADMINS;
            case PERMISSIONS_BASE_POLICY_ALLOW_IF_SUPER_ADMIN -> Policy.SUPER_ADMINS;
            default -> throw unknown();
          };
      case AND_CONDITION ->
          joined(policy.getAndCondition().getPoliciesList(), GroupPermissions::of, Policy::and);
      case ANY_CONDITION ->
          joined(policy.getAnyCondition().getPoliciesList(), GroupPermissions::of, Policy::or);
      case KIND_NOT_SET -> throw unknown();
    };
  }

  private interface Reader<P> {
    Policy read(P policy) throws GroupException;
  }

  /** All parts are read, whatever the first ones say: one that is not known spoils the whole. */
  private static <P> Policy joined(List<P> policies, Reader<P> reader, BinaryOperator<Policy> by)
      throws GroupException {
    if (policies.isEmpty()) {
      throw new GroupException("a condition of the group's permissions is empty");
    }
    var whole = reader.read(policies.get(0));
    for (var policy : policies.subList(1, policies.size())) {
      whole = by.apply(whole, reader.read(policy));
    }
    return whole;
  }

  private static GroupException unknown() {
    return new GroupException("the group's permissions hold a policy that we do not know");
  }
}

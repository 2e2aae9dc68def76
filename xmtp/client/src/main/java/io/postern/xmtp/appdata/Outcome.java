package io.postern.xmtp.appdata;

import io.postern.xmtp.proto.mls.MetadataPolicy;
import java.util.List;

/** What a policy of the registry says of a role. Groups document 11.6. */
enum Outcome {
  ALLOWED,
  DENIED,

  /** The policy does not parse: it refuses, unless a part before it has already decided. */
  INVALID;

  /** Looks at all parts of the policy, as far as they decide. */
  static Outcome of(MetadataPolicy policy, Role role) {
    return switch (policy.getKindCase()) {
      case BASE ->
          switch (policy.getBase()) {
            case METADATA_BASE_POLICY_ALLOW -> ALLOWED;
            case METADATA_BASE_POLICY_DENY -> DENIED;
            case METADATA_BASE_POLICY_ALLOW_IF_ADMIN -> of(role.admin() || role.superAdmin());
            case METADATA_BASE_POLICY_ALLOW_IF_SUPER_ADMIN -> of(role.superAdmin());
            default -> INVALID;
          };
      case AND_CONDITION -> first(policy.getAndCondition().getPoliciesList(), role, ALLOWED);
      case ANY_CONDITION -> first(policy.getAnyCondition().getPoliciesList(), role, DENIED);
      case KIND_NOT_SET -> INVALID;
    };
  }

  private static Outcome of(boolean allowed) {
    return allowed ? ALLOWED : DENIED;
  }

  /** The first that is otherwise than expected decides. */
  private static Outcome first(List<MetadataPolicy> policies, Role role, Outcome expected) {
    if (policies.isEmpty()) {
      return INVALID;
    }
    return policies.stream()
        .map(policy -> of(policy, role))
        .filter(outcome -> outcome != expected)
        .findFirst()
        .orElse(expected);
  }
}

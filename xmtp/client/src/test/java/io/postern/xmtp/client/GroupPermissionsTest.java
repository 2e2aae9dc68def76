package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.xmtp.appdata.Role;
import io.postern.xmtp.proto.mls.GroupMutablePermissionsV1;
import io.postern.xmtp.proto.mls.MembershipPolicy;
import io.postern.xmtp.proto.mls.MetadataPolicy;
import io.postern.xmtp.proto.mls.PermissionsUpdatePolicy;
import io.postern.xmtp.proto.mls.PolicySet;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of the permissions of a group, groups document 2.3. */
class GroupPermissionsTest {
  private static final Role PLAIN = new Role(false, false);
  private static final Role ADMIN = new Role(true, false);
  private static final Role SUPER_ADMIN = new Role(false, true);

  private static PolicySet.Builder honest() {
    return PolicySet.newBuilder()
        .setAddMemberPolicy(member(1))
        .setRemoveMemberPolicy(member(3))
        .putUpdateMetadataPolicy("group_name", MetadataPolicy.newBuilder().setBaseValue(1).build())
        .setAddAdminPolicy(role(3))
        .setRemoveAdminPolicy(role(3))
        .setUpdatePermissionsPolicy(role(3));
  }

  private static MembershipPolicy member(int base) {
    return MembershipPolicy.newBuilder().setBaseValue(base).build();
  }

  private static PermissionsUpdatePolicy role(int base) {
    return PermissionsUpdatePolicy.newBuilder().setBaseValue(base).build();
  }

  private static MembershipPolicy all(MembershipPolicy... policies) {
    return MembershipPolicy.newBuilder()
        .setAndCondition(
            MembershipPolicy.AndCondition.newBuilder().addAllPolicies(Arrays.asList(policies)))
        .build();
  }

  private static MembershipPolicy any(MembershipPolicy... policies) {
    return MembershipPolicy.newBuilder()
        .setAnyCondition(
            MembershipPolicy.AnyCondition.newBuilder().addAllPolicies(Arrays.asList(policies)))
        .build();
  }

  private static GroupPermissions read(PolicySet.Builder policies) throws GroupException {
    return GroupPermissions.read(
        GroupMutablePermissionsV1.newBuilder().setPolicies(policies).build().toByteArray());
  }

  private static void refuses(PolicySet.Builder policies) {
    assertThatThrownBy(() -> read(policies)).isInstanceOf(GroupException.class);
  }

  private static GroupPermissions adding(MembershipPolicy policy) throws GroupException {
    return read(honest().setAddMemberPolicy(policy));
  }

  private static void allows(MembershipPolicy policy, Role... roles) throws GroupException {
    var adding = adding(policy).addMember();
    for (var role : List.of(PLAIN, ADMIN, SUPER_ADMIN)) {
      assertThat(adding.allows(role)).as("%s", role).isEqualTo(List.of(roles).contains(role));
    }
  }

  @Test
  void readsWhatEveryPolicyAllows() throws GroupException {
    allows(member(1), PLAIN, ADMIN, SUPER_ADMIN);
    allows(member(2));
    allows(member(3), ADMIN, SUPER_ADMIN);
    allows(member(4), SUPER_ADMIN);
  }

  /** The numbers of policies about admins and permissions are shifted. */
  @ParameterizedTest(name = "base {0}")
  @CsvSource({"1, false, false", "2, true, true", "3, false, true"})
  void readsThePoliciesAboutAdmins(int base, boolean admin, boolean superAdmin) throws Exception {
    var permissions = read(honest().setAddAdminPolicy(role(base)));

    assertThat(permissions.addAdmin().allows(PLAIN)).isFalse();
    assertThat(permissions.addAdmin().allows(ADMIN)).isEqualTo(admin);
    assertThat(permissions.addAdmin().allows(SUPER_ADMIN)).isEqualTo(superAdmin);
  }

  @Test
  void anEntryWithoutPolicyFallsToTheRuleOfItsFirstLetter() throws GroupException {
    var permissions = read(honest());

    assertThat(permissions.metadata("group_name").allows(PLAIN)).isTrue();
    assertThat(permissions.metadata("other").allows(PLAIN)).isFalse();
    assertThat(permissions.metadata("other").allows(ADMIN)).isTrue();
    assertThat(permissions.metadata("_other").allows(ADMIN)).isFalse();
    assertThat(permissions.metadata("_other").allows(SUPER_ADMIN)).isTrue();
  }

  @Test
  void readsConditions() throws GroupException {
    allows(all(member(1), member(3)), ADMIN, SUPER_ADMIN);
    allows(all(member(3), member(2)));
    allows(any(member(2), member(4)), SUPER_ADMIN);
    allows(any(member(2), all(member(1), any(member(3), member(4)))), ADMIN, SUPER_ADMIN);
  }

  @Test
  void refusesAnEmptyCondition() {
    refuses(honest().setAddMemberPolicy(all()));
    refuses(honest().setRemoveMemberPolicy(any(member(1), all())));
    refuses(
        honest()
            .putUpdateMetadataPolicy(
                "group_name",
                MetadataPolicy.newBuilder()
                    .setAndCondition(MetadataPolicy.AndCondition.getDefaultInstance())
                    .build()));
    refuses(
        honest()
            .setAddAdminPolicy(
                PermissionsUpdatePolicy.newBuilder()
                    .setAnyCondition(PermissionsUpdatePolicy.AnyCondition.getDefaultInstance())));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 9, -1})
  void refusesAPolicyThatItDoesNotKnow(int base) {
    refuses(honest().setAddMemberPolicy(member(base)));
    refuses(honest().setRemoveMemberPolicy(any(member(1), member(base))));
    refuses(honest().setUpdatePermissionsPolicy(role(base)));
    refuses(
        honest()
            .putUpdateMetadataPolicy(
                "other", MetadataPolicy.newBuilder().setBaseValue(base).build()));
  }

  @Test
  void refusesThePolicyOfAnotherKind() {
    refuses(honest().setAddAdminPolicy(role(4)));
    refuses(honest().setRemoveAdminPolicy(role(4)));
    refuses(honest().setUpdatePermissionsPolicy(role(4)));
  }

  @Test
  void refusesAPolicyThatSaysNothing() {
    refuses(honest().setAddMemberPolicy(MembershipPolicy.getDefaultInstance()));
    refuses(honest().setAddAdminPolicy(PermissionsUpdatePolicy.getDefaultInstance()));
    refuses(honest().putUpdateMetadataPolicy("other", MetadataPolicy.getDefaultInstance()));
  }

  @Test
  void refusesPermissionsThatLackAPolicy() throws GroupException {
    List<Consumer<PolicySet.Builder>> losses =
        List.of(
            PolicySet.Builder::clearAddMemberPolicy,
            PolicySet.Builder::clearRemoveMemberPolicy,
            PolicySet.Builder::clearAddAdminPolicy,
            PolicySet.Builder::clearRemoveAdminPolicy,
            PolicySet.Builder::clearUpdatePermissionsPolicy);

    for (var loss : losses) {
      var policies = honest();
      loss.accept(policies);
      refuses(policies);
    }
    assertThatThrownBy(() -> GroupPermissions.read(new byte[0])).isInstanceOf(GroupException.class);
    assertThat(read(honest().clearUpdateMetadataPolicy()).metadata()).isEmpty();
  }

  /**
   * Others read as deep as protobuf lets them, so we must; deeper than that nobody reads. One
   * policy in a condition is two messages in each other.
   */
  @Test
  void readsPoliciesAsDeepAsOthersDo() throws GroupException {
    assertThat(adding(nested(49)).addMember().allows(ADMIN)).isTrue();
    assertThat(adding(nested(49)).addMember().allows(PLAIN)).isFalse();
    refuses(honest().setAddMemberPolicy(nested(50)));
    refuses(honest().setAddMemberPolicy(nested(1_000)));
  }

  private static MembershipPolicy nested(int depth) {
    var policy = member(3);
    for (int i = 0; i < depth; i++) {
      policy = i % 2 == 0 ? all(policy) : any(policy);
    }
    return policy;
  }

  @Test
  void refusesEachTruncation() throws GroupException {
    var octets = GroupMutablePermissionsV1.newBuilder().setPolicies(honest()).build().toByteArray();

    for (int length = 0; length < octets.length; length++) {
      var cut = Arrays.copyOf(octets, length);
      assertThatThrownBy(() -> GroupPermissions.read(cut)).isInstanceOf(GroupException.class);
    }
  }
}

package io.postern.xmtp.client;

import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.xmtp.appdata.Role;

/**
 * What a commit may change in the words of a group that is not in the dictionary form, where all of
 * them are its committer's. Groups document 7.3 steps 1 to 4, 7.4 rules 3 to 8.
 */
final class LegacyPolicy {
  private LegacyPolicy() {}

  /** A dictionary comes into a group by a migration only: else anybody could write it at will. */
  static void checkNoDictionary(Extensions before, Extensions after) throws GroupException {
    if (!before.hasSame(after, Extension.APP_DATA_DICTIONARY)) {
      throw new GroupException("7.3: a commit writes a dictionary that is no migration");
    }
  }

  static void checkImmutable(Extensions before, Extensions after) throws GroupException {
    if (!before.hasSame(after, GroupMetadata.IMMUTABLE)) {
      throw new GroupException("7.3: a commit changes the immutable metadata");
    }
  }

  static void checkLimits(GroupMetadata before, GroupMetadata after) throws GroupException {
    for (var key : before.changedAttributes(after)) {
      var value = after.attributes().get(key);
      if (value != null && !GroupMetadata.fits(key, value)) {
        throw new GroupException("7.3 step 3: the new " + key + " is too long");
      }
    }
  }

  /**
   * @param role of the committer
   */
  static void check(
      Role role,
      GroupMetadata before,
      GroupMetadata after,
      GroupPermissions permissions,
      GroupPermissions permissionsAfter)
      throws GroupException {
    for (var key : before.changedAttributes(after)) {
      if (!permissions.metadata(key).allows(role)) {
        throw new GroupException("7.4 rule 3: the committer may not change " + key);
      }
    }
    var admins = before.admins();
    var adminsAfter = after.admins();
    if (!admins.containsAll(adminsAfter) && !permissions.addAdmin().allows(role)) {
      throw new GroupException("7.4 rule 4: the committer may not appoint admins");
    }
    if (!adminsAfter.containsAll(admins) && !permissions.removeAdmin().allows(role)) {
      throw new GroupException("7.4 rule 5: the committer may not dismiss admins");
    }
    var supers = before.superAdmins();
    var supersAfter = after.superAdmins();
    if (!supers.containsAll(supersAfter) && !role.superAdmin()) {
      throw new GroupException("7.4 rule 6: only a super admin appoints super admins");
    }
    if (!supersAfter.containsAll(supers) && !(role.superAdmin() && !supersAfter.isEmpty())) {
      throw new GroupException("7.4 rule 7: only a super admin dismisses, and never the last one");
    }
    if (!permissions.equals(permissionsAfter) && !role.superAdmin()) {
      throw new GroupException("7.4 rule 8: only a super admin changes permissions");
    }
  }
}

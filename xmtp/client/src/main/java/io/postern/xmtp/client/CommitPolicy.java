package io.postern.xmtp.client;

import io.postern.mls.group.Member;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.xmtp.client.GroupPermissions.Role;
import io.postern.xmtp.client.Identities.InstallationDiff;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.proto.mls.ConversationType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;

/**
 * Whether XMTP allows a commit that MLS has found valid (XIP-47). Every member applies the same
 * rules to the same commits, so a rule too many or too few forks the group. The numbers are those
 * of the groups document, 7.3 and 7.4.
 */
final class CommitPolicy {
  private static final int ADD = 1;
  private static final int UPDATE = 2;
  private static final int REMOVE = 3;
  private static final int GROUP_CONTEXT_EXTENSIONS = 7;
  private static final Set<Integer> ALLOWED_PROPOSALS =
      Set.of(ADD, UPDATE, REMOVE, GROUP_CONTEXT_EXTENSIONS);

  private final Identities identities;

  CommitPolicy(Identities identities) {
    this.identities = identities;
  }

  /**
   * What an allowed commit does, in XMTP's terms.
   *
   * @param demandedVersion a protocol version above ours that the group demands from now on: then
   *     the commit must not be merged, the group pauses
   */
  record Verdict(
      InboxId actor,
      GroupMetadata before,
      GroupMetadata after,
      Set<InboxId> addedInboxes,
      Set<InboxId> removedInboxes,
      Optional<String> demandedVersion) {}

  /**
   * @throws MissingUpdateException if the commit names an identity update that is not there
   * @throws GroupException if a rule is broken
   * @throws NodeException if the identity updates that the decision needs cannot be had now
   */
  Verdict check(MlsGroup group, StagedCommit commit) throws GroupException, NodeException {
    var before = Context.of(group.contextExtensions());
    if (!commit.contextExtensions().has(GroupMembership.TYPE)) {
      return migration(group, commit, before.metadata());
    }
    var after = Context.of(commit.contextExtensions());
    if (!Arrays.equals(before.immutable(), after.immutable())) {
      throw new GroupException("7.3: a commit changes the immutable metadata");
    }
    checkLimits(before.metadata(), after.metadata());
    var actorLeaf = member(group, commit.sender());
    checkProposals(group, commit);
    checkLeaves(group, commit, actorLeaf);

    var membershipBefore = before.membership();
    var membershipAfter = after.membership();
    for (var inbox : membershipBefore.updated(membershipAfter)) {
      if (membershipAfter.members().get(inbox) < membershipBefore.members().get(inbox)) {
        throw new GroupException("7.3 step 8: the sequence id of an inbox decreases");
      }
    }
    var added = membershipBefore.added(membershipAfter);
    if (added.size() > GroupJoin.MAX_MEMBERS) {
      throw new GroupException("a commit adds " + added.size() + " members");
    }
    var unheardOf = identities.unknown(added);
    try {
      return judge(group, commit, before, after, actorLeaf, added);
    } catch (GroupException refused) {
      identities.forget(unheardOf); // Else anybody could fill the disk with logs of any inboxes.
      throw refused;
    }
  }

  private Verdict judge(
      MlsGroup group,
      StagedCommit commit,
      Context before,
      Context after,
      LeafNode actorLeaf,
      Set<InboxId> added)
      throws GroupException, NodeException {
    var membershipBefore = before.membership();
    var membershipAfter = after.membership();
    var actor = Leaves.inbox(actorLeaf);
    var expected = identities.diff(membershipBefore, membershipAfter);
    boolean superAdmin = before.metadata().isSuperAdmin(actor);
    checkInstallations(group, commit, expected, membershipAfter, superAdmin);
    checkCredentials(commit, actorLeaf, membershipBefore, membershipAfter);

    var removed = membershipBefore.removed(membershipAfter);
    checkPolicies(before, after, actor, added, removed);
    return new Verdict(
        actor, before.metadata(), after.metadata(), added, removed, demandedVersion(after));
  }

  /**
   * A commit that takes the membership out of the context begins a form of group that we do not
   * know: the group pauses, as others go on (groups document 11.2). Only who may change everything
   * can stop us that way.
   */
  private static Verdict migration(MlsGroup group, StagedCommit commit, GroupMetadata before)
      throws GroupException {
    var actor = Leaves.inbox(member(group, commit.sender()));
    if (!mayChangeForm(before, actor)) {
      throw new GroupException("7.3: a commit drops the membership, by no super admin");
    }
    return new Verdict(
        actor, before, before, Set.of(), Set.of(), Optional.of(ProtocolVersion.DICTIONARY));
  }

  private static boolean mayChangeForm(GroupMetadata metadata, InboxId actor) {
    return metadata.kind() == ConversationType.CONVERSATION_TYPE_DM || metadata.isSuperAdmin(actor);
  }

  /** Whether a member may lead a group into a form that we do not know, so that we must wait. */
  static boolean mayChangeForm(MlsGroup group, LeafIndex member) throws GroupException {
    var metadata = Context.of(group.contextExtensions()).metadata();
    return mayChangeForm(metadata, Leaves.inbox(member(group, member)));
  }

  private record Context(
      byte[] immutable,
      GroupMetadata metadata,
      GroupPermissions permissions,
      GroupMembership membership) {
    static Context of(Extensions extensions) throws GroupException {
      var immutable = required(extensions, GroupMetadata.IMMUTABLE);
      return new Context(
          immutable,
          GroupMetadata.read(immutable, required(extensions, GroupMetadata.MUTABLE)),
          GroupPermissions.read(required(extensions, GroupPermissions.TYPE)),
          GroupMembership.read(required(extensions, GroupMembership.TYPE)));
    }
  }

  static byte[] required(Extensions extensions, int type) throws GroupException {
    var data = extensions.find(type);
    if (data.isEmpty()) {
      throw new GroupException(String.format("the group context lacks extension 0x%04x", type));
    }
    return data.get();
  }

  private static void checkLimits(GroupMetadata before, GroupMetadata after) throws GroupException {
    for (var key : before.changedAttributes(after)) {
      var value = after.attributes().get(key);
      if (value != null && !GroupMetadata.fits(key, value)) {
        throw new GroupException("7.3 step 3: the new " + key + " is too long");
      }
    }
  }

  private static void checkProposals(MlsGroup group, StagedCommit commit) throws GroupException {
    for (var proposed : commit.proposals()) {
      member(group, proposed.proposer());
      int type = proposed.proposal().type();
      if (!ALLOWED_PROPOSALS.contains(type)) {
        throw new GroupException("7.3 step 7: a proposal of type " + type + " is not allowed");
      }
    }
  }

  /** A leaf may change its keys, never whose it is. */
  private static void checkLeaves(MlsGroup group, StagedCommit commit, LeafNode actorLeaf)
      throws GroupException {
    if (commit.pathLeaf().isPresent()) {
      sameOwner(actorLeaf, commit.pathLeaf().get());
    }
    for (var updated : commit.updatedLeaves()) {
      sameOwner(member(group, updated.index()), updated.leaf());
    }
  }

  private static void sameOwner(LeafNode before, LeafNode after) throws GroupException {
    if (!before.credential().equals(after.credential())
        || !Arrays.equals(before.signatureKey(), after.signatureKey())) {
      throw new GroupException("7.3: a leaf is replaced by one of another owner");
    }
  }

  private static void checkInstallations(
      MlsGroup group,
      StagedCommit commit,
      InstallationDiff expected,
      GroupMembership after,
      boolean actorIsSuperAdmin)
      throws GroupException {
    var added = new LinkedHashMap<InstallationId, InboxId>();
    for (var member : commit.addedLeaves()) {
      added.put(Leaves.installation(member.leaf()), Leaves.inbox(member.leaf()));
    }
    var removed = new HashSet<InstallationId>();
    for (var member : commit.removedLeaves()) {
      removed.add(Leaves.installation(member.leaf()));
    }
    var failed = new HashSet<>(after.failed());
    var current = new HashMap<InstallationId, InboxId>();
    for (var member : group.members()) {
      current.put(Leaves.installation(member.leaf()), Leaves.inbox(member.leaf()));
    }
    if (actorIsSuperAdmin) {
      var readded = new HashSet<>(added.keySet());
      readded.retainAll(removed);
      for (var installation : readded) {
        oneOf(Set.of(current.get(installation)), added.get(installation));
      }
      added.keySet().removeAll(readded);
      removed.removeAll(readded);
      var lost = new HashSet<>(failed);
      lost.retainAll(removed);
      removed.removeAll(lost);
      failed.removeAll(lost);
    }
    for (var addition : added.entrySet()) {
      var present = Optional.ofNullable(current.get(addition.getKey()));
      var owners =
          expected
              .added()
              .getOrDefault(addition.getKey(), present.<Set<InboxId>>map(Set::of).orElse(Set.of()));
      if (owners.isEmpty()) {
        throw new GroupException("7.3 step 11: an installation is added that no inbox lists");
      }
      oneOf(owners, addition.getValue());
    }
    var mustGo = new HashSet<>(expected.removed());
    mustGo.removeAll(failed);
    if (!removed.equals(mustGo)) {
      throw new GroupException("7.3 step 11: the removed installations are not those that left");
    }
  }

  private static void oneOf(Set<InboxId> owners, InboxId claimed) throws GroupException {
    if (!owners.contains(claimed)) {
      throw new GroupException("7.3: an installation is added under another inbox's name");
    }
  }

  private void checkCredentials(
      StagedCommit commit, LeafNode actorLeaf, GroupMembership before, GroupMembership after)
      throws GroupException, NodeException {
    listed(actorLeaf, before, after);
    for (var updated : commit.updatedLeaves()) {
      listed(updated.leaf(), before, after);
    }
  }

  private void listed(LeafNode leaf, GroupMembership before, GroupMembership after)
      throws GroupException, NodeException {
    var inbox = Leaves.inbox(leaf);
    var sequence = after.members().get(inbox);
    if (sequence == null) {
      throw new GroupException("7.3 step 12: the committer's inbox is not a member");
    }
    boolean placeholder = sequence == 0 && Long.valueOf(0).equals(before.members().get(inbox));
    var installations = placeholder ? identities.latest(inbox) : identities.at(inbox, sequence);
    if (!installations.contains(Leaves.installation(leaf))) {
      throw new GroupException("7.3 step 12: the committer is no installation of its inbox");
    }
  }

  private static void checkPolicies(
      Context before, Context after, InboxId actor, Set<InboxId> added, Set<InboxId> removed)
      throws GroupException {
    var metadata = before.metadata();
    var permissions = before.permissions();
    var role = new Role(metadata.isAdmin(actor), metadata.isSuperAdmin(actor));
    if (!added.isEmpty()
        && !permissions.addMember().allows(role)
        && !isDmInvitation(metadata, actor, added)) {
      throw new GroupException("7.4 rule 1: the committer may not add members");
    }
    if (!removed.isEmpty() && !permissions.removeMember().allows(role)) {
      throw new GroupException("7.4 rule 2: the committer may not remove members");
    }
    for (var inbox : removed) {
      if (metadata.isSuperAdmin(inbox)) {
        throw new GroupException("7.4 rule 2: a super admin cannot be removed");
      }
    }
    for (var key : metadata.changedAttributes(after.metadata())) {
      if (!permissions.metadata(key).allows(role)) {
        throw new GroupException("7.4 rule 3: the committer may not change " + key);
      }
    }
    var admins = metadata.admins();
    var adminsAfter = after.metadata().admins();
    if (!admins.containsAll(adminsAfter) && !permissions.addAdmin().allows(role)) {
      throw new GroupException("7.4 rule 4: the committer may not appoint admins");
    }
    if (!adminsAfter.containsAll(admins) && !permissions.removeAdmin().allows(role)) {
      throw new GroupException("7.4 rule 5: the committer may not dismiss admins");
    }
    var supers = metadata.superAdmins();
    var supersAfter = after.metadata().superAdmins();
    if (!supers.containsAll(supersAfter) && !role.superAdmin()) {
      throw new GroupException("7.4 rule 6: only a super admin appoints super admins");
    }
    if (!supersAfter.containsAll(supers) && !(role.superAdmin() && !supersAfter.isEmpty())) {
      throw new GroupException("7.4 rule 7: only a super admin dismisses, and never the last one");
    }
    if (!permissions.equals(after.permissions()) && !role.superAdmin()) {
      throw new GroupException("7.4 rule 8: only a super admin changes permissions");
    }
  }

  private static boolean isDmInvitation(GroupMetadata metadata, InboxId actor, Set<InboxId> added) {
    return metadata.dmMembers().isPresent()
        && added.size() == 1
        && metadata.dmMembers().get().contains(added.iterator().next())
        && !added.contains(actor);
  }

  private static Optional<String> demandedVersion(Context after) throws GroupException {
    var minimum = after.metadata().minimumVersion();
    if (minimum.isEmpty()) {
      return Optional.empty();
    }
    var version = ProtocolVersion.parse(minimum.get());
    if (version.isEmpty()) {
      throw new GroupException("7.7: the demanded version is not a version");
    }
    return version.get().compareTo(ProtocolVersion.OURS) > 0 ? minimum : Optional.empty();
  }

  private static LeafNode member(MlsGroup group, LeafIndex index) throws GroupException {
    return group
        .member(index)
        .map(Member::leaf)
        .orElseThrow(
            () -> new GroupException("7.3 step 5: the committer or proposer is no member"));
  }
}

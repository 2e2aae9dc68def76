package io.postern.xmtp.client;

import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.tree.LeafNode;
import io.postern.xmtp.client.Identities.InstallationDiff;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.NodeException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the leaves that a commit brings, removes and changes are those that the identity logs of
 * their inboxes say. The same in both forms of a group. Groups document 7.3 steps 9 to 12.
 */
final class InstallationPolicy {
  private final Identities identities;
  private final MlsGroup group;
  private final StagedCommit commit;

  InstallationPolicy(Identities identities, MlsGroup group, StagedCommit commit) {
    this.identities = identities;
    this.group = group;
    this.commit = commit;
  }

  /**
   * A leaf may change its keys, never whose it is. An Update may even be of another installation of
   * its inbox, which {@link #check} wants to be listed.
   */
  void checkOwners(LeafNode actorLeaf) throws GroupException {
    if (commit.pathLeaf().isPresent()) {
      sameOwner(actorLeaf, commit.pathLeaf().get());
    }
    for (var updated : commit.updatedLeaves()) {
      var before = Leaves.inbox(Leaves.member(group, updated.index()));
      if (!before.equals(Leaves.inbox(updated.leaf()))) {
        throw ofAnotherOwner();
      }
    }
  }

  private static void sameOwner(LeafNode before, LeafNode after) throws GroupException {
    if (!before.credential().equals(after.credential())
        || !Arrays.equals(before.signatureKey(), after.signatureKey())) {
      throw ofAnotherOwner();
    }
  }

  private static GroupException ofAnotherOwner() {
    return new GroupException("7.3: a leaf is replaced by one of another owner");
  }

  /**
   * @param superAdmin whether the committer is one, who may bring back what is there
   */
  void check(LeafNode actorLeaf, boolean superAdmin, GroupMembership before, GroupMembership after)
      throws GroupException, NodeException {
    checkInstallations(identities.diff(before, after), after, superAdmin);
    listed(actorLeaf, before, after);
    for (var updated : commit.updatedLeaves()) {
      listed(updated.leaf(), before, after);
    }
  }

  private void checkInstallations(
      InstallationDiff expected, GroupMembership after, boolean superAdmin) throws GroupException {
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
    if (superAdmin) {
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
}

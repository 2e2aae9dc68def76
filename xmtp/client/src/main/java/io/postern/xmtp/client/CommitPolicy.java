package io.postern.xmtp.client;

import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.tree.LeafNode;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.NodeException;
import java.util.Optional;
import java.util.Set;

/**
 * Whether XMTP allows a commit that MLS has found valid (XIP-47). Every member applies the same
 * rules to the same commits, so a rule too many or too few forks the group. The numbers are those
 * of the groups document, 7.3 and 7.4; 11.5 and 11.6 for groups in the dictionary form.
 */
final class CommitPolicy {
  private static final Set<Integer> ALLOWED_PROPOSALS =
      Set.of(
          Proposal.Add.TYPE,
          Proposal.Update.TYPE,
          Proposal.Remove.TYPE,
          Proposal.GroupContextExtensions.TYPE);

  private final Identities identities;

  CommitPolicy(Identities identities) {
    this.identities = identities;
  }

  /**
   * What an allowed commit does, in XMTP's terms.
   *
   * @param demandedVersion a protocol version above ours that the group demands from now on, or has
   *     demanded before, as it may be told: then the commit must not be merged, the group pauses
   */
  record Verdict(
      InboxId actor,
      GroupMetadata before,
      GroupMetadata after,
      Set<InboxId> addedInboxes,
      Set<InboxId> removedInboxes,
      Optional<String> demandedVersion) {
    /** Nothing changes that people see. */
    static Verdict unchanged(
        InboxId actor, GroupMetadata metadata, Optional<String> demandedVersion) {
      return new Verdict(actor, metadata, metadata, Set.of(), Set.of(), demandedVersion);
    }
  }

  /** What stands in the context, read. */
  private record Words(
      GroupMetadata metadata, GroupPermissions permissions, GroupMembership membership) {
    static Words of(XmtpContext context) throws GroupException {
      return new Words(context.metadata(), context.permissions(), context.membership());
    }
  }

  /** As the other, for those who have not read the group's context themselves. */
  Verdict check(MlsGroup group, StagedCommit commit) throws GroupException, NodeException {
    return check(group, XmtpContext.of(group.contextExtensions()), commit);
  }

  /**
   * @param before the context of the group
   * @throws MissingUpdateException if the commit names an identity update that is not there
   * @throws GroupException if a rule is broken
   * @throws NodeException if the identity updates that the decision needs cannot be had now
   */
  Verdict check(MlsGroup group, XmtpContext before, StagedCommit commit)
      throws GroupException, NodeException {
    var demanded = before.demandedVersion();
    if (demanded.isPresent()) {
      return Verdict.unchanged(actor(group, commit), GroupMetadata.UNREAD, demanded);
    }
    if (before.isMigrated()) {
      return inDictionaryForm(group, commit, before);
    }
    if (Migration.is(commit)) {
      var metadata = before.metadata();
      return Verdict.unchanged(
          actor(group, commit), metadata, new Migration(group, commit, before, metadata).check());
    }
    return inLegacyForm(group, commit, before);
  }

  private Verdict inDictionaryForm(MlsGroup group, StagedCommit commit, XmtpContext before)
      throws GroupException, NodeException {
    var was = Words.of(before);
    var actorLeaf = Leaves.member(group, commit.sender());
    var policy = ProposalPolicy.of(group, before);
    for (var each : commit.proposals()) {
      Leaves.member(group, each.proposer());
      if (!policy.checkShared(each.proposal(), each.proposer())) {
        checkType(each.proposal().type());
      }
    }
    var after = XmtpContext.of(commit.contextExtensions());
    var is = new Words(metadata(was, after), was.permissions(), membership(commit, was, after));
    return judge(group, commit, was, is, actorLeaf, true);
  }

  /**
   * Only the demanded version is asked for: what else cannot be read afterwards is taken by the
   * others, so it is here, and counts as unchanged.
   */
  private static GroupMetadata metadata(Words was, XmtpContext after) throws GroupException {
    try {
      return after.metadata();
    } catch (GroupException unreadable) {
      return was.metadata().demanding(after.minimumVersion());
    }
  }

  /**
   * Where a commit holds a list of extensions the others read the membership there, whose
   * dictionary is that from before, and not what the updates beside it make of it.
   */
  private static GroupMembership membership(StagedCommit commit, Words was, XmtpContext after)
      throws GroupException {
    boolean besideList =
        commit.proposals().stream()
            .anyMatch(each -> each.proposal() instanceof Proposal.GroupContextExtensions);
    return besideList ? was.membership() : after.membership();
  }

  private Verdict inLegacyForm(MlsGroup group, StagedCommit commit, XmtpContext before)
      throws GroupException, NodeException {
    var extensions = group.contextExtensions();
    var extensionsAfter = commit.contextExtensions();
    var was = Words.of(before);
    LegacyPolicy.checkNoDictionary(extensions, extensionsAfter);
    var is = Words.of(XmtpContext.of(extensionsAfter));
    LegacyPolicy.checkImmutable(extensions, extensionsAfter);
    LegacyPolicy.checkLimits(was.metadata(), is.metadata());
    var actorLeaf = Leaves.member(group, commit.sender());
    for (var each : commit.proposals()) {
      Leaves.member(group, each.proposer());
      checkType(each.proposal().type());
    }
    return judge(group, commit, was, is, actorLeaf, false);
  }

  private Verdict judge(
      MlsGroup group,
      StagedCommit commit,
      Words was,
      Words is,
      LeafNode actorLeaf,
      boolean migrated)
      throws GroupException, NodeException {
    var installations = new InstallationPolicy(identities, group, commit);
    installations.checkOwners(actorLeaf);
    for (var inbox : was.membership().updated(is.membership())) {
      if (is.membership().members().get(inbox) < was.membership().members().get(inbox)) {
        throw new GroupException("7.3 step 8: the sequence id of an inbox decreases");
      }
    }
    var added = was.membership().added(is.membership());
    if (added.size() > WelcomePolicy.MAX_MEMBERS) {
      throw new GroupException("a commit adds " + added.size() + " members");
    }
    var removed = was.membership().removed(is.membership());
    var actor = Leaves.inbox(actorLeaf);
    var role = was.metadata().role(actor);
    var unheardOf = identities.unknown(added);
    try {
      installations.check(actorLeaf, role.superAdmin(), was.membership(), is.membership());
      var rights = new MemberRights(was.metadata(), was.permissions());
      new MemberPolicy(group, commit, migrated, rights).check(actor, added, removed);
      if (!migrated) {
        LegacyPolicy.check(
            role, was.metadata(), is.metadata(), was.permissions(), is.permissions());
      }
      return new Verdict(
          actor, was.metadata(), is.metadata(), added, removed, demandedVersion(is.metadata()));
    } catch (GroupException refused) {
      identities.forget(unheardOf); // Else anybody could fill the disk with logs of any inboxes.
      throw refused;
    }
  }

  private static void checkType(int type) throws GroupException {
    if (!ALLOWED_PROPOSALS.contains(type)) {
      throw new GroupException("7.3 step 7: a proposal of type " + type + " is not allowed");
    }
  }

  private static InboxId actor(MlsGroup group, StagedCommit commit) throws GroupException {
    return Leaves.inbox(Leaves.member(group, commit.sender()));
  }

  private static Optional<String> demandedVersion(GroupMetadata after) throws GroupException {
    var minimum = after.minimumVersion();
    if (minimum.isPresent() && ProtocolVersion.parse(minimum.get()).isEmpty()) {
      throw new GroupException("7.7: the demanded version is not a version");
    }
    return minimum.flatMap(ProtocolVersion::aboveOurs);
  }
}

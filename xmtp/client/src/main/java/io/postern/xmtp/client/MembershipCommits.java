package io.postern.xmtp.client;

import io.postern.mls.group.Proposal;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.LeafIndex;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.client.KeyPackages.Usable;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which leaves a group ought to gain and lose so that every inbox is there with all its
 * installations. One routine serves creation, adding people and following their new devices. Groups
 * document 3.
 */
final class MembershipCommits {
  private static final Logger log = LoggerFactory.getLogger(MembershipCommits.class);

  private final Identities identities;
  private final UsablePackages packages;

  MembershipCommits(Identities identities, Node node, InstantSource clock) {
    this.identities = identities;
    this.packages = new UsablePackages(node, clock);
  }

  /**
   * What has to change so that these inboxes are in and all members' identity updates are taken
   * into account (groups document 3.2).
   *
   * @throws GroupException if an inbox to add has no identity, or none of its installations is
   *     usable
   */
  MembershipChange plan(LiveGroup group, Collection<InboxId> toAdd)
      throws GroupException, NodeException {
    var before = membership(group);
    var all = new LinkedHashSet<>(before.members().keySet());
    all.addAll(toAdd);
    var latest = identities.refresh(all);
    var changed = new HashMap<InboxId, Long>();
    for (var inbox : all) {
      long sequence = latest.get(inbox);
      if (sequence == 0) {
        throw new GroupException("3.2: the inbox " + inbox + " has no identity on the network");
      }
      if (sequence > before.members().getOrDefault(inbox, 0L)) {
        changed.put(inbox, sequence);
      }
    }
    var change = new MembershipChange(changed);
    if (!toAdd.isEmpty()) {
      var after = change.applyTo(before);
      var additions = identities.diff(before, after).added();
      additions.remove(group.row().installation());
      var usable = packages.usable(additions);
      for (var inbox : toAdd) {
        if (!reached(usable).contains(inbox) && !before.members().containsKey(inbox)) {
          throw new GroupException("3.2: no installation of the inbox " + inbox + " is usable");
        }
      }
    }
    return change;
  }

  /** Proposals for a commit, and whom its welcome is for. */
  record Planned(List<Proposal> proposals, List<WelcomeWrapper.Recipient> recipients) {}

  /**
   * The commit that a change needs now; empty if nothing is left to do, or it is not ours to do.
   */
  Optional<Planned> commit(LiveGroup group, MembershipChange change)
      throws GroupException, NodeException {
    var context = XmtpContext.of(group.mls().contextExtensions());
    var before = context.membership();
    var wished = change.applyTo(before);
    var leaves = new LinkedHashMap<InstallationId, LeafIndex>();
    for (var member : group.mls().members()) {
      leaves.put(Leaves.installation(member.leaf()), member.index());
    }
    var wanted = new HashMap<>(identities.diff(before, wished).added());
    wanted.keySet().removeAll(leaves.keySet());
    wanted.remove(group.row().installation());
    var usable = fitting(group, packages.usable(wanted));
    var after = withoutUnreachable(before, wished, reached(usable));
    if (context.isMigrated()) {
      after = withLeafless(group, before, after);
    }
    var diff = identities.diff(before, after);
    if (diff.removed().contains(group.row().installation())) {
      return Optional.empty(); // Only another member can remove us.
    }
    wanted.keySet().retainAll(diff.added().keySet());
    var removals = new ArrayList<Proposal>();
    var failed = new HashSet<>(before.failed());
    for (var installation : wanted.keySet()) {
      if (!usable.containsKey(installation)) {
        failed.add(installation);
      }
    }
    for (var gone : diff.removed()) {
      var leaf = leaves.get(gone);
      if (leaf == null) {
        failed.add(gone); // Expected to be removed, but it never had a leaf.
      } else {
        removals.add(new Proposal.Remove(leaf));
        leaves.remove(gone);
        failed.remove(gone);
      }
    }
    failed.removeAll(leaves.keySet());
    failed.removeAll(usable.keySet());
    if (usable.isEmpty() && removals.isEmpty() && after.members().equals(before.members())) {
      return Optional.empty();
    }
    var proposals = new ArrayList<Proposal>();
    usable.values().forEach(u -> proposals.add(new Proposal.Add(u.keyPackage())));
    proposals.add(change(group, context, after.withFailed(failed)));
    proposals.addAll(removals);
    return Optional.of(
        new Planned(proposals, usable.values().stream().map(Usable::recipient).toList()));
  }

  /** What makes a membership that of the group, in the group's form. */
  private static Proposal change(LiveGroup group, XmtpContext context, GroupMembership after)
      throws GroupException {
    if (!context.isMigrated()) {
      var extensions = group.mls().contextExtensions();
      return new Proposal.GroupContextExtensions(
          extensions.withLast(new Extension(GroupMembership.TYPE, after.toOctets())));
    }
    var delta = MembershipEntries.of(context.dictionary()).delta(after, group.self().inbox());
    return new Proposal.AppDataUpdate(Component.MEMBERSHIP, Optional.of(delta));
  }

  /** The inboxes in whose name these come in. */
  private static Set<InboxId> reached(Map<InstallationId, Usable> usable) {
    return usable.values().stream().map(Usable::owner).collect(Collectors.toSet());
  }

  /**
   * A membership without those new inboxes of which no installation can be added: nobody would be
   * there to read for them.
   */
  private static GroupMembership withoutUnreachable(
      GroupMembership before, GroupMembership wished, Collection<InboxId> reachable) {
    var members = new HashMap<>(wished.members());
    for (var inbox : before.added(wished)) {
      if (!reachable.contains(inbox)) {
        log.warn("inbox not added, none of its installations is usable inbox={}", inbox);
        members.remove(inbox);
      }
    }
    return new GroupMembership(members, wished.failed());
  }

  /**
   * In the dictionary form an inbox goes by a proposal only, and nothing removes one that has no
   * leaf: it stays. A list of extensions beside the update could stand for the missing proposal,
   * but version 1.11 reads the membership from that list then, and sees none of the other changes.
   */
  private static GroupMembership withLeafless(
      LiveGroup group, GroupMembership before, GroupMembership after) throws GroupException {
    var leaving = before.removed(after);
    if (leaving.isEmpty()) {
      return after;
    }
    for (var member : group.mls().members()) {
      leaving.remove(Leaves.inbox(member.leaf()));
    }
    var members = new HashMap<>(after.members());
    leaving.forEach(inbox -> members.put(inbox, before.members().get(inbox)));
    return new GroupMembership(members, after.failed());
  }

  /**
   * Leaves out packages whose keys are in the group already, or twice among them, and those of
   * clients that do not know the group's form: MLS would refuse the whole commit.
   */
  private static Map<InstallationId, Usable> fitting(
      LiveGroup group, Map<InstallationId, Usable> usable) {
    var keys = group.mls().freeKeys();
    boolean dictionary = group.mls().contextExtensions().has(Extension.APP_DATA_DICTIONARY);
    var fitting = new LinkedHashMap<InstallationId, Usable>();
    usable.forEach(
        (installation, each) -> {
          if (dictionary && !KeyPackages.knowDictionary(each.keyPackage().leaf())) {
            log.info("key package knows no dictionary installation={}", installation);
          } else if (keys.take(each.keyPackage())) {
            fitting.put(installation, each);
          } else {
            log.info("key package reuses a key installation={}", installation);
          }
        });
    return fitting;
  }

  /** The latest identity update of each of two inboxes that the network knows. */
  Map<InboxId, Long> latest(InboxId one, InboxId two) throws GroupException, NodeException {
    var latest = identities.refresh(List.of(one, two));
    for (var inbox : latest.entrySet()) {
      if (inbox.getValue() == 0) {
        throw new GroupException(
            "3.2: the inbox " + inbox.getKey() + " has no identity on the network");
      }
    }
    return latest;
  }

  static GroupMembership membership(LiveGroup group) throws GroupException {
    return XmtpContext.of(group.mls().contextExtensions()).membership();
  }

  /** Whether an inbox can be reached: it has an identity and an installation with a key package. */
  boolean isReachable(InboxId inbox) throws NodeException {
    return packages.isReachable(inbox, identities::latest);
  }
}

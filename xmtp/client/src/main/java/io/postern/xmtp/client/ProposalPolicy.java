package io.postern.xmtp.client;

import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.Proposal;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.xmtp.appdata.AppDataException;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.ComponentUpdate;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.appdata.Registry;
import io.postern.xmtp.identity.InboxId;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a member of a group in the dictionary form may propose something, as the group stands
 * before: asked when a standalone proposal comes, and of what a commit holds. Groups document 11.6.
 */
final class ProposalPolicy {
  private static final int[] LEGACY = {
    GroupPermissions.TYPE, GroupMetadata.MUTABLE, GroupMembership.TYPE
  };

  private final MlsGroup group;
  private final XmtpContext context;
  private final GroupMetadata metadata;
  private final MemberRights rights;
  private final Registry registry;

  private ProposalPolicy(MlsGroup group, XmtpContext context) throws GroupException {
    this.group = group;
    this.context = context;
    this.metadata = context.metadata();
    this.rights = new MemberRights(metadata, context.permissions());
    this.registry = context.registry();
  }

  /**
   * @param context of the group, which is in the dictionary form: nobody uses proposals in another
   * @throws GroupException if it cannot be read
   */
  static ProposalPolicy of(MlsGroup group, XmtpContext context) throws GroupException {
    if (!context.isMigrated()) {
      throw new IllegalArgumentException("the group is not in the dictionary form");
    }
    return new ProposalPolicy(group, context);
  }

  /**
   * Whether a standalone proposal may be kept, so that commits can name it.
   *
   * @throws GroupException if not
   */
  void check(Proposal proposal, LeafIndex sender) throws GroupException {
    var proposer = Leaves.inbox(Leaves.member(group, sender));
    if (proposal instanceof Proposal.Add add) {
      if (!rights.isDmInvitation(proposer, Set.of(Leaves.inbox(add.keyPackage().leaf())))) {
        rights.checkAdds(proposer);
      }
    } else if (proposal instanceof Proposal.Remove remove) {
      rights.checkRemoves(proposer, Leaves.inbox(Leaves.member(group, remove.removed())));
    } else if (proposal instanceof Proposal.Update update) {
      if (!Leaves.inbox(update.leaf()).equals(proposer)) {
        throw new GroupException("11.6: an Update is of another inbox than its proposer's");
      }
    } else if (!checkShared(proposal, sender)) {
      throw new GroupException("11.6: nobody proposes type " + proposal.type() + " alone");
    } else if (proposal instanceof Proposal.GroupContextExtensions change) {
      checkBringsNothingBack(change.extensions());
    }
  }

  /**
   * What is judged alike, alone and in a commit; all else of a commit follows from what it changes.
   *
   * @return whether it is of such a kind
   */
  boolean checkShared(Proposal proposal, LeafIndex sender) throws GroupException {
    if (proposal instanceof Proposal.GroupContextExtensions change) {
      checkContext(change.extensions());
      return true;
    }
    if (proposal instanceof Proposal.AppDataUpdate update) {
      checkUpdate(update, Leaves.inbox(Leaves.member(group, sender)));
      return true;
    }
    return false;
  }

  /** Asked of standalone proposals only: in a commit nobody reads these extensions any more. */
  private static void checkBringsNothingBack(Extensions after) throws GroupException {
    for (int type : LEGACY) {
      if (after.has(type)) {
        throw new GroupException(
            String.format("11.6: extension 0x%04x comes back into a migrated group", type));
      }
    }
  }

  /**
   * The words of the group are in the dictionary, which only updates change. That it stays as it is
   * here is a rule of our own: else any member could write itself into the super admins.
   */
  private void checkContext(Extensions after) throws GroupException {
    if (!group.contextExtensions().hasSame(after, Extension.APP_DATA_DICTIONARY)) {
      throw new GroupException("11.6: a list of extensions changes the dictionary");
    }
  }

  private void checkUpdate(Proposal.AppDataUpdate update, InboxId proposer) throws GroupException {
    if (update.componentId() == Component.MINIMUM_VERSION) {
      checkMinimumVersion(update);
    }
    try {
      registry.check(
          new ComponentUpdate(update.componentId(), update.update()), metadata.role(proposer));
    } catch (AppDataException refused) {
      throw new GroupException(refused.getMessage(), refused);
    }
  }

  /** It never falls nor goes; where none stands that can be compared, anything may come. */
  private void checkMinimumVersion(Proposal.AppDataUpdate update) throws GroupException {
    var current = version(context.dictionary());
    if (current.isEmpty()) {
      return;
    }
    if (update.update().isEmpty()) {
      throw new GroupException("11.6: the demanded version is removed");
    }
    var demanded =
        ProtocolVersion.read(update.update().get())
            .orElseThrow(() -> new GroupException("11.6: the demanded version is not a version"));
    if (demanded.compareTo(current.get()) < 0) {
      throw new GroupException("11.6: the demanded version falls");
    }
  }

  private static Optional<ProtocolVersion> version(Dictionary dictionary) {
    return dictionary.find(Component.MINIMUM_VERSION).flatMap(ProtocolVersion::read);
  }
}

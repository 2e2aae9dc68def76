package io.postern.xmtp.client;

import io.postern.mls.group.MlsGroup;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.GroupStore.Kind;
import java.util.Arrays;

/**
 * Whether a welcome may replace a group that we have: whoever knows a group's id can found another
 * under it, and whoever keeps our welcomes can bring them again. Groups document 4.7 step 7, which
 * asks for less; honest clients do no other.
 *
 * @param held the group as we have it, read to its end
 * @param offered the state that the welcome brings
 * @param adder whose leaf signed the welcome
 * @param cursor the commit that the welcome belongs to, within what the network shows
 */
record Replacement(
    ClientStore store, LiveGroup held, MlsGroup offered, InboxId adder, long cursor) {

  /**
   * Whether we are in that epoch already, or have been: after a removal it would take us into the
   * past, among past members, with generations that are spent. Where we are on a fork of our own
   * the way on may lead into an epoch of a lower number: one that we have not seen, by a commit
   * that we have not followed.
   */
  boolean isCopy() {
    return store
        .jdbi()
        .withHandle(
            h -> {
              var log = store.commits();
              boolean been =
                  log.wasIn(h, held.key(), offered.epoch(), offered.epochAuthenticator());
              boolean later = Long.compareUnsigned(offered.epoch(), held.mls().epoch()) > 0;
              boolean elsewhere =
                  held.row().active()
                      && (cursor > held.cursor().of(Cursor.COMMITS)
                          || cursor > 0 && log.isRefused(h, held.key(), cursor));
              return been || !later && !elsewhere;
            });
  }

  /**
   * @throws GroupException if the welcome turns the group into another, or is of somebody who may
   *     not bring us back while we are in it
   */
  void check() throws GroupException {
    var before = XmtpContext.of(held.mls().contextExtensions());
    var after = XmtpContext.of(offered.contextExtensions());
    if (!isSame(before, after)) {
      throw new GroupException("2.1: a welcome turns a group of ours into another");
    }
    if (held.row().active() && held.row().kind() != Kind.DM && !isSuperAdmin()) {
      throw new GroupException("3.7: only a super admin brings back a member who is there");
    }
  }

  /** In the legacy form to the octet; since a migration by what it says. */
  private static boolean isSame(XmtpContext before, XmtpContext after) throws GroupException {
    return before.isMigrated() || after.isMigrated()
        ? before.metadata().hasSameImmutables(after.metadata())
        : Arrays.equals(
            before.required(GroupMetadata.IMMUTABLE), after.required(GroupMetadata.IMMUTABLE));
  }

  private boolean isSuperAdmin() throws GroupException {
    return XmtpContext.of(held.mls().contextExtensions()).metadata().isSuperAdmin(adder);
  }

  /** Whether the group that we knew did not have this member: it may be another by now. */
  boolean isByStranger() throws GroupException {
    if (held.row().kind() == Kind.DM) {
      return false; // Only the two of the pair can be in it.
    }
    for (var member : held.mls().members()) {
      if (Leaves.inbox(member.leaf()).equals(adder)) {
        return false;
      }
    }
    return true;
  }
}

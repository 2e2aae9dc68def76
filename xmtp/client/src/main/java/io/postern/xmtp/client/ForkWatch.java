package io.postern.xmtp.client;

import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;

/**
 * Finds the groups that went on without us: a member made a commit that we refused, and then
 * somebody speaks in an epoch that we have not reached. The number of an epoch alone says nothing,
 * since anybody can write it; the refused commit was signed by a member. Groups document 7.6, 8.7.
 * And says of those that they demand a version which we lack, 7.7.
 */
final class ForkWatch {
  private final ClientStore store;
  private final Alarms alarms;

  ForkWatch(ClientStore store, Alarms alarms) {
    this.store = store;
    this.alarms = alarms;
  }

  /** Says what was found in former lives. */
  void start() {
    store.jdbi().withHandle(store.groups()::goneOn).forEach(this::sayIfWanted);
  }

  /** A message says that it is of this epoch. */
  void seen(LiveGroup group, long epoch) {
    if (Long.compareUnsigned(epoch, group.mls().epoch()) <= 0) {
      return;
    }
    if (group.row().maybeForked()) {
      sayIfWanted(group.row()); // We may have written into it since.
      return;
    }
    group.save(); // What was refused before it on the same page is to be found.
    boolean refused =
        store
            .jdbi()
            .withHandle(h -> store.commits().hasRefused(h, group.key(), group.mls().epoch()));
    if (refused) {
      group.change(handle -> store.groups().maybeForked(handle, group.key(), true));
      group.save();
      sayIfWanted(group.row());
    }
  }

  /** We wait, since the group demands a version that we lack. */
  void paused(LiveGroup group) {
    sayIfWanted(group.row());
  }

  /** A commit of somebody else is merged: whoever made it is where we are. */
  void followed(LiveGroup group, InboxId actor) {
    if (group.row().maybeForked() && !actor.equals(group.self().inbox())) {
      group.change(handle -> store.groups().maybeForked(handle, group.key(), false));
      alarms.end(new Fork(group.key()));
    }
  }

  /** About which group. */
  private record Fork(Key group) {}

  /** Anybody can put us into a group and take it apart: that is news only where we have written. */
  private void sayIfWanted(GroupRow row) {
    var consent =
        store.jdbi().withHandle(h -> store.consents().of(h, row.installation(), row.group()));
    if (consent == ConsentStore.State.ALLOWED && lasts(new Key(row.installation(), row.group()))) {
      say(row);
    }
  }

  private void say(GroupRow row) {
    var key = new Key(row.installation(), row.group());
    var text =
        row.pausedFor()
            .map(version -> waits(row, key, version))
            .orElseGet(() -> cameApart(row, key));
    alarms.raise(new Fork(key), text, () -> lasts(key));
  }

  private static String waits(GroupRow row, Key key, String version) {
    var lacks =
        "version "
            + version
            + " of XMTP, and this is "
            + V3Settings.LIBXMTP_VERSION
            + ": nothing there is read until a later Postern is";
    return row.peer()
        .map(
            peer ->
                "the chat with "
                    + peer
                    + " in group="
                    + key
                    + " demands "
                    + lacks
                    + "; the next mail begins a new one")
        .orElse("group=" + key + " demands " + lacks);
  }

  private static String cameApart(GroupRow row, Key key) {
    return row.peer()
        .map(
            peer ->
                "the chat with "
                    + peer
                    + " has come apart in group="
                    + key
                    + ": what is written there is not read; the next mail begins a new one")
        .orElse(
            "group="
                + key
                + " seems to have gone on without us: if so, a super admin has to remove and"
                + " add us again");
  }

  /** A DM that cannot be used is no trouble once the two have another. */
  private boolean lasts(Key key) {
    return store
        .jdbi()
        .withHandle(
            handle -> {
              var row = store.groups().find(handle, key.installation(), key.group());
              return row.isPresent()
                  && row.get().active()
                  && !row.get().isUsable()
                  && (row.get().peer().isEmpty()
                      || store
                          .groups()
                          .dms(handle, key.installation(), row.get().peer().get())
                          .stream()
                          .noneMatch(GroupRow::isUsable));
            });
  }
}

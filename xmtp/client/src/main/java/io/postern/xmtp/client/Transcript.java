package io.postern.xmtp.client;

import io.postern.xmtp.client.CommitPolicy.Verdict;
import io.postern.xmtp.content.GroupUpdated;
import io.postern.xmtp.content.GroupUpdated.FieldChange;
import io.postern.xmtp.identity.InboxId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the members of a group are told of a commit. Made locally by each of them, never sent. */
final class Transcript {
  private Transcript() {}

  /** The transcript of a commit, if it changed anything that people see. */
  static Optional<GroupUpdated> of(Verdict verdict, Set<InboxId> leaving) {
    var changes = new ArrayList<FieldChange>();
    for (var key : verdict.before().changedAttributes(verdict.after())) {
      changes.add(
          new FieldChange(
              key,
              Optional.ofNullable(verdict.before().attributes().get(key)),
              Optional.ofNullable(verdict.after().attributes().get(key))));
    }
    var left = new HashSet<>(verdict.removedInboxes());
    left.retainAll(leaving);
    var removed = new HashSet<>(verdict.removedInboxes());
    removed.removeAll(left);
    var updated =
        new GroupUpdated(
            verdict.actor().toString(),
            names(verdict.addedInboxes()),
            names(removed),
            changes,
            names(left),
            names(minus(verdict.after().admins(), verdict.before().admins())),
            names(minus(verdict.before().admins(), verdict.after().admins())),
            names(minus(verdict.after().superAdmins(), verdict.before().superAdmins())),
            names(minus(verdict.before().superAdmins(), verdict.after().superAdmins())));
    boolean visible =
        !verdict.addedInboxes().isEmpty()
            || !verdict.removedInboxes().isEmpty()
            || !changes.isEmpty()
            || !verdict.before().admins().equals(verdict.after().admins())
            || !verdict.before().superAdmins().equals(verdict.after().superAdmins());
    return visible ? Optional.of(updated) : Optional.empty();
  }

  private static Set<InboxId> minus(Set<InboxId> all, Set<InboxId> without) {
    var rest = new HashSet<>(all);
    rest.removeAll(without);
    return rest;
  }

  private static List<String> names(Set<InboxId> inboxes) {
    return inboxes.stream().sorted().map(InboxId::toString).toList();
  }

  /** What the newcomer itself is told. */
  static GroupUpdated joined(InboxId adder, InboxId self) {
    var none = List.<String>of();
    return new GroupUpdated(
        adder.toString(), List.of(self.toString()), none, List.of(), none, none, none, none, none);
  }
}

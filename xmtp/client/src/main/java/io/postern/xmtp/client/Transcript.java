package io.postern.xmtp.client;

import io.postern.xmtp.client.CommitPolicy.Verdict;
import io.postern.xmtp.content.GroupUpdated;
import io.postern.xmtp.content.GroupUpdated.FieldChange;
import io.postern.xmtp.identity.InboxId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the members of a group are told of a commit. Made locally by each of them, never sent. */
final class Transcript {
  private Transcript() {}

  /** The transcript of a commit, if it changed anything that people see. */
  static Optional<GroupUpdated> of(Verdict verdict) {
    var changes = new ArrayList<FieldChange>();
    for (var key : verdict.before().changedAttributes(verdict.after())) {
      changes.add(
          new FieldChange(
              key,
              Optional.ofNullable(verdict.before().attributes().get(key)),
              Optional.ofNullable(verdict.after().attributes().get(key))));
    }
    var updated =
        new GroupUpdated(
            verdict.actor().toString(),
            names(verdict.addedInboxes()),
            names(verdict.removedInboxes()),
            changes,
            List.of(),
            minus(verdict.after().admins(), verdict.before().admins()),
            minus(verdict.before().admins(), verdict.after().admins()),
            minus(verdict.after().superAdmins(), verdict.before().superAdmins()),
            minus(verdict.before().superAdmins(), verdict.after().superAdmins()));
    boolean visible =
        !verdict.addedInboxes().isEmpty()
            || !verdict.removedInboxes().isEmpty()
            || !changes.isEmpty()
            || !verdict.before().admins().equals(verdict.after().admins())
            || !verdict.before().superAdmins().equals(verdict.after().superAdmins());
    return visible ? Optional.of(updated) : Optional.empty();
  }

  private static List<String> minus(Set<String> all, Set<String> without) {
    return all.stream().filter(each -> !without.contains(each)).sorted().toList();
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

package io.postern.xmtp.identity;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who came and who went between two states of an inbox. Only who is compared: a member that another
 * one added anew is not in it.
 *
 * @param added members of the later state only
 * @param removed members of the earlier state only
 */
public record AssociationStateDiff(Set<MemberIdentifier> added, Set<MemberIdentifier> removed) {
  public AssociationStateDiff {
    added = Set.copyOf(added);
    removed = Set.copyOf(removed);
  }

  static AssociationStateDiff between(Set<MemberIdentifier> earlier, Set<MemberIdentifier> later) {
    var added = new LinkedHashSet<>(later);
    added.removeAll(earlier);
    var removed = new LinkedHashSet<>(earlier);
    removed.removeAll(later);
    return new AssociationStateDiff(added, removed);
  }

  /** The installations that came. */
  public List<InstallationId> addedInstallations() {
    return installations(added);
  }

  /** The installations that went. */
  public List<InstallationId> removedInstallations() {
    return installations(removed);
  }

  private static List<InstallationId> installations(Set<MemberIdentifier> members) {
    return members.stream()
        .filter(MemberIdentifier.Installation.class::isInstance)
        .map(MemberIdentifier.Installation.class::cast)
        .flatMap(installation -> installation.id().stream())
        .toList();
  }
}

package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.RequiredCapabilities;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.WireException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The AppDataUpdates among the proposals of one commit: the rules that MLS has for them, and what
 * they do to the context. draft-ietf-mls-extensions §4.7.
 */
record AppDataUpdates(List<Proposal.AppDataUpdate> list) {
  static AppDataUpdates of(List<CommittedProposal> proposals) {
    return new AppDataUpdates(
        proposals.stream()
            .map(CommittedProposal::proposal)
            .filter(Proposal.AppDataUpdate.class::isInstance)
            .map(Proposal.AppDataUpdate.class::cast)
            .toList());
  }

  /**
   * The rules, as the other clients of XMTP keep them: what they take must be taken here.
   *
   * @param before the context's extensions before the commit
   */
  static void check(Extensions before, List<CommittedProposal> proposals)
      throws InvalidCommitException {
    boolean any = false;
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.AppDataUpdate) {
        any = true;
      } else if (each.proposal() instanceof Proposal.GroupContextExtensions change) {
        if (any) {
          throw ProposalCheck.broken(
              CommitRule.APP_DATA_BEFORE_CONTEXT_EXTENSIONS,
              "an AppDataUpdate before a list of context extensions");
        }
        checkKeepsDictionary(before, change.extensions());
        Optional<byte[]> dictionary = change.extensions().find(Extension.APP_DATA_DICTIONARY);
        if (dictionary.isPresent()) { // Without one there the others look no further.
          checkRemovals(components(dictionary.get()), proposals);
        }
      }
    }
  }

  /** Where everybody must know AppDataUpdate, before or after, nothing else changes it. */
  private static void checkKeepsDictionary(Extensions before, Extensions after)
      throws InvalidCommitException {
    if ((requires(before) || requires(after))
        && !before.hasSame(after, Extension.APP_DATA_DICTIONARY)) {
      throw ProposalCheck.broken(
          CommitRule.CONTEXT_EXTENSIONS, "a list of context extensions changes the dictionary");
    }
  }

  private static boolean requires(Extensions extensions) throws InvalidCommitException {
    try {
      return RequiredCapabilities.of(extensions).proposals().contains(Proposal.AppDataUpdate.TYPE);
    } catch (WireException bad) {
      throw new InvalidCommitException(CommitRule.CONTEXT_EXTENSIONS, "required_capabilities", bad);
    }
  }

  /** The numbers of the components in a dictionary. */
  private static Set<Integer> components(byte[] dictionary) throws InvalidCommitException {
    Set<Integer> components = new HashSet<>();
    try {
      TlsReader in = new TlsReader(dictionary);
      TlsReader vector = in.vector("component_data");
      while (vector.hasMore()) {
        components.add(vector.uint16("component_id"));
        vector.opaque("data");
      }
      in.end("component_data");
    } catch (WireException bad) {
      throw new InvalidCommitException(CommitRule.CONTEXT_EXTENSIONS, "app_data_dictionary", bad);
    }
    return components;
  }

  private static void checkRemovals(Set<Integer> present, List<CommittedProposal> proposals)
      throws InvalidCommitException {
    Set<Integer> changed = new HashSet<>();
    Set<Integer> removed = new HashSet<>();
    for (Proposal.AppDataUpdate each : of(proposals).list()) {
      int component = each.componentId();
      boolean again = !changed.add(component);
      boolean removes = each.update().isEmpty();
      if (again && (removes || removed.contains(component))) {
        throw ProposalCheck.broken(
            CommitRule.APP_DATA_REMOVED_AMONG_OTHERS,
            String.format("component %04x is removed and changed", component));
      }
      if (removes) {
        if (!present.contains(component)) {
          throw ProposalCheck.broken(
              CommitRule.APP_DATA_REMOVAL_OF_NOTHING,
              String.format("component %04x is removed and not there", component));
        }
        removed.add(component);
      }
    }
  }

  /**
   * The context's extensions with the dictionary brought up to date, at their end. What is updated
   * is the dictionary from before the commit, whatever a list of context extensions says of it.
   *
   * @param before the extensions before the commit
   * @param after the same as its other proposals leave them
   */
  Extensions applyTo(Extensions before, Extensions after, Optional<AppDataFold> fold)
      throws MlsException {
    if (list.isEmpty()) {
      return after;
    }
    if (fold.isEmpty()) {
      throw new MlsException(
          Failure.UNSUPPORTED, "proposal type " + Proposal.AppDataUpdate.TYPE + " is not served");
    }
    try {
      byte[] dictionary = fold.get().fold(before.find(Extension.APP_DATA_DICTIONARY), list);
      return after.withLast(new Extension(Extension.APP_DATA_DICTIONARY, dictionary));
    } catch (AppDataFold.RefusedException refused) {
      throw ProposalCheck.broken(CommitRule.APP_DATA, refused.getMessage());
    }
  }
}

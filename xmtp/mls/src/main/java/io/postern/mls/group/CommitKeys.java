package io.postern.mls.group;

import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.tree.UpdatePath;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The HPKE keys around one commit: those of the leaves that it does not remove, and those that it
 * brings. None of them occurs twice. RFC 9420 §7.3 asks this of the leaves as they are afterwards;
 * the other clients of XMTP ask it of init keys and of the leaves before, too, and what they refuse
 * must not be taken here.
 */
final class CommitKeys {
  private final Set<ByteBuffer> encryptionKeys = new HashSet<>();
  private final Set<ByteBuffer> initKeys = new HashSet<>();

  private CommitKeys() {}

  /**
   * The keys of members and proposals.
   *
   * @throws InvalidCommitException {@code KEYS_NOT_UNIQUE}
   */
  static CommitKeys check(RatchetTree before, List<CommittedProposal> proposals)
      throws InvalidCommitException {
    CommitKeys keys = new CommitKeys();
    Set<LeafIndex> removed = new HashSet<>();
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.Remove remove) {
        removed.add(remove.removed());
      }
    }
    for (LeafIndex index : before.occupied()) {
      if (!removed.contains(index)) {
        keys.encryptionKeys.add(keyOf(before.leaf(index).orElseThrow()));
      }
    }
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.Add add) {
        keys.bring(keyOf(add.keyPackage().leaf()), CommitRule.KEYS_NOT_UNIQUE);
      } else if (each.proposal() instanceof Proposal.Update update) {
        keys.bring(keyOf(update.leaf()), CommitRule.KEYS_NOT_UNIQUE);
      }
    }
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.Add add) {
        ByteBuffer initKey = ByteBuffer.wrap(add.keyPackage().initKey());
        if (keys.encryptionKeys.contains(initKey) || !keys.initKeys.add(initKey)) {
          throw new InvalidCommitException(
              CommitRule.KEYS_NOT_UNIQUE, "the init key of an Add is used twice");
        }
      }
    }
    return keys;
  }

  /**
   * Also those of the path.
   *
   * @throws InvalidCommitException {@code PATH}
   */
  void checkPath(UpdatePath path) throws InvalidCommitException {
    bring(keyOf(path.leaf()), CommitRule.PATH);
    for (UpdatePath.Node node : path.nodes()) {
      bring(ByteBuffer.wrap(node.encryptionKey()), CommitRule.PATH);
    }
  }

  private void bring(ByteBuffer key, CommitRule rule) throws InvalidCommitException {
    if (initKeys.contains(key) || !encryptionKeys.add(key)) {
      throw new InvalidCommitException(rule, "an encryption key is used twice");
    }
  }

  private static ByteBuffer keyOf(LeafNode leaf) {
    return ByteBuffer.wrap(leaf.encryptionKey());
  }
}

package io.postern.mls.tree;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.Signing;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/** Whether a tree received from somebody is sound in itself. RFC 9420 §7.9.2, §12.4.3.1. */
public final class TreeCheck {
  private final RatchetTree tree;

  /** A check of {@code tree}. */
  public TreeCheck(RatchetTree tree) {
    this.tree = tree;
  }

  /**
   * Runs every check that needs no group context besides the id.
   *
   * @throws MlsException {@code INVALID_TREE}, naming the node
   */
  public void check(Signing signing, byte[] groupId) throws MlsException {
    checkUnmergedLeaves();
    checkParentHashes();
    checkUniqueKeys();
    for (LeafIndex index : tree.occupied()) {
      if (!tree.leafOrNull(index.node()).verifySignature(signing, groupId, index)) {
        throw invalid(index.node(), "the leaf's signature does not verify");
      }
    }
  }

  /** Each parent hash is stored by a node below; RFC 9420 §7.9.2. */
  void checkParentHashes() throws MlsException {
    for (int node = 1; node < tree.nodeCount(); node += 2) {
      if (!tree.isBlank(node) && !ParentHash.isLinked(tree, node)) {
        throw invalid(node, "no descendant holds its parent hash");
      }
    }
  }

  /**
   * Unmerged leaves are sorted, exist below, and are unmerged in every parent between; RFC 9420
   * §7.1, §12.4.3.1.
   */
  void checkUnmergedLeaves() throws MlsException {
    for (int node = 1; node < tree.nodeCount(); node += 2) {
      ParentNode parent = tree.parentOrNull(node);
      if (parent == null) {
        continue;
      }
      LeafIndex previous = null;
      for (LeafIndex leaf : parent.unmergedLeaves()) {
        if (previous != null && previous.compareTo(leaf) >= 0) {
          throw invalid(node, "unmerged leaves are not sorted");
        }
        previous = leaf;
        if (tree.leaf(leaf).isEmpty() || !TreeMath.isInSubtree(leaf.node(), node)) {
          throw invalid(node, "unmerged leaf " + leaf.value() + " is not a member below");
        }
        checkUnmergedBetween(node, leaf);
      }
    }
  }

  private void checkUnmergedBetween(int node, LeafIndex leaf) throws MlsException {
    for (int between : TreeMath.directPath(leaf.node(), tree.leafCount())) {
      if (between == node) {
        return;
      }
      ParentNode parent = tree.parentOrNull(between);
      if (parent != null && !parent.unmergedLeaves().contains(leaf)) {
        throw invalid(
            node, "leaf " + leaf.value() + " is unmerged here but not at node " + between);
      }
    }
  }

  /**
   * No two nodes share an encryption key, no two leaves a signature key; RFC 9420 §7.3, §12.4.3.1.
   */
  public void checkUniqueKeys() throws MlsException {
    Set<ByteBuffer> encryptionKeys = new HashSet<>();
    Set<ByteBuffer> signatureKeys = new HashSet<>();
    for (int node = 0; node < tree.nodeCount(); node++) {
      if (tree.isBlank(node)) {
        continue;
      }
      if (!encryptionKeys.add(ByteBuffer.wrap(tree.encryptionKeyUncopied(node)))) {
        throw invalid(node, "its encryption key occurs twice in the tree");
      }
      if (TreeMath.isLeaf(node)
          && !signatureKeys.add(ByteBuffer.wrap(tree.leafOrNull(node).signatureKeyUncopied()))) {
        throw invalid(node, "its signature key occurs twice in the tree");
      }
    }
  }

  /**
   * Every parent's key has the length that keys of the suite have; for leaves {@link LeafCheck}
   * tells.
   */
  public void checkParentKeys(int publicKeyLength) throws MlsException {
    for (int node = 1; node < tree.nodeCount(); node += 2) {
      if (!tree.isBlank(node) && tree.encryptionKeyUncopied(node).length != publicKeyLength) {
        throw invalid(node, "its encryption key is not of the suite's length");
      }
    }
  }

  private static MlsException invalid(int node, String what) {
    return new MlsException(Failure.INVALID_TREE, "node " + node + ": " + what);
  }
}

package io.postern.mls.tree;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.Signing;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.PrimitiveIterator;
import java.util.Set;

/** Whether a tree received from somebody is sound in itself. RFC 9420 §7.9.2, §12.4.3.1. */
public final class TreeCheck {
  private final RatchetTree tree;

  /** A check of {@code tree}. */
  public TreeCheck(RatchetTree tree) {
    this.tree = tree;
  }

  /**
   * Runs every check that needs no group context besides the id, the cheapest first.
   *
   * @throws MlsException {@code INVALID_TREE}, naming the node
   */
  public void check(Signing signing, byte[] groupId) throws MlsException {
    checkUnmergedLeaves();
    checkUniqueEncryptionKeys();
    checkUniqueSignatureKeys();
    for (LeafIndex index : tree.occupied()) {
      if (!tree.leafOrNull(index.node()).verifySignature(signing, groupId, index)) {
        throw invalid(index.node(), "the leaf's signature does not verify");
      }
    }
    checkParentHashes();
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
   * Unmerged leaves exist below, and are unmerged in every parent between; that they are sorted,
   * their reader has seen to. RFC 9420 §7.1, §12.4.3.1.
   */
  void checkUnmergedLeaves() throws MlsException {
    for (int node = 1; node < tree.nodeCount(); node += 2) {
      ParentNode parent = tree.parentOrNull(node);
      if (parent == null) {
        continue;
      }
      for (PrimitiveIterator.OfInt places = parent.unmerged().places().iterator();
          places.hasNext(); ) {
        int place = places.nextInt();
        int leaf = 2 * place;
        if (!TreeMath.isInSubtree(leaf, node) || leaf >= tree.nodeCount() || tree.isBlank(leaf)) {
          throw invalid(node, "unmerged leaf " + place + " is not a member below");
        }
        checkUnmergedBelow(node, place);
      }
    }
  }

  /** The next parent on the way to the leaf suffices: the check of that one goes on from there. */
  private void checkUnmergedBelow(int node, int place) throws MlsException {
    int at = node;
    do {
      at = 2 * place < at ? TreeMath.left(at) : TreeMath.right(at);
    } while (tree.isBlank(at));
    if (!TreeMath.isLeaf(at) && !tree.parentOrNull(at).unmerged().contains(place)) {
      throw invalid(node, "leaf " + place + " is unmerged here but not at node " + at);
    }
  }

  /**
   * No two nodes share an encryption key; RFC 9420 §7.3, §12.4.3.1.
   *
   * @throws MlsException {@code INVALID_TREE}, naming the node
   */
  public void checkUniqueEncryptionKeys() throws MlsException {
    Set<ByteBuffer> keys = new HashSet<>();
    for (int node = 0; node < tree.nodeCount(); node++) {
      if (!tree.isBlank(node) && !keys.add(ByteBuffer.wrap(tree.encryptionKeyUncopied(node)))) {
        throw invalid(node, "its encryption key occurs twice in the tree");
      }
    }
  }

  /**
   * No two leaves share a signature key; RFC 9420 §7.3.
   *
   * @throws MlsException {@code INVALID_TREE}, naming the node
   */
  public void checkUniqueSignatureKeys() throws MlsException {
    Set<ByteBuffer> keys = new HashSet<>();
    for (int node = 0; node < tree.nodeCount(); node += 2) {
      if (!tree.isBlank(node)
          && !keys.add(ByteBuffer.wrap(tree.leafOrNull(node).signatureKeyUncopied()))) {
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

package io.postern.mls.tree;

import io.postern.mls.wire.TlsWriter;
import java.util.Arrays;
import java.util.List;

/**
 * Parent hashes: each path of a commit signs, through its leaf, all keys up to the root. RFC 9420
 * §7.9.
 */
final class ParentHash {
  static final byte[] NONE = {};

  private ParentHash() {}

  /**
   * The hash of {@code parent} as its descendants on the other side of {@code sibling} store it.
   */
  static byte[] of(RatchetTree tree, ParentNode parent, int sibling) {
    byte[] siblingHash = tree.treeHashWithout(sibling, parent.unmerged());
    return tree.kdf()
        .hash(
            new TlsWriter()
                .opaque(parent.encryptionKeyUncopied())
                .opaque(parent.parentHashUncopied())
                .opaque(siblingHash)
                .toOctets());
  }

  /**
   * Puts new keys on a filtered direct path, lowest first, blanks the rest of the direct path, and
   * links the nodes from the root down.
   *
   * @return the parent hash that the leaf has to carry
   */
  static byte[] setPath(
      RatchetTree tree, LeafIndex leaf, List<Integer> path, List<byte[]> publicKeys) {
    tree.blankDirectPath(leaf);
    byte[] hash = NONE;
    for (int i = path.size() - 1; i >= 0; i--) {
      int node = path.get(i);
      ParentNode parent = new ParentNode(publicKeys.get(i), hash, List.of());
      tree.set(node, parent);
      hash = of(tree, parent, RatchetTree.childOffPath(node, leaf));
    }
    return hash;
  }

  /** Whether some node below {@code node} stores its parent hash, as RFC 9420 §7.9.2 wants it. */
  static boolean isLinked(RatchetTree tree, int node) {
    int left = TreeMath.left(node);
    int right = TreeMath.right(node);
    return isLinkedThrough(tree, node, left, right) || isLinkedThrough(tree, node, right, left);
  }

  /** Below {@code child} exactly one node vouches; all others there are unmerged. */
  private static boolean isLinkedThrough(RatchetTree tree, int node, int child, int sibling) {
    ParentNode parent = tree.parentOrNull(node);
    UnmergedLeaves unmergedBelow = parent.unmerged().below(child);
    List<Integer> resolution = tree.resolution(child);
    if (resolution.size() != unmergedBelow.size() + 1) {
      return false;
    }
    int voucher = -1;
    for (int each : resolution) {
      if (TreeMath.isLeaf(each) && unmergedBelow.contains(each / 2)) {
        continue;
      }
      if (voucher >= 0) {
        return false;
      }
      voucher = each;
    }
    return voucher >= 0 && Arrays.equals(of(tree, parent, sibling), storedHash(tree, voucher));
  }

  private static byte[] storedHash(RatchetTree tree, int node) {
    if (!TreeMath.isLeaf(node)) {
      return tree.parentOrNull(node).parentHashUncopied();
    }
    return tree.leafOrNull(node).source() instanceof LeafNodeSource.InCommit commit
        ? commit.parentHash()
        : NONE;
  }
}

package io.postern.mls.tree;

/**
 * The array representation of a complete balanced binary tree, RFC 9420 Appendix C. Leaf {@code i}
 * is node {@code 2 i}.
 *
 * <pre>
 *              7
 *        ___________
 *        3         11
 *      _____      _____
 *      1   5      9   13
 *     / \ / \    / \  / \
 *     0 2 4 6    8 10 12 14
 * </pre>
 */
public final class TreeMath {
  private TreeMath() {}

  /** Number of nodes of a tree with {@code leafCount} leaves. */
  public static int nodeCount(int leafCount) {
    return 2 * leafCount - 1;
  }

  /** The smallest power of two that is at least {@code leaves}. */
  public static int fullLeafCount(int leaves) {
    int highest = Integer.highestOneBit(leaves);
    return highest == leaves ? leaves : highest << 1;
  }

  /** Height of a node above the leaves. */
  public static int level(int node) {
    return Integer.numberOfTrailingZeros(~node);
  }

  /** Whether the node is a leaf. */
  public static boolean isLeaf(int node) {
    return (node & 1) == 0;
  }

  /** The root of a tree with {@code leafCount} leaves, a power of two. */
  public static int root(int leafCount) {
    return leafCount - 1;
  }

  /** The left child of a parent. */
  public static int left(int node) {
    return node ^ 1 << requireParent(node) - 1;
  }

  /** The right child of a parent. */
  public static int right(int node) {
    return node ^ 3 << requireParent(node) - 1;
  }

  /** The parent of a node that is not the root. */
  public static int parent(int node, int leafCount) {
    if (node == root(leafCount)) {
      throw new IllegalArgumentException("the root has no parent");
    }
    int level = level(node);
    return (node | 1 << level) & ~(1 << level + 1);
  }

  /** The other child of the node's parent. */
  public static int sibling(int node, int leafCount) {
    int parent = parent(node, leafCount);
    return node < parent ? right(parent) : left(parent);
  }

  /** The ancestors of a node, from its parent to the root. */
  public static int[] directPath(int node, int leafCount) {
    int root = root(leafCount);
    int[] path = new int[level(root) - level(node)];
    int at = node;
    for (int i = 0; i < path.length; i++) {
      at = parent(at, leafCount);
      path[i] = at;
    }
    return path;
  }

  /** Whether {@code node} is {@code ancestor} or lies below it. */
  public static boolean isInSubtree(int node, int ancestor) {
    int reach = (1 << level(ancestor)) - 1;
    return node >= ancestor - reach && node <= ancestor + reach;
  }

  /** The lowest node that has both leaves below it. */
  public static int commonAncestor(int leafNode, int otherLeafNode) {
    int level = 32 - Integer.numberOfLeadingZeros(leafNode ^ otherLeafNode);
    if (level == 0) {
      return leafNode;
    }
    return leafNode >>> level << level | (1 << level - 1) - 1;
  }

  private static int requireParent(int node) {
    int level = level(node);
    if (level == 0) {
      throw new IllegalArgumentException("a leaf has no children");
    }
    return level;
  }
}

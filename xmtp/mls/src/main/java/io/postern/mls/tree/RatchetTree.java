package io.postern.mls.tree;

import io.postern.mls.crypto.Kdf;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The public ratchet tree of a group: leaves, parents, blanks. Its nodes are immutable, so {@link
 * #copy} is cheap; tree hashes are kept until a node below changes. Not for several threads. RFC
 * 9420 §4, §7.
 */
public final class RatchetTree implements TlsStruct {
  /**
   * Beyond any group of XMTP, which ends at 250 inboxes of 10 installations; bounds what a hostile
   * tree can cost.
   */
  public static final int MAX_LEAVES = 4096;

  private final Kdf kdf;

  /** {@link LeafNode} at even places, {@link ParentNode} at odd ones, null where blank. */
  private TlsStruct[] nodes;

  private byte[][] hashes;

  private RatchetTree(Kdf kdf, TlsStruct[] nodes, byte[][] hashes) {
    this.kdf = kdf;
    this.nodes = nodes;
    this.hashes = hashes;
  }

  /** A tree of one leaf. */
  public static RatchetTree of(Kdf kdf, LeafNode leaf) {
    return new RatchetTree(kdf, new TlsStruct[] {leaf}, new byte[1][]);
  }

  /** An independent tree with the same nodes. */
  public RatchetTree copy() {
    return new RatchetTree(kdf, nodes.clone(), hashes.clone());
  }

  /** Reads {@code optional<Node> ratchet_tree<V>}. RFC 9420 §12.4.3.3. */
  public static RatchetTree read(TlsReader in, Kdf kdf) throws WireException {
    TlsReader vector = in.vector("ratchet_tree");
    List<TlsStruct> read = new ArrayList<>();
    while (vector.hasMore()) {
      if (read.size() >= TreeMath.nodeCount(MAX_LEAVES)) {
        throw vector.malformed("ratchet_tree: more than " + MAX_LEAVES + " leaves");
      }
      read.add(vector.present("node") ? readNode(vector, TreeMath.isLeaf(read.size())) : null);
    }
    if (read.isEmpty() || read.get(read.size() - 1) == null) {
      throw vector.malformed("ratchet_tree: must end in a node that is not blank");
    }
    int leaves = TreeMath.fullLeafCount((read.size() + 2) / 2);
    TlsStruct[] nodes = read.toArray(new TlsStruct[TreeMath.nodeCount(leaves)]);
    return new RatchetTree(kdf, nodes, new byte[nodes.length][]);
  }

  private static TlsStruct readNode(TlsReader in, boolean leafPlace) throws WireException {
    int type = in.uint8("node_type");
    if (type != (leafPlace ? 1 : 2)) {
      throw in.malformed(
          "node_type: " + type + " in the place of a " + (leafPlace ? "leaf" : "parent"));
    }
    return leafPlace ? LeafNode.read(in) : ParentNode.read(in);
  }

  @Override
  public void write(TlsWriter out) {
    int used = nodes.length;
    while (nodes[used - 1] == null) {
      used--;
    }
    int last = used;
    out.vector(
        inner -> {
          for (int node = 0; node < last; node++) {
            inner.present(nodes[node] != null);
            if (nodes[node] != null) {
              inner.uint8(TreeMath.isLeaf(node) ? 1 : 2).struct(nodes[node]);
            }
          }
        });
  }

  /** Width of the tree, a power of two; blanks count. */
  public int leafCount() {
    return (nodes.length + 1) / 2;
  }

  /** Number of nodes; blanks count. */
  public int nodeCount() {
    return nodes.length;
  }

  /** The root's index. */
  public int root() {
    return TreeMath.root(leafCount());
  }

  /** The leaf at that place; empty if blank or outside. */
  public Optional<LeafNode> leaf(LeafIndex index) {
    return index.value() < leafCount()
        ? Optional.ofNullable(leafOrNull(index.node()))
        : Optional.empty();
  }

  /** The parent at that node index; empty if blank. */
  public Optional<ParentNode> parent(int node) {
    return Optional.ofNullable(parentOrNull(node));
  }

  /** The places of all leaves that are not blank, ascending. */
  public List<LeafIndex> occupied() {
    List<LeafIndex> occupied = new ArrayList<>();
    for (int node = 0; node < nodes.length; node += 2) {
      if (nodes[node] != null) {
        occupied.add(LeafIndex.ofNode(node));
      }
    }
    return occupied;
  }

  /** All leaves that are not blank, by ascending place. */
  public List<LeafNode> leaves() {
    return occupied().stream().map(index -> leafOrNull(index.node())).toList();
  }

  /** The public key of a node that is not blank. */
  public byte[] encryptionKey(int node) {
    return encryptionKeyUncopied(node).clone();
  }

  /** The public key of a node, if it is not blank. */
  public Optional<byte[]> findEncryptionKey(int node) {
    return isBlank(node) ? Optional.empty() : Optional.of(encryptionKey(node));
  }

  byte[] encryptionKeyUncopied(int node) {
    return TreeMath.isLeaf(node)
        ? leafOrNull(node).encryptionKeyUncopied()
        : parentOrNull(node).encryptionKeyUncopied();
  }

  boolean isBlank(int node) {
    return nodes[node] == null;
  }

  LeafNode leafOrNull(int node) {
    return (LeafNode) nodes[node];
  }

  ParentNode parentOrNull(int node) {
    return (ParentNode) nodes[node];
  }

  /** The nodes whose keys together reach every member below {@code node}. RFC 9420 §4.1.1. */
  public List<Integer> resolution(int node) {
    List<Integer> resolution = new ArrayList<>();
    resolve(node, resolution);
    return resolution;
  }

  private void resolve(int node, List<Integer> into) {
    if (nodes[node] != null) {
      into.add(node);
      if (!TreeMath.isLeaf(node)) {
        parentOrNull(node).unmerged().addNodesTo(into);
      }
    } else if (!TreeMath.isLeaf(node)) {
      resolve(TreeMath.left(node), into);
      resolve(TreeMath.right(node), into);
    }
  }

  private boolean isEmpty(int node) {
    return nodes[node] == null
        && (TreeMath.isLeaf(node) || isEmpty(TreeMath.left(node)) && isEmpty(TreeMath.right(node)));
  }

  /**
   * The ancestors of a leaf, lowest first, whose child off the path has somebody below it: the
   * nodes that an update path gives new keys. RFC 9420 §4.1.2.
   */
  public List<Integer> filteredDirectPath(LeafIndex leaf) {
    List<Integer> path = new ArrayList<>();
    int below = leaf.node();
    for (int node : TreeMath.directPath(below, leafCount())) {
      if (!isEmpty(TreeMath.sibling(below, leafCount()))) {
        path.add(node);
      }
      below = node;
    }
    return path;
  }

  /** The child of {@code ancestor} that does not have {@code leaf} below it. */
  static int childOffPath(int ancestor, LeafIndex leaf) {
    return leaf.node() < ancestor ? TreeMath.right(ancestor) : TreeMath.left(ancestor);
  }

  /** The child of {@code ancestor} that is {@code leaf} or has it below. */
  static int childOnPath(int ancestor, LeafIndex leaf) {
    return leaf.node() < ancestor ? TreeMath.left(ancestor) : TreeMath.right(ancestor);
  }

  /**
   * Adds a leaf at the leftmost blank place, widening the tree if there is none. RFC 9420 §7.7,
   * §12.1.1.
   */
  public LeafIndex add(LeafNode leaf) {
    int place = 0;
    while (place < nodes.length && nodes[place] != null) {
      place += 2;
    }
    if (place >= nodes.length) {
      if (leafCount() >= MAX_LEAVES) {
        throw new IllegalStateException("a tree has at most " + MAX_LEAVES + " leaves");
      }
      nodes = Arrays.copyOf(nodes, TreeMath.nodeCount(leafCount() * 2));
      hashes = Arrays.copyOf(hashes, nodes.length);
    }
    LeafIndex index = LeafIndex.ofNode(place);
    for (int node : TreeMath.directPath(place, leafCount())) {
      if (nodes[node] != null) {
        nodes[node] = parentOrNull(node).withUnmerged(place / 2);
      }
    }
    set(place, leaf);
    return index;
  }

  /** Replaces a leaf and blanks its ancestors. RFC 9420 §12.1.2. */
  public void update(LeafIndex index, LeafNode leaf) {
    blankDirectPath(index);
    set(index.node(), leaf);
  }

  /**
   * Blanks a leaf and its ancestors, and narrows the tree while its right half is empty. RFC 9420
   * §7.7, §12.1.3.
   */
  public void remove(LeafIndex index) {
    blankDirectPath(index);
    set(index.node(), null);
    while (leafCount() > 1 && isEmpty(TreeMath.right(root()))) {
      nodes = Arrays.copyOf(nodes, TreeMath.nodeCount(leafCount() / 2));
      hashes = Arrays.copyOf(hashes, nodes.length);
    }
  }

  void blankDirectPath(LeafIndex index) {
    for (int node : TreeMath.directPath(index.node(), leafCount())) {
      set(node, null);
    }
  }

  void set(int node, TlsStruct value) {
    nodes[node] = value;
    hashes[node] = null;
    for (int ancestor : TreeMath.directPath(node, leafCount())) {
      hashes[ancestor] = null;
    }
  }

  /** The hash of the whole tree. RFC 9420 §7.8. */
  public byte[] treeHash() {
    return treeHash(root()).clone();
  }

  /** The hash of the subtree below {@code node}. */
  byte[] treeHash(int node) {
    if (hashes[node] == null) {
      hashes[node] =
          TreeMath.isLeaf(node)
              ? TreeHash.ofLeaf(kdf, LeafIndex.ofNode(node), leafOrNull(node))
              : TreeHash.ofParent(
                  kdf,
                  parentOrNull(node),
                  treeHash(TreeMath.left(node)),
                  treeHash(TreeMath.right(node)));
    }
    return hashes[node];
  }

  /**
   * The hash of the subtree below {@code node} as if {@code absent} leaves were not there. RFC 9420
   * §7.9.
   */
  byte[] treeHashWithout(int node, UnmergedLeaves absent) {
    UnmergedLeaves absentBelow = absent.below(node);
    if (absentBelow.isEmpty()) {
      return treeHash(node);
    }
    if (TreeMath.isLeaf(node)) {
      return TreeHash.ofLeaf(kdf, LeafIndex.ofNode(node), null);
    }
    ParentNode parent = parentOrNull(node);
    return TreeHash.ofParent(
        kdf,
        parent == null ? null : parent.without(absentBelow),
        treeHashWithout(TreeMath.left(node), absentBelow),
        treeHashWithout(TreeMath.right(node), absentBelow));
  }

  Kdf kdf() {
    return kdf;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RatchetTree that && Arrays.equals(nodes, that.nodes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(nodes);
  }
}

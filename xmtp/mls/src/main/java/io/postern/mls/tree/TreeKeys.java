package io.postern.mls.tree;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.Secret;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The private keys that one member holds: its leaf's and those of ancestors whose path secret it
 * learned. RFC 9420 §4.2.
 */
public final class TreeKeys implements TlsStruct {
  private final LeafIndex own;
  private final Map<Integer, Secret> keys = new TreeMap<>();

  /** A member that knows only its leaf's private key, which this object owns from now on. */
  public TreeKeys(LeafIndex own, Secret leafKey) {
    this.own = own;
    keys.put(own.node(), leafKey);
  }

  private TreeKeys(LeafIndex own) {
    this.own = own;
  }

  /** Of somebody who was a member once and holds no key any more. */
  public static TreeKeys none(LeafIndex own) {
    return new TreeKeys(own);
  }

  /** The member's own place. */
  public LeafIndex own() {
    return own;
  }

  /** An independent copy, erased on its own. */
  public TreeKeys copy() {
    TreeKeys copy = new TreeKeys(own);
    keys.forEach((node, key) -> copy.keys.put(node, key.copy()));
    return copy;
  }

  /** The private key of a node, if held. */
  public Optional<Secret> find(int node) {
    return Optional.ofNullable(keys.get(node));
  }

  /** Takes over {@code key} for {@code node}; the one before is erased. */
  public void put(int node, Secret key) {
    Secret before = keys.put(node, key);
    if (before != null && before != key) {
      before.erase();
    }
  }

  /** Erases the keys of nodes that are blank or gone in {@code tree}. */
  public void forgetBlank(RatchetTree tree) {
    for (Iterator<Map.Entry<Integer, Secret>> it = keys.entrySet().iterator(); it.hasNext(); ) {
      Map.Entry<Integer, Secret> held = it.next();
      if (held.getKey() >= tree.nodeCount() || tree.isBlank(held.getKey())) {
        held.getValue().erase();
        it.remove();
      }
    }
  }

  /**
   * Takes the path secret that a welcome carries: the keys from the common ancestor with the
   * committer up to the root. RFC 9420 §12.4.3.1.
   *
   * @throws MlsException {@code INVALID_WELCOME} if the secrets do not fit the public keys of the
   *     tree
   */
  public void learnFromWelcome(
      RatchetTree tree, LeafIndex committer, Secret pathSecret, PathSecrets derivation)
      throws MlsException {
    int ancestor = TreeMath.commonAncestor(own.node(), committer.node());
    List<Integer> path = tree.filteredDirectPath(committer);
    int from = path.indexOf(ancestor);
    if (from < 0 || tree.isBlank(ancestor)) {
      throw new MlsException(
          Failure.INVALID_WELCOME, "a path secret came for a node that is blank");
    }
    PathSecrets.Derived derived = derivation.derive(pathSecret, path.subList(from, path.size()));
    derived.commitSecret().erase();
    if (!derived.match(tree)) {
      derived.erase();
      throw new MlsException(
          Failure.INVALID_WELCOME, "the path secret does not fit the tree's public keys");
    }
    derived.moveInto(this);
  }

  /** Erases all keys. */
  public void erase() {
    keys.values().forEach(Secret::erase);
    keys.clear();
  }

  @Override
  public void write(TlsWriter out) {
    out.struct(own)
        .vector(
            inner ->
                keys.forEach(
                    (node, key) -> {
                      inner.uint32(node);
                      key.write(inner);
                    }));
  }

  /** Reads what {@link #write} wrote. */
  public static TreeKeys read(TlsReader in) throws WireException {
    TreeKeys keys = new TreeKeys(LeafIndex.read(in, "own"));
    TlsReader vector = in.vector("tree_keys");
    while (vector.hasMore()) {
      long node = vector.uint32("node");
      if (node >= TreeMath.nodeCount(RatchetTree.MAX_LEAVES)) {
        throw vector.malformed("node " + node + " is beyond any tree");
      }
      keys.put((int) node, Secret.read(vector, "node_key"));
    }
    return keys;
  }
}

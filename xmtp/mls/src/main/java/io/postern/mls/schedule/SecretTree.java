package io.postern.mls.schedule;

import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Kdf;
import io.postern.mls.crypto.Secret;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.TreeMath;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The secret tree of one epoch: from the encryption secret at the root to two ratchets per leaf.
 * Opened lazily, so that it holds the root alone until somebody speaks; a secret is erased once its
 * children are derived. RFC 9420 §9.
 */
public final class SecretTree {
  private final CipherSuite suite;
  private final RatchetLimits limits;
  private final int leafCount;
  private final Map<Integer, Secret> unopened = new TreeMap<>();
  private final Map<Integer, HashRatchet> handshake = new TreeMap<>();
  private final Map<Integer, HashRatchet> application = new TreeMap<>();
  private boolean applicationOnly;

  /** The tree above {@code leafCount} leaves; takes {@code encryptionSecret} over. */
  public SecretTree(
      CipherSuite suite, RatchetLimits limits, int leafCount, Secret encryptionSecret) {
    this(suite, limits, leafCount);
    unopened.put(TreeMath.root(leafCount), encryptionSecret);
  }

  private SecretTree(CipherSuite suite, RatchetLimits limits, int leafCount) {
    this.suite = suite;
    this.limits = limits;
    this.leafCount = leafCount;
  }

  /** The ratchet of a member's commits and proposals. */
  public HashRatchet handshake(LeafIndex leaf) {
    if (applicationOnly) {
      throw new IllegalStateException("handshake ratchets of a past epoch are gone");
    }
    open(leaf);
    return handshake.get(leaf.place());
  }

  /** The ratchet of a member's application messages. */
  public HashRatchet application(LeafIndex leaf) {
    open(leaf);
    return application.get(leaf.place());
  }

  /** Erases the handshake ratchets: their messages are of use only while their epoch is current. */
  public void forgetHandshake() {
    applicationOnly = true;
    handshake.values().forEach(HashRatchet::erase);
    handshake.clear();
  }

  private void open(LeafIndex leaf) {
    if (leaf.value() >= leafCount) {
      throw new IllegalArgumentException("leaf " + leaf.value() + " of " + leafCount);
    }
    if (application.containsKey(leaf.place())) {
      return;
    }
    int at = leaf.node();
    while (!unopened.containsKey(at)) {
      at = TreeMath.parent(at, leafCount);
    }
    Kdf kdf = suite.kdf();
    Secret secret = unopened.remove(at);
    while (at != leaf.node()) {
      Secret left =
          kdf.expandWithLabel(secret, "tree", new byte[] {'l', 'e', 'f', 't'}, kdf.hashLength());
      Secret right =
          kdf.expandWithLabel(
              secret, "tree", new byte[] {'r', 'i', 'g', 'h', 't'}, kdf.hashLength());
      secret.erase();
      boolean goLeft = leaf.node() < at;
      unopened.put(goLeft ? TreeMath.right(at) : TreeMath.left(at), goLeft ? right : left);
      secret = goLeft ? left : right;
      at = goLeft ? TreeMath.left(at) : TreeMath.right(at);
    }
    if (!applicationOnly) {
      handshake.put(leaf.place(), ratchet(secret, "handshake"));
    }
    application.put(leaf.place(), ratchet(secret, "application"));
    secret.erase();
  }

  private HashRatchet ratchet(Secret leafSecret, String label) {
    Kdf kdf = suite.kdf();
    return new HashRatchet(
        suite, limits, kdf.expandWithLabel(leafSecret, label, new byte[0], kdf.hashLength()));
  }

  /** Writes what has been opened and what has not. */
  public void write(TlsWriter out) {
    out.uint32(leafCount)
        .present(applicationOnly)
        .vector(
            inner ->
                unopened.forEach(
                    (node, secret) -> {
                      inner.uint32(node);
                      secret.write(inner);
                    }))
        .vector(inner -> writeRatchets(inner, handshake))
        .vector(inner -> writeRatchets(inner, application));
  }

  private static void writeRatchets(TlsWriter out, Map<Integer, HashRatchet> ratchets) {
    ratchets.forEach(
        (leaf, ratchet) -> {
          out.uint32(leaf);
          ratchet.write(out);
        });
  }

  /** Reads what {@link #write} wrote, and refuses a tree in which some leaf could not be opened. */
  public static SecretTree read(
      TlsReader in, CipherSuite suite, RatchetLimits limits, int leafCount) throws WireException {
    if (in.uint32("leaf_count") != leafCount) {
      throw in.malformed("leaf_count: not that of the epoch");
    }
    SecretTree tree = new SecretTree(suite, limits, leafCount);
    tree.applicationOnly = in.present("application_only");
    TlsReader secrets = in.vector("unopened");
    while (secrets.hasMore()) {
      tree.unopened.put(
          index(secrets, TreeMath.nodeCount(leafCount)),
          Secret.read(secrets, "tree_secret", suite.kdf().hashLength()));
    }
    readRatchets(in.vector("handshake"), tree, tree.handshake);
    readRatchets(in.vector("application"), tree, tree.application);
    if (!tree.handshake
        .keySet()
        .equals(tree.applicationOnly ? Set.of() : tree.application.keySet())) {
      throw in.malformed("handshake and application ratchets are not of the same leaves");
    }
    for (int leaf = 0; leaf < leafCount; leaf++) {
      if (!tree.application.containsKey(leaf) && !tree.canOpen(leaf)) {
        throw in.malformed("leaf " + leaf + " has neither ratchets nor a secret above");
      }
    }
    return tree;
  }

  private boolean canOpen(int leaf) {
    int at = new LeafIndex(leaf).node();
    while (!unopened.containsKey(at)) {
      if (at == TreeMath.root(leafCount)) {
        return false;
      }
      at = TreeMath.parent(at, leafCount);
    }
    return true;
  }

  private static void readRatchets(TlsReader in, SecretTree tree, Map<Integer, HashRatchet> into)
      throws WireException {
    while (in.hasMore()) {
      into.put(index(in, tree.leafCount), HashRatchet.read(in, tree.suite, tree.limits));
    }
  }

  private static int index(TlsReader in, int bound) throws WireException {
    long index = in.uint32("index");
    if (index >= bound) {
      throw in.malformed("index " + index + " is outside the tree");
    }
    return (int) index;
  }

  /** Erases everything. */
  public void erase() {
    unopened.values().forEach(Secret::erase);
    unopened.clear();
    forgetHandshake();
    application.values().forEach(HashRatchet::erase);
    application.clear();
  }
}

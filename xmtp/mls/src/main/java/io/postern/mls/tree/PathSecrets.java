package io.postern.mls.tree;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Hpke;
import io.postern.mls.crypto.HpkeCiphertext;
import io.postern.mls.crypto.HpkeKeyPair;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * TreeKEM: makes, applies and opens update paths. RFC 9420 §7.4–§7.6, §12.4.1–§12.4.2.
 *
 * <pre>
 *   path_secret[0] ──"path"──► path_secret[1] ──"path"──► … ──"path"──► commit_secret
 *        │ "node"                   │ "node"
 *        ▼                          ▼
 *   key pair of path[0]        key pair of path[1]
 * </pre>
 */
public final class PathSecrets {
  private static final String LABEL = "UpdatePathNode";

  private final CipherSuite suite;

  /** TreeKEM in that suite. */
  public PathSecrets(CipherSuite suite) {
    this.suite = suite;
  }

  /**
   * Path secrets and key pairs of consecutive nodes of a filtered direct path, and what follows the
   * last.
   */
  public record Derived(
      List<Integer> nodes,
      List<Secret> pathSecrets,
      List<HpkeKeyPair> keyPairs,
      Secret commitSecret) {
    /** Copies the lists. */
    public Derived {
      nodes = List.copyOf(nodes);
      pathSecrets = List.copyOf(pathSecrets);
      keyPairs = List.copyOf(keyPairs);
    }

    boolean match(RatchetTree tree) {
      for (int i = 0; i < nodes.size(); i++) {
        if (tree.isBlank(nodes.get(i))
            || !Arrays.equals(
                tree.encryptionKeyUncopied(nodes.get(i)), keyPairs.get(i).publicKey())) {
          return false;
        }
      }
      return true;
    }

    /** Hands the private keys over to {@code keys} and erases the path secrets. */
    public void moveInto(TreeKeys keys) {
      for (int i = 0; i < nodes.size(); i++) {
        keys.put(nodes.get(i), keyPairs.get(i).privateKey());
      }
      erasePathSecrets();
    }

    /** The path secret of {@code node}, if it lies on this part of the path. */
    public Optional<Secret> pathSecret(int node) {
      int at = nodes.indexOf(node);
      return at < 0 ? Optional.empty() : Optional.of(pathSecrets.get(at));
    }

    void erasePathSecrets() {
      pathSecrets.forEach(Secret::erase);
    }

    /** Erases everything, for a path that is not used. */
    public void erase() {
      erasePathSecrets();
      keyPairs.forEach(pair -> pair.privateKey().erase());
      commitSecret.erase();
    }
  }

  /**
   * Derives what follows from {@code first}, the path secret of the first node; takes {@code first}
   * over.
   */
  public Derived derive(Secret first, List<Integer> nodes) {
    List<Secret> pathSecrets = new ArrayList<>();
    List<HpkeKeyPair> keyPairs = new ArrayList<>();
    Secret pathSecret = first;
    for (int i = 0; i < nodes.size(); i++) {
      Secret nodeSecret = suite.kdf().deriveSecret(pathSecret, "node");
      keyPairs.add(suite.kem().deriveKeyPair(nodeSecret));
      nodeSecret.erase();
      pathSecrets.add(pathSecret);
      pathSecret = suite.kdf().deriveSecret(pathSecret, "path");
    }
    if (nodes.isEmpty()) {
      Secret commitSecret = suite.kdf().deriveSecret(first, "path");
      first.erase();
      return new Derived(nodes, pathSecrets, keyPairs, commitSecret);
    }
    return new Derived(nodes, pathSecrets, keyPairs, pathSecret);
  }

  /**
   * A path of our own: its secrets, the new leaf's private key, and the leaf that now stands in the
   * tree.
   */
  public record Fresh(Derived derived, Secret leafKey, LeafNode leaf) {
    /** Erases everything, for a path that is not used. */
    public void erase() {
      derived.erase();
      leafKey.erase();
    }
  }

  /**
   * Puts fresh keys on the direct path of {@code own} and a new leaf at its foot, in {@code tree}
   * itself.
   */
  public Fresh refresh(
      RatchetTree tree,
      LeafIndex own,
      SignatureKeyPair signer,
      byte[] groupId,
      SecureRandom random) {
    List<Integer> path = tree.filteredDirectPath(own);
    Derived derived = derive(Secret.random(suite.kdf().hashLength(), random), path);
    List<byte[]> publicKeys = derived.keyPairs().stream().map(HpkeKeyPair::publicKey).toList();
    LeafNode before = tree.leafOrNull(own.node());
    byte[] parentHash = ParentHash.setPath(tree, own, path, publicKeys);
    HpkeKeyPair leafPair = suite.kem().generateKeyPair(random);
    LeafNode leaf =
        before.renewed(
            suite,
            signer,
            leafPair.publicKey(),
            new LeafNodeSource.InCommit(parentHash),
            groupId,
            own);
    tree.set(own.node(), leaf);
    return new Fresh(derived, leafPair.privateKey(), leaf);
  }

  /**
   * Seals each path secret to the members off the path, except the leaves that came with the same
   * commit. Who has put a key into the tree that nothing can be sealed to gets what nobody can
   * open, and does not stop the commit for all others.
   *
   * @param context the provisional GroupContext
   */
  public UpdatePath seal(
      RatchetTree tree,
      LeafIndex own,
      Fresh fresh,
      Set<LeafIndex> added,
      byte[] context,
      SecureRandom random) {
    List<UpdatePath.Node> nodes = new ArrayList<>();
    Derived derived = fresh.derived();
    Hpke.Info info = suite.hpke().labelled(LABEL, context);
    for (int i = 0; i < derived.nodes().size(); i++) {
      byte[] pathSecret = derived.pathSecrets().get(i).toOctets();
      List<HpkeCiphertext> sealed = new ArrayList<>();
      for (int node : recipients(tree, derived.nodes().get(i), own, added)) {
        sealed.add(seal(tree.encryptionKeyUncopied(node), info, pathSecret, random));
      }
      Arrays.fill(pathSecret, (byte) 0);
      nodes.add(new UpdatePath.Node(derived.keyPairs().get(i).publicKey(), sealed));
    }
    return new UpdatePath(fresh.leaf(), nodes);
  }

  private HpkeCiphertext seal(
      byte[] publicKey, Hpke.Info info, byte[] pathSecret, SecureRandom random) {
    try {
      return suite.hpke().encryptWithLabel(publicKey, info, pathSecret, random);
    } catch (MlsException noKey) {
      return sealToNobody(info, pathSecret.length, random);
    }
  }

  /** Looks like any other ciphertext, so that the count of them stays right. */
  private HpkeCiphertext sealToNobody(Hpke.Info info, int length, SecureRandom random) {
    HpkeKeyPair nobody = suite.kem().generateKeyPair(random);
    nobody.privateKey().erase();
    try {
      return suite.hpke().encryptWithLabel(nobody.publicKey(), info, new byte[length], random);
    } catch (MlsException impossible) {
      throw new IllegalStateException("a fresh key is of no use", impossible);
    }
  }

  private static List<Integer> recipients(
      RatchetTree tree, int node, LeafIndex committer, Set<LeafIndex> added) {
    List<Integer> recipients = tree.resolution(RatchetTree.childOffPath(node, committer));
    recipients.removeIf(each -> TreeMath.isLeaf(each) && added.contains(LeafIndex.ofNode(each)));
    return recipients;
  }

  /**
   * Puts a received path into {@code tree} itself, after checking that its shape, its keys and its
   * parent hash fit.
   *
   * @throws MlsException {@code INVALID_COMMIT}
   */
  public void apply(RatchetTree tree, LeafIndex committer, UpdatePath path, Set<LeafIndex> added)
      throws MlsException {
    List<Integer> nodes = tree.filteredDirectPath(committer);
    if (path.nodes().size() != nodes.size()) {
      throw invalid(
          "path has " + path.nodes().size() + " nodes, the filtered direct path " + nodes.size());
    }
    for (int i = 0; i < nodes.size(); i++) {
      int due = recipients(tree, nodes.get(i), committer, added).size();
      int sealed = path.nodes().get(i).encryptedPathSecrets().size();
      if (sealed != due) {
        throw invalid(
            "node " + nodes.get(i) + " has " + sealed + " path secrets for " + due + " recipients");
      }
    }
    for (UpdatePath.Node node : path.nodes()) {
      if (node.encryptionKey().length != suite.kem().publicKeyLength()) {
        throw invalid("a public key of the path is not of the suite's length");
      }
    }
    List<byte[]> publicKeys = path.nodes().stream().map(UpdatePath.Node::encryptionKey).toList();
    byte[] parentHash = ParentHash.setPath(tree, committer, nodes, publicKeys);
    boolean linked =
        path.leaf().source() instanceof LeafNodeSource.InCommit commit
            && Arrays.equals(commit.parentHash(), parentHash);
    if (!linked) {
      throw invalid("the path leaf does not carry the parent hash of its path");
    }
    tree.set(committer.node(), path.leaf());
    requireUniqueKeys(tree, path);
    new TreeCheck(tree).checkUniqueSignatureKeys();
  }

  /** Each key of the path occurs once in the tree that it makes; what it replaces is gone. */
  private static void requireUniqueKeys(RatchetTree tree, UpdatePath path) throws MlsException {
    Set<ByteBuffer> brought = new HashSet<>();
    brought.add(ByteBuffer.wrap(path.leaf().encryptionKeyUncopied()));
    for (UpdatePath.Node node : path.nodes()) {
      if (!brought.add(ByteBuffer.wrap(node.encryptionKey()))) {
        throw invalid("one public key occurs twice in the path");
      }
    }
    int due = brought.size();
    for (int node = 0; node < tree.nodeCount(); node++) {
      if (!tree.isBlank(node)
          && brought.contains(ByteBuffer.wrap(tree.encryptionKeyUncopied(node)))
          && --due < 0) {
        throw invalid("the path repeats the key of a node that stays");
      }
    }
  }

  /**
   * Opens our path secret of a received path and derives the rest.
   *
   * @param tree the tree with the path already applied
   * @param context the provisional GroupContext
   * @throws MlsException {@code INVALID_COMMIT} if we are not reached or the keys do not fit,
   *     {@code UNDECRYPTABLE}
   */
  public Derived open(
      RatchetTree tree,
      TreeKeys keys,
      LeafIndex committer,
      UpdatePath path,
      Set<LeafIndex> added,
      byte[] context)
      throws MlsException {
    List<Integer> nodes = tree.filteredDirectPath(committer);
    int from = nodes.indexOf(TreeMath.commonAncestor(keys.own().node(), committer.node()));
    if (from < 0) {
      throw invalid("the path does not reach leaf " + keys.own().value());
    }
    List<Integer> recipients = recipients(tree, nodes.get(from), committer, added);
    for (int i = 0; i < recipients.size(); i++) {
      Optional<Secret> key = keys.find(recipients.get(i));
      if (key.isEmpty()) {
        continue;
      }
      HpkeCiphertext sealed = path.nodes().get(from).encryptedPathSecrets().get(i);
      Secret pathSecret =
          Secret.take(suite.hpke().decryptWithLabel(key.get(), LABEL, context, sealed));
      Derived derived = derive(pathSecret, nodes.subList(from, nodes.size()));
      if (!derived.match(tree)) {
        derived.erase();
        throw invalid("the path secret does not give the path's public keys");
      }
      return derived;
    }
    throw invalid("no private key for any recipient of node " + nodes.get(from));
  }

  private static MlsException invalid(String what) {
    return new MlsException(Failure.INVALID_COMMIT, what + "; RFC 9420 §12.4.2");
  }
}

package io.postern.mls.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.HpkeCiphertext;
import io.postern.mls.crypto.HpkeKeyPair;
import io.postern.mls.crypto.SignatureKeyPair;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PathSecretsTest {
  private static final CipherSuite SUITE = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519;
  private static final byte[] GROUP = {1, 2, 3};
  private static final byte[] CONTEXT = {4, 5, 6};

  private final SecureRandom random = new SecureRandom();
  private final PathSecrets treeKem = new PathSecrets(SUITE);
  private final List<SignatureKeyPair> signers = new ArrayList<>();
  private final List<HpkeKeyPair> leafKeys = new ArrayList<>();
  private RatchetTree tree;

  /** Eight members; the fourth and the seventh made paths. */
  @BeforeEach
  void aTree() {
    tree = RatchetTree.of(SUITE.kdf(), leaf(SUITE.kem().generateKeyPair(random)));
    for (int i = 1; i < 8; i++) {
      tree.add(leaf(SUITE.kem().generateKeyPair(random)));
    }
    treeKem.refresh(tree, new LeafIndex(3), signers.get(3), GROUP, random);
    treeKem.refresh(tree, new LeafIndex(6), signers.get(6), GROUP, random);
  }

  private LeafNode leaf(HpkeKeyPair pair) {
    SignatureKeyPair signer = SignatureKeyPair.generate(random);
    signers.add(signer);
    leafKeys.add(pair);
    return LeafNode.forKeyPackage(
        SUITE,
        signer,
        pair.publicKey(),
        Credential.basic(new byte[] {9}),
        new Capabilities(List.of(1), List.of(3), List.of(), List.of(), List.of(1)),
        new Lifetime(0, 1),
        Extensions.NONE);
  }

  /** The path of the first member, its lowest node with that key, all hashes right. */
  private UpdatePath pathOfTheFirst(byte[] lowest) {
    RatchetTree after = tree.copy();
    LeafIndex first = new LeafIndex(0);
    PathSecrets.Fresh fresh = treeKem.refresh(after, first, signers.get(0), GROUP, random);
    UpdatePath path = treeKem.seal(after, first, fresh, Set.of(), CONTEXT, random);
    List<UpdatePath.Node> nodes = new ArrayList<>(path.nodes());
    nodes.set(0, new UpdatePath.Node(lowest, nodes.get(0).encryptedPathSecrets()));
    List<byte[]> keys = nodes.stream().map(UpdatePath.Node::encryptionKey).toList();
    byte[] hash = ParentHash.setPath(after, first, after.filteredDirectPath(first), keys);
    LeafNode leaf =
        fresh
            .leaf()
            .renewed(
                SUITE,
                signers.get(0),
                fresh.leaf().encryptionKey(),
                new LeafNodeSource.InCommit(hash),
                GROUP,
                first);
    return new UpdatePath(leaf, nodes);
  }

  @Test
  void takesAKeyThatThePathItselfReplaces() throws MlsException {
    UpdatePath path = pathOfTheFirst(tree.encryptionKey(3));

    treeKem.apply(tree, new LeafIndex(0), path, Set.of());

    assertThat(tree.encryptionKey(1)).isEqualTo(path.nodes().get(0).encryptionKey());
  }

  @Test
  void refusesTheKeyOfAParentThatStays() {
    UpdatePath path = pathOfTheFirst(tree.encryptionKey(11));

    assertThatThrownBy(() -> treeKem.apply(tree, new LeafIndex(0), path, Set.of()))
        .isInstanceOf(MlsException.class)
        .hasMessageContaining("repeats the key of a node that stays");
  }

  @Test
  void sealsToNobodyWhereAKeyIsNone() throws MlsException {
    RatchetTree after = tree.copy();
    after.update(
        new LeafIndex(1), leaf(new HpkeKeyPair(leafKeys.get(1).privateKey(), new byte[32])));
    LeafIndex first = new LeafIndex(0);
    PathSecrets.Fresh fresh = treeKem.refresh(after, first, signers.get(0), GROUP, random);

    UpdatePath path = treeKem.seal(after, first, fresh, Set.of(), CONTEXT, random);

    HpkeCiphertext toNobody = path.nodes().get(0).encryptedPathSecrets().get(0);
    HpkeCiphertext toSomebody = path.nodes().get(1).encryptedPathSecrets().get(0);
    assertThat(toNobody.kemOutput()).hasSameSizeAs(toSomebody.kemOutput());
    assertThat(toNobody.ciphertext()).hasSameSizeAs(toSomebody.ciphertext());
    assertThatThrownBy(
            () ->
                SUITE
                    .hpke()
                    .decryptWithLabel(
                        leafKeys.get(1).privateKey(), "UpdatePathNode", CONTEXT, toNobody))
        .isInstanceOfSatisfying(
            MlsException.class, bad -> assertThat(bad.failure()).isEqualTo(Failure.UNDECRYPTABLE));
  }
}

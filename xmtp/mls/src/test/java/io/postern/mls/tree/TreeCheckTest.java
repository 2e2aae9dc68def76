package io.postern.mls.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.wire.TlsReader;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TreeCheckTest {
  private static final CipherSuite SUITE = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519;
  private static final byte[] GROUP = {1, 2, 3};

  private final SecureRandom random = new SecureRandom();
  private final List<SignatureKeyPair> signers = new ArrayList<>();
  private RatchetTree tree;

  /** Five members; the first and the fourth made paths, then a sixth came. */
  @BeforeEach
  void aTree() {
    tree = RatchetTree.of(SUITE.kdf(), leaf());
    for (int i = 1; i < 5; i++) {
      tree.add(leaf());
    }
    new PathSecrets(SUITE).refresh(tree, new LeafIndex(0), signers.get(0), GROUP, random);
    new PathSecrets(SUITE).refresh(tree, new LeafIndex(3), signers.get(3), GROUP, random);
    tree.add(leaf());
  }

  private LeafNode leaf() {
    SignatureKeyPair signer = SignatureKeyPair.generate(random);
    signers.add(signer);
    return LeafNode.forKeyPackage(
        SUITE,
        signer,
        SUITE.kem().generateKeyPair(random).publicKey(),
        Credential.basic(new byte[] {9}),
        new Capabilities(List.of(1), List.of(3), List.of(), List.of(), List.of(1)),
        new Lifetime(0, 1),
        Extensions.NONE);
  }

  private void refuses(String why) {
    assertThatThrownBy(() -> new TreeCheck(tree).check(SUITE.signing(), GROUP))
        .isInstanceOf(MlsException.class)
        .hasMessageContaining(why);
  }

  private void unmerge(int node, long... leaves) {
    ParentNode before = tree.parentOrNull(node);
    List<LeafIndex> unmerged = new ArrayList<>();
    for (long leaf : leaves) {
      unmerged.add(new LeafIndex(leaf));
    }
    tree.set(node, new ParentNode(before.encryptionKey(), before.parentHash(), unmerged));
  }

  @Test
  void acceptsASoundTree() throws MlsException {
    new TreeCheck(tree).check(SUITE.signing(), GROUP);

    assertThat(tree.parentOrNull(7).unmergedLeaves()).containsExactly(new LeafIndex(5));
    assertThat(tree.leafCount()).isEqualTo(8);
  }

  @Test
  void refusesALeafThatIsSignedForAnotherGroup() {
    assertThatThrownBy(() -> new TreeCheck(tree).check(SUITE.signing(), new byte[1]))
        .hasMessageContaining("signature");
  }

  @Test
  void refusesAParentThatNobodyBelowVouchesFor() {
    ParentNode root = tree.parentOrNull(7);
    tree.set(
        7,
        new ParentNode(
            SUITE.kem().generateKeyPair(random).publicKey(),
            root.parentHash(),
            root.unmergedLeaves()));

    refuses("no descendant holds its parent hash");
  }

  @Test
  void refusesAnUnmergedLeafThatIsBlank() {
    unmerge(7, 7);

    refuses("is not a member below");
  }

  @Test
  void refusesAnUnmergedLeafOfAnotherSubtree() {
    unmerge(3, 4);

    refuses("is not a member below");
  }

  @Test
  void refusesAnUnmergedLeafBeyondAnyTree() {
    unmerge(7, 0xffff_ffffL);

    refuses("is not a member below");
  }

  @Test
  void refusesUnmergedLeavesThatAreNotSorted() {
    unmerge(7, 5, 4);

    refuses("not sorted");
  }

  @Test
  void refusesAnUnmergedLeafTwice() {
    unmerge(7, 5, 5);

    refuses("not sorted");
  }

  @Test
  void refusesALeafThatIsMergedBelowWhereItIsUnmerged() {
    unmerge(7, 1);

    refuses("unmerged here but not at node");
  }

  @Test
  void refusesOneEncryptionKeyTwice() {
    ParentNode root = tree.parentOrNull(7);
    ParentNode other = tree.parentOrNull(3);
    tree.set(3, new ParentNode(root.encryptionKey(), other.parentHash(), List.of()));

    assertThatThrownBy(() -> new TreeCheck(tree).checkUniqueKeys())
        .hasMessageContaining("encryption key occurs twice");
  }

  @Test
  void refusesOneSignatureKeyTwice() {
    SignatureKeyPair first = signers.get(0);
    LeafNode twin =
        LeafNode.forKeyPackage(
            SUITE,
            first,
            SUITE.kem().generateKeyPair(random).publicKey(),
            Credential.basic(new byte[] {9}),
            new Capabilities(List.of(1), List.of(3), List.of(), List.of(), List.of(1)),
            new Lifetime(0, 1),
            Extensions.NONE);
    tree.set(10, twin);

    refuses("signature key occurs twice");
  }

  @Test
  void narrowsWhenItsRightHalfIsEmpty() throws MlsException {
    tree.remove(new LeafIndex(5));
    assertThat(tree.leafCount()).isEqualTo(8);

    tree.remove(new LeafIndex(4));

    assertThat(tree.leafCount()).isEqualTo(4);
    new TreeCheck(tree).check(SUITE.signing(), GROUP);
  }

  @Test
  void fillsTheLeftmostBlankFirst() {
    tree.remove(new LeafIndex(2));

    assertThat(tree.add(leaf())).isEqualTo(new LeafIndex(2));
    assertThat(tree.add(leaf())).isEqualTo(new LeafIndex(6));
  }

  @Test
  void keepsItsHashesRightThroughChanges() throws MlsException {
    tree.treeHash();
    tree.remove(new LeafIndex(1));
    tree.add(leaf());
    tree.update(new LeafIndex(4), leaf());
    new PathSecrets(SUITE).refresh(tree, new LeafIndex(3), signers.get(3), GROUP, random);

    RatchetTree anew = RatchetTree.read(new TlsReader(tree.toOctets()), SUITE.kdf());

    assertThat(tree.treeHash()).isEqualTo(anew.treeHash());
  }

  @Test
  void aCopyIsIndependent() {
    byte[] hash = tree.treeHash();
    RatchetTree copy = tree.copy();

    copy.remove(new LeafIndex(0));

    assertThat(tree.treeHash()).isEqualTo(hash);
    assertThat(copy.treeHash()).isNotEqualTo(hash);
  }
}

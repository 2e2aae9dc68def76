package io.postern.mls.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
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
  void refusesAnUnmergedLeafBeyondTheTree() {
    unmerge(7, 9);

    refuses("is not a member below");
  }

  private static void refusesToRead(String why, long... unmerged) {
    TlsWriter parent = new TlsWriter().opaque(new byte[32]).opaque(new byte[32]);
    parent.vector(inner -> LongStream.of(unmerged).forEach(inner::uint32));
    byte[] octets = parent.toOctets();
    assertThatThrownBy(() -> ParentNode.read(new TlsReader(octets)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(why);
  }

  @Test
  void refusesUnmergedLeavesThatAreBeyondAnyTreeOrNotSorted() {
    refusesToRead("beyond any tree", 5, RatchetTree.MAX_LEAVES);
    refusesToRead("beyond any tree", 0xffff_ffffL);
    refusesToRead("not sorted", 5, 4);
    refusesToRead("not sorted", 5, 5);
    assertThatIllegalArgumentException().isThrownBy(() -> unmerge(7, 5, 4));
  }

  @Test
  void refusesATreeThatIsTooWide() {
    TlsWriter nodes = new TlsWriter();
    nodes.vector(
        inner -> {
          for (int node = 0; node < TreeMath.nodeCount(RatchetTree.MAX_LEAVES); node++) {
            inner.present(false);
          }
          inner.present(true).uint8(2).struct(tree.parentOrNull(7));
        });

    assertThatThrownBy(() -> RatchetTree.read(new TlsReader(nodes.toOctets()), SUITE.kdf()))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("more than 4096 leaves");
  }

  @Test
  void refusesAParentKeyOfAnotherLength() {
    ParentNode root = tree.parentOrNull(7);
    tree.set(7, new ParentNode(new byte[31], root.parentHash(), root.unmergedLeaves()));

    assertThatThrownBy(() -> new TreeCheck(tree).checkParentKeys(32))
        .isInstanceOf(MlsException.class)
        .hasMessageContaining("length");
  }

  /** Every second leaf is unmerged in every parent above it: the dearest tree that is sound. */
  private RatchetTree fullOfUnmergedLeaves(int leaves) {
    signers.clear();
    RatchetTree full = RatchetTree.of(SUITE.kdf(), leaf());
    for (int i = 1; i < leaves; i++) {
      full.add(leaf());
    }
    for (int i = 1; i < leaves; i += 2) {
      full.remove(new LeafIndex(i));
    }
    for (int i = 0; i < leaves; i += 2) {
      new PathSecrets(SUITE).refresh(full, new LeafIndex(i), signers.get(i), GROUP, random);
    }
    for (int i = 1; i < leaves; i += 2) {
      full.add(leaf());
    }
    return full;
  }

  /** Octets allocated: every hash, list and look-up that makes a list shows in them. */
  private static long workOf(RatchetTree tree) throws MlsException {
    var memory = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = memory.getThreadAllocatedBytes(Thread.currentThread().getId());
    TreeCheck check = new TreeCheck(tree);
    check.checkUnmergedLeaves();
    check.checkUniqueEncryptionKeys();
    check.checkUniqueSignatureKeys();
    check.checkParentHashes();
    return memory.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
  }

  @Test
  void aTreeFullOfUnmergedLeavesCostsLittleMoreThanItsWidth() throws MlsException {
    RatchetTree small = fullOfUnmergedLeaves(64);
    RatchetTree large = fullOfUnmergedLeaves(256);
    workOf(fullOfUnmergedLeaves(16));

    double growth = (double) workOf(large) / workOf(small);

    // Four times the leaves: n log n gives 5.3, n² 16.
    assertThat(large.parentOrNull(large.root()).unmergedLeaves()).hasSize(128);
    assertThat(growth).isLessThan(7);
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

    assertThatThrownBy(() -> new TreeCheck(tree).checkUniqueEncryptionKeys())
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

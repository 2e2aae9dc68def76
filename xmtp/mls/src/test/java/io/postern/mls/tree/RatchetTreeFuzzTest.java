package io.postern.mls.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.WireException;

/** No tree makes a check fall, and none that is read is wider than it may be. */
class RatchetTreeFuzzTest {
  private static final CipherSuite SUITE = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519;

  @FuzzTest(maxDuration = "10m")
  void judgesAnyTree(byte[] octets) {
    RatchetTree tree;
    try {
      TlsReader in = new TlsReader(octets);
      tree = RatchetTree.read(in, SUITE.kdf());
      in.end("ratchet_tree");
    } catch (WireException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return;
    }

    assertThat(tree.leafCount()).isLessThanOrEqualTo(RatchetTree.MAX_LEAVES);
    assertThat(tree.toOctets()).isEqualTo(octets);
    assertThat(tree.treeHash()).hasSize(32);
    for (LeafIndex member : tree.occupied()) {
      assertThat(tree.filteredDirectPath(member)).doesNotContain(member.node());
    }
    try {
      TreeCheck check = new TreeCheck(tree);
      check.checkParentKeys(32);
      LeafCheck.checkCredentials(tree.leaves());
      check.checkUnmergedLeaves();
      check.checkParentHashes();
      check.check(SUITE.signing(), new byte[] {1});
    } catch (MlsException unsound) {
      assertThat(unsound.getMessage()).isNotBlank();
    }
  }
}

package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Signing;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.LeafNodeSource;
import io.postern.mls.tree.Lifetime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;

/**
 * A key package that holds together: signatures, lifetime, source, and extensions that its client
 * claims to support. Whether it fits a certain group is checked when it is added. RFC 9420 §10.1.
 */
public final class VerifiedKeyPackage {
  /**
   * MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519 as XMTP clients know it; its signatures we can
   * check, all else not.
   */
  private static final int XWING_SUITE = 0x004d;

  /** Extensions of RFC 9420 whose place is not a key package. */
  private static final Set<Integer> MISPLACED =
      Set.of(
          Extension.RATCHET_TREE,
          Extension.REQUIRED_CAPABILITIES,
          Extension.EXTERNAL_PUB,
          Extension.EXTERNAL_SENDERS);

  private final KeyPackage keyPackage;

  private VerifiedKeyPackage(KeyPackage keyPackage) {
    this.keyPackage = keyPackage;
  }

  static VerifiedKeyPackage verify(KeyPackage keyPackage, Instant now) throws MlsException {
    checkStructure(keyPackage);
    if (!(keyPackage.leaf().source() instanceof LeafNodeSource.InKeyPackage source)) {
      throw invalid("leaf_node_source is not key_package");
    }
    Lifetime lifetime = source.lifetime();
    if (lifetime.hasEnded(now)) {
      throw invalid("the lifetime has ended");
    }
    if (!lifetime.hasBegun(now)) {
      throw invalid("the lifetime has not begun");
    }
    if (!keyPackage.leaf().credential().isBasic()) {
      throw invalid("the credential is not basic");
    }
    return new VerifiedKeyPackage(keyPackage);
  }

  /**
   * What receivers of an Add check: all but the lifetime, since time has passed, and the kind of
   * credential.
   */
  static void checkStructure(KeyPackage keyPackage) throws MlsException {
    if (keyPackage.version() != GroupContext.MLS10) {
      throw invalid("version is not mls10");
    }
    Signing signing = signing(keyPackage.cipherSuite());
    LeafNode leaf = keyPackage.leaf();
    if (!(leaf.source() instanceof LeafNodeSource.InKeyPackage)) {
      throw invalid("leaf_node_source is not key_package");
    }
    if (Arrays.equals(keyPackage.initKey(), leaf.encryptionKey())) {
      throw invalid("init_key and encryption_key are the same");
    }
    for (Extension extension : keyPackage.extensions().list()) {
      if (MISPLACED.contains(extension.type())) {
        throw invalid(
            String.format("extension %04x does not belong into a key package", extension.type()));
      }
      if (extension.type() == Extension.LAST_RESORT && extension.data().length > 0) {
        throw invalid("last_resort is not empty");
      }
      if (!leaf.capabilities().supportExtension(extension.type())) {
        throw invalid(
            String.format("extension %04x is not among the leaf's capabilities", extension.type()));
      }
    }
    if (!leaf.verifyKeyPackageSignature(signing)) {
      throw new MlsException(
          Failure.BAD_SIGNATURE, "key package: the leaf's signature does not verify");
    }
    if (!signing.verifyWithLabel(
        leaf.signatureKey(), KeyPackage.LABEL, keyPackage.toBeSigned(), keyPackage.signature())) {
      throw new MlsException(Failure.BAD_SIGNATURE, "key package: the signature does not verify");
    }
  }

  private static Signing signing(int cipherSuite) throws MlsException {
    return cipherSuite == XWING_SUITE ? Signing.ED25519 : CipherSuite.of(cipherSuite).signing();
  }

  /** What was verified. */
  public KeyPackage keyPackage() {
    return keyPackage;
  }

  private static MlsException invalid(String what) {
    return new MlsException(
        Failure.INVALID_KEY_PACKAGE, "key package: " + what + "; RFC 9420 §10.1");
  }
}

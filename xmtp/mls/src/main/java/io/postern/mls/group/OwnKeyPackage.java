package io.postern.mls.group;

import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.HpkeKeyPair;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Credential;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.Lifetime;
import java.security.SecureRandom;

/** A key package of our own with the two private keys that belong to it. */
public record OwnKeyPackage(
    KeyPackage keyPackage, Secret initPrivateKey, Secret encryptionPrivateKey) {
  /** Makes fresh key pairs and signs leaf and key package. */
  public static OwnKeyPackage create(
      CipherSuite suite,
      SignatureKeyPair signer,
      Credential credential,
      Capabilities capabilities,
      Lifetime lifetime,
      Extensions leafExtensions,
      Extensions keyPackageExtensions,
      SecureRandom random) {
    HpkeKeyPair init = suite.kem().generateKeyPair(random);
    HpkeKeyPair encryption = suite.kem().generateKeyPair(random);
    LeafNode leaf =
        LeafNode.forKeyPackage(
            suite,
            signer,
            encryption.publicKey(),
            credential,
            capabilities,
            lifetime,
            leafExtensions);
    KeyPackage keyPackage =
        KeyPackage.sign(suite, signer, init.publicKey(), leaf, keyPackageExtensions);
    return new OwnKeyPackage(keyPackage, init.privateKey(), encryption.privateKey());
  }
}

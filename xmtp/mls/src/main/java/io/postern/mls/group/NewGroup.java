package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Kdf;
import io.postern.mls.crypto.Secret;
import io.postern.mls.schedule.EpochSecrets;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.KeySchedule;
import io.postern.mls.schedule.RatchetLimits;
import io.postern.mls.schedule.SecretTree;
import io.postern.mls.schedule.TranscriptHash;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafCheck;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.tree.TreeKeys;
import java.security.SecureRandom;
import java.util.List;

/** Epoch 0 of a group that consists of its creator. RFC 9420 §11. */
final class NewGroup {
  private static final byte[] EMPTY = {};

  private NewGroup() {}

  /** Takes {@code leafKey} over. */
  static EpochStart begin(
      CipherSuite suite,
      byte[] groupId,
      LeafNode leaf,
      Secret leafKey,
      Extensions contextExtensions,
      RatchetLimits limits,
      SecureRandom random)
      throws MlsException {
    new LeafCheck(suite, contextExtensions).check(leaf);
    LeafCheck.checkCredentials(List.of(leaf));
    Kdf kdf = suite.kdf();
    RatchetTree tree = RatchetTree.of(kdf, leaf);
    GroupContext context =
        new GroupContext(suite.id(), groupId, 0, tree.treeHash(), EMPTY, contextExtensions);
    EpochSecrets secrets = new KeySchedule(suite).epoch(Secret.random(kdf.hashLength(), random));
    byte[] tag = kdf.mac(secrets.confirmationKey(), EMPTY);
    byte[] interim = TranscriptHash.interim(kdf, EMPTY, tag);
    TreeKeys keys = new TreeKeys(new LeafIndex(0), leafKey);
    SecretTree ratchets = new SecretTree(suite, limits, 1, secrets.takeEncryptionSecret());
    return new EpochStart(new Epoch(suite, context, tree, keys, secrets, interim), ratchets);
  }
}

package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.HpkeCiphertext;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.schedule.EpochSecrets;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.KeySchedule;
import io.postern.mls.schedule.PreSharedKeyId;
import io.postern.mls.schedule.PskSecret;
import io.postern.mls.schedule.RatchetLimits;
import io.postern.mls.schedule.SecretTree;
import io.postern.mls.schedule.TranscriptHash;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.LeafCheck;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.PathSecrets;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.tree.TreeCheck;
import io.postern.mls.tree.TreeKeys;
import io.postern.mls.wire.TlsReader;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** From a welcome to the epoch it opens. RFC 9420 §12.4.3.1. */
final class WelcomeReader {
  private final KeyPackage own;
  private final Secret initKey;
  private final Secret leafKey;
  private final SignatureKeyPair signer;
  private final PskSecret.Lookup psks;
  private final RatchetLimits limits;

  WelcomeReader(
      OwnKeyPackage own, SignatureKeyPair signer, PskSecret.Lookup psks, RatchetLimits limits) {
    this.own = own.keyPackage();
    this.initKey = own.initPrivateKey();
    this.leafKey = own.encryptionPrivateKey();
    this.signer = signer;
    this.psks = psks;
    this.limits = limits;
  }

  /** The epoch, its ratchets, and who signed for it. */
  record Read(Epoch epoch, SecretTree ratchets, Member adder) {}

  Read read(Welcome welcome, Optional<RatchetTree> givenTree) throws MlsException {
    CipherSuite suite = CipherSuite.of(welcome.cipherSuite());
    if (own.cipherSuite() != suite.id()) {
      throw invalid("its cipher suite is not the key package's");
    }
    if (!Arrays.equals(own.leaf().signatureKey(), signer.publicKey())
        || !Arrays.equals(own.leaf().encryptionKey(), suite.kem().publicKey(leafKey))) {
      throw invalid("the private keys given do not belong to the key package");
    }
    GroupSecrets secrets = groupSecrets(suite, welcome);
    try {
      Secret pskSecret = pskSecret(suite, secrets.psks());
      try {
        return read(suite, welcome, givenTree, secrets, pskSecret);
      } finally {
        pskSecret.erase();
      }
    } finally {
      secrets.joinerSecret().erase();
      secrets.pathSecret().ifPresent(Secret::erase);
    }
  }

  private Read read(
      CipherSuite suite,
      Welcome welcome,
      Optional<RatchetTree> givenTree,
      GroupSecrets secrets,
      Secret pskSecret)
      throws MlsException {
    WelcomeKey welcomeKey = WelcomeKey.derive(suite, secrets.joinerSecret(), pskSecret);
    TlsReader in = new TlsReader(welcomeKey.open(suite, welcome.encryptedGroupInfo()));
    GroupInfo info = GroupInfo.read(in);
    in.end("GroupInfo");
    GroupContext context = info.context();
    if (context.cipherSuite() != suite.id()) {
      throw invalid("the group's cipher suite is not the welcome's");
    }
    RatchetTree tree = tree(suite, info, givenTree);
    Member adder = adder(suite, info, tree);
    checkTree(suite, tree, context);
    LeafIndex place = ownPlace(tree);
    TreeKeys keys = new TreeKeys(place, leafKey.copy());
    try {
      if (secrets.pathSecret().isPresent()) {
        keys.learnFromWelcome(
            tree, info.signer(), secrets.pathSecret().get().copy(), new PathSecrets(suite));
      }
      EpochSecrets epochSecrets =
          new KeySchedule(suite).epoch(secrets.joinerSecret(), pskSecret, context);
      checkConfirmation(suite, epochSecrets, info);
      byte[] interim =
          TranscriptHash.interim(
              suite.kdf(), context.confirmedTranscriptHash(), info.confirmationTag());
      SecretTree ratchets =
          new SecretTree(suite, limits, tree.leafCount(), epochSecrets.takeEncryptionSecret());
      return new Read(
          new Epoch(suite, context, tree, keys, epochSecrets, interim), ratchets, adder);
    } catch (MlsException bad) {
      keys.erase();
      throw bad;
    }
  }

  private static void checkConfirmation(CipherSuite suite, EpochSecrets secrets, GroupInfo info)
      throws MlsException {
    byte[] confirmed = info.context().confirmedTranscriptHash();
    if (!suite.kdf().verifyMac(secrets.confirmationKey(), confirmed, info.confirmationTag())) {
      secrets.erase();
      throw new MlsException(Failure.BAD_TAG, "the welcome's confirmation tag does not match");
    }
  }

  private GroupSecrets groupSecrets(CipherSuite suite, Welcome welcome) throws MlsException {
    HpkeCiphertext sealed =
        welcome
            .secretsFor(own.reference(suite))
            .orElseThrow(() -> invalid("it holds nothing for this key package"));
    byte[] opened =
        suite.hpke().decryptWithLabel(initKey, "Welcome", welcome.encryptedGroupInfo(), sealed);
    TlsReader in = new TlsReader(opened);
    GroupSecrets secrets = GroupSecrets.read(in);
    in.end("GroupSecrets");
    Arrays.fill(opened, (byte) 0);
    return secrets;
  }

  private Secret pskSecret(CipherSuite suite, List<PreSharedKeyId> ids) throws MlsException {
    for (PreSharedKeyId id : ids) {
      if (!id.isExternal() && !id.isForApplication()) {
        throw new MlsException(
            Failure.UNSUPPORTED, "the welcome is of a re-initialised or branched group");
      }
    }
    if (ids.stream().distinct().count() != ids.size()) {
      throw invalid("a pre-shared key is named twice");
    }
    return CommitTransition.pskSecret(suite, ids, psks);
  }

  private static RatchetTree tree(CipherSuite suite, GroupInfo info, Optional<RatchetTree> given)
      throws MlsException {
    Optional<byte[]> extension = info.extensions().find(Extension.RATCHET_TREE);
    if (extension.isEmpty()) {
      return given.map(RatchetTree::copy).orElseThrow(() -> invalid("it has no ratchet tree"));
    }
    TlsReader in = new TlsReader(extension.get());
    RatchetTree tree = RatchetTree.read(in, suite.kdf());
    in.end("ratchet_tree");
    return tree;
  }

  private static Member adder(CipherSuite suite, GroupInfo info, RatchetTree tree)
      throws MlsException {
    LeafNode leaf = tree.leaf(info.signer()).orElseThrow(() -> invalid("its signer is no member"));
    if (!info.verifySignature(suite, leaf.signatureKey())) {
      throw new MlsException(Failure.BAD_SIGNATURE, "the GroupInfo's signature does not verify");
    }
    return new Member(info.signer(), leaf);
  }

  private static void checkTree(CipherSuite suite, RatchetTree tree, GroupContext context)
      throws MlsException {
    if (!Arrays.equals(tree.treeHash(), context.treeHash())) {
      throw new MlsException(Failure.INVALID_TREE, "the tree's hash is not that of the group");
    }
    TreeCheck check = new TreeCheck(tree);
    check.checkParentKeys(suite.kem().publicKeyLength());
    LeafCheck leafCheck = new LeafCheck(suite, context.extensions());
    for (LeafNode leaf : tree.leaves()) {
      leafCheck.check(leaf);
    }
    LeafCheck.checkCredentials(tree.leaves());
    check.check(suite.signing(), context.groupId());
  }

  private LeafIndex ownPlace(RatchetTree tree) throws MlsException {
    for (LeafIndex index : tree.occupied()) {
      if (tree.leaf(index).orElseThrow().equals(own.leaf())) {
        return index;
      }
    }
    throw invalid("the key package's leaf is not in the tree");
  }

  private static MlsException invalid(String what) {
    return new MlsException(Failure.INVALID_WELCOME, "welcome: " + what + "; RFC 9420 §12.4.3.1");
  }
}

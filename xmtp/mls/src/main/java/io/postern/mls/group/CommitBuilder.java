package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.HashReference;
import io.postern.mls.crypto.Hpke;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.AuthenticatedContent;
import io.postern.mls.framing.FramedContent;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.schedule.EpochSecrets;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.KeySchedule;
import io.postern.mls.schedule.MessageKey;
import io.postern.mls.schedule.PskSecret;
import io.postern.mls.schedule.TranscriptHash;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.PathSecrets;
import io.postern.mls.tree.TreeCheck;
import io.postern.mls.tree.TreeKeys;
import io.postern.mls.tree.TreeMath;
import io.postern.mls.tree.UpdatePath;
import io.postern.mls.wire.TlsWriter;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Makes a commit of our own, always with a path, and the welcome for those it adds. The epoch it
 * starts from is not touched. RFC 9420 §12.4.1, §12.4.3.1.
 */
final class CommitBuilder {
  private final Epoch before;
  private final PendingProposals pending;
  private final SignatureKeyPair signer;
  private final SecureRandom random;
  private final GroupSettings settings;

  CommitBuilder(
      Epoch before,
      PendingProposals pending,
      SignatureKeyPair signer,
      SecureRandom random,
      GroupSettings settings) {
    this.before = before;
    this.pending = pending;
    this.signer = signer;
    this.random = random;
    this.settings = settings;
  }

  /** Checks the proposals before a generation is spent on them. */
  Prepared prepare(List<ProposalOrReference> proposals) throws MlsException {
    LeafIndex own = before.keys().own();
    List<CommittedProposal> resolved = pending.resolve(proposals, own);
    ProposalsApplied applied = CommitTransition.applyChecked(before, own, resolved, settings);
    CommitKeys.check(before.tree(), resolved);
    if (!applied.addedPlaces().isEmpty()) {
      checkWelcomed(applied);
    }
    return new Prepared(proposals, resolved, applied);
  }

  /** A newcomer refuses a tree in which a leaf has a parent's key, though a commit may make one. */
  private static void checkWelcomed(ProposalsApplied applied) throws InvalidCommitException {
    try {
      new TreeCheck(applied.tree()).checkUniqueEncryptionKeys();
    } catch (MlsException bad) {
      throw new InvalidCommitException(CommitRule.KEYS_NOT_UNIQUE, "the new tree", bad);
    }
  }

  /** Proposals that were found good, and the tree they lead to. */
  record Prepared(
      List<ProposalOrReference> proposals,
      List<CommittedProposal> resolved,
      ProposalsApplied applied) {}

  /**
   * Builds commit, welcome and next epoch.
   *
   * @param key a handshake key of our own that was never used; erased here
   */
  OwnCommit build(Prepared prepared, MessageKey key, PskSecret.Lookup psks) throws MlsException {
    CipherSuite suite = before.suite();
    byte[] groupId = before.context().groupId();
    LeafIndex own = before.keys().own();
    ProposalsApplied applied = prepared.applied();
    Secret pskSecret = CommitTransition.pskSecret(suite, applied.psks(), psks);
    PathSecrets treeKem = new PathSecrets(suite);
    PathSecrets.Fresh fresh = treeKem.refresh(applied.tree(), own, signer, groupId, random);
    GroupContext provisional =
        before.context().provisional(applied.tree().treeHash(), applied.extensions());
    UpdatePath path =
        treeKem.seal(
            applied.tree(), own, fresh, applied.addedPlaces(), provisional.toOctets(), random);
    MessageOutput output = new MessageOutput(before, signer, random);
    AuthenticatedContent signed =
        output.sign(
            new FramedContent.Committed(new Commit(prepared.proposals(), Optional.of(path))));
    byte[] confirmed =
        TranscriptHash.confirmed(
            suite.kdf(), before.interimTranscriptHash(), signed.confirmedTranscriptHashInput());
    GroupContext context = provisional.confirmed(confirmed);

    KeySchedule schedule = new KeySchedule(suite);
    Secret joiner =
        schedule.joinerSecret(before.secrets().init(), fresh.derived().commitSecret(), context);
    EpochSecrets secrets = schedule.epoch(joiner, pskSecret, context);
    byte[] tag = suite.kdf().mac(secrets.confirmationKey(), confirmed);
    Optional<byte[]> welcome;
    try {
      welcome =
          applied.added().isEmpty()
              ? Optional.empty()
              : Optional.of(welcome(prepared, fresh, context, tag, joiner, pskSecret));
    } catch (MlsException noInitKey) {
      secrets.erase();
      fresh.erase();
      key.erase();
      throw noInitKey;
    } finally {
      joiner.erase();
      pskSecret.erase();
      fresh.derived().commitSecret().erase();
    }
    byte[] octets = output.seal(signed.withConfirmationTag(tag), key);

    TreeKeys keys = before.keys().copy();
    keys.put(own.node(), fresh.leafKey());
    keys.forgetBlank(applied.tree());
    fresh.derived().moveInto(keys);
    StagedCommit staged =
        new StagedCommit(
            groupId,
            before.context().epoch(),
            before.contextHash(),
            own,
            new byte[0],
            prepared.resolved(),
            applied.added(),
            applied.removed(),
            applied.updated(),
            Optional.of(fresh.leaf()),
            applied.extensions(),
            Optional.of(
                CommitTransition.next(
                    suite, context, applied, keys, secrets, tag, settings.limits())));
    return new OwnCommit(octets, welcome, staged);
  }

  private byte[] welcome(
      Prepared prepared,
      PathSecrets.Fresh fresh,
      GroupContext context,
      byte[] confirmationTag,
      Secret joiner,
      Secret pskSecret)
      throws MlsException {
    CipherSuite suite = before.suite();
    LeafIndex own = before.keys().own();
    ProposalsApplied applied = prepared.applied();
    Extension tree = new Extension(Extension.RATCHET_TREE, applied.tree().toOctets());
    byte[] groupInfo =
        GroupInfo.sign(suite, context, Extensions.of(tree), confirmationTag, own, signer)
            .toOctets();
    WelcomeKey welcomeKey = WelcomeKey.derive(suite, joiner, pskSecret);
    byte[] encryptedGroupInfo = welcomeKey.seal(suite, groupInfo);
    Hpke.Info info = suite.hpke().labelled("Welcome", encryptedGroupInfo);
    List<KeyPackage> newcomers = new ArrayList<>();
    for (CommittedProposal each : prepared.resolved()) {
      if (each.proposal() instanceof Proposal.Add add) {
        newcomers.add(add.keyPackage());
      }
    }
    List<Welcome.EncryptedGroupSecrets> sealed = new ArrayList<>();
    for (int i = 0; i < newcomers.size(); i++) {
      int ancestor = TreeMath.commonAncestor(own.node(), applied.added().get(i).index().node());
      Optional<Secret> pathSecret = fresh.derived().pathSecret(ancestor);
      byte[] secrets = plain(new GroupSecrets(joiner, pathSecret, applied.psks()));
      HashReference reference = newcomers.get(i).reference(suite);
      sealed.add(
          new Welcome.EncryptedGroupSecrets(
              reference,
              suite.hpke().encryptWithLabel(newcomers.get(i).initKey(), info, secrets, random)));
      Arrays.fill(secrets, (byte) 0);
    }
    return new MlsMessage.OfWelcome(new Welcome(suite.id(), sealed, encryptedGroupInfo)).toOctets();
  }

  private static byte[] plain(GroupSecrets secrets) {
    TlsWriter out = new TlsWriter();
    secrets.write(out);
    return out.toOctetsAndErase();
  }
}

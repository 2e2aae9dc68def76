package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.framing.AuthenticatedContent;
import io.postern.mls.framing.FramedContent;
import io.postern.mls.schedule.EpochSecrets;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.KeySchedule;
import io.postern.mls.schedule.PreSharedKeyId;
import io.postern.mls.schedule.PskSecret;
import io.postern.mls.schedule.RatchetLimits;
import io.postern.mls.schedule.SecretTree;
import io.postern.mls.schedule.TranscriptHash;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafCheck;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.LeafNodeSource;
import io.postern.mls.tree.PathSecrets;
import io.postern.mls.tree.TreeKeys;
import io.postern.mls.tree.UpdatePath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * From one epoch to the next by a commit of another member, without touching the first. RFC 9420
 * §12.4.2.
 */
final class CommitTransition {
  private static final Set<Integer> PATH_OPTIONAL =
      Set.of(
          Proposal.Add.TYPE,
          Proposal.PreSharedKey.TYPE,
          Proposal.ReInit.TYPE,
          Proposal.AppDataUpdate.TYPE);

  private final Epoch before;
  private final PendingProposals pending;
  private final PskSecret.Lookup psks;
  private final GroupSettings settings;

  CommitTransition(
      Epoch before, PendingProposals pending, PskSecret.Lookup psks, GroupSettings settings) {
    this.before = before;
    this.pending = pending;
    this.psks = psks;
    this.settings = settings;
  }

  /** Stages a commit whose signature was verified. */
  StagedCommit stage(AuthenticatedContent authenticated, LeafIndex committer) throws MlsException {
    if (!(authenticated.content().body() instanceof FramedContent.Committed committed)) {
      throw new MlsException(Failure.UNSUPPORTED, "expected a commit");
    }
    Commit commit = committed.commit();
    List<CommittedProposal> proposals = pending.resolve(commit.proposals(), committer);
    ProposalsApplied applied = applyChecked(before, committer, proposals, settings);
    CommitKeys keys = CommitKeys.check(before.tree(), proposals);
    checkPathPresence(commit, proposals);
    if (commit.path().isPresent()) {
      applyPath(commit.path().get(), committer, applied, keys);
    }
    GroupContext provisional =
        before.context().provisional(applied.tree().treeHash(), applied.extensions());
    LeafIndex own = before.keys().own();
    boolean removesUs = applied.removed().stream().anyMatch(member -> member.index().equals(own));
    Optional<EpochStart> next =
        removesUs
            ? Optional.empty()
            : Optional.of(
                enter(authenticated, committer, commit.path(), applied, provisional, proposals));
    return new StagedCommit(
        before.context().groupId(),
        before.context().epoch(),
        before.contextHash(),
        committer,
        authenticated.content().authenticatedData(),
        proposals,
        applied.added(),
        applied.removed(),
        applied.updated(),
        commit.path().map(UpdatePath::leaf),
        applied.extensions(),
        next);
  }

  /** Checks and applies proposals; also how a commit of our own begins. */
  static ProposalsApplied applyChecked(
      Epoch before, LeafIndex committer, List<CommittedProposal> proposals, GroupSettings settings)
      throws MlsException {
    if (before.tree().leaf(committer).isEmpty()) {
      throw new InvalidCommitException(
          CommitRule.COMMITTER, "leaf " + committer.value() + " is blank");
    }
    CipherSuite suite = before.suite();
    new ProposalCheck(suite, before.context().groupId(), before.tree(), committer, proposals)
        .check();
    Extensions extensions = before.context().extensions();
    AppDataUpdates.check(extensions, proposals);
    ProposalsApplied byMls = ProposalsApplied.apply(before.tree(), before.context(), proposals);
    ProposalsApplied applied =
        byMls.with(
            AppDataUpdates.of(proposals)
                .applyTo(extensions, byMls.extensions(), settings.appData()));
    boolean extensionsChanged =
        proposals.stream()
            .anyMatch(each -> each.proposal() instanceof Proposal.GroupContextExtensions);
    applied.check(suite, extensionsChanged);
    return applied;
  }

  private static void checkPathPresence(Commit commit, List<CommittedProposal> proposals)
      throws MlsException {
    boolean optional =
        !proposals.isEmpty()
            && proposals.stream().allMatch(each -> PATH_OPTIONAL.contains(each.proposal().type()));
    if (commit.path().isEmpty() && !optional) {
      throw new InvalidCommitException(CommitRule.PATH_MISSING, "a commit without path");
    }
  }

  private void applyPath(
      UpdatePath path, LeafIndex committer, ProposalsApplied applied, CommitKeys keys)
      throws MlsException {
    CipherSuite suite = before.suite();
    LeafNode leaf = path.leaf();
    if (!(leaf.source() instanceof LeafNodeSource.InCommit)
        || !leaf.verifySignature(suite.signing(), before.context().groupId(), committer)) {
      throw new InvalidCommitException(
          CommitRule.PATH_LEAF, "the path's leaf is not signed as of a commit");
    }
    LeafNode old = before.tree().leaf(committer).orElseThrow();
    if (Arrays.equals(old.encryptionKey(), leaf.encryptionKey())) {
      throw new InvalidCommitException(CommitRule.PATH_KEEPS_KEY, "the path's leaf");
    }
    keys.checkPath(path);
    try {
      applied.leafCheck(suite).check(leaf);
    } catch (InvalidCommitException known) {
      throw known;
    } catch (MlsException bad) {
      throw new InvalidCommitException(CommitRule.LEAF_DOES_NOT_FIT, "the path's leaf", bad);
    }
    try {
      new PathSecrets(suite).apply(applied.tree(), committer, path, applied.addedPlaces());
    } catch (MlsException bad) {
      throw new InvalidCommitException(CommitRule.PATH, "the path", bad);
    }
    try {
      LeafCheck.checkCredentials(applied.tree().leaves());
    } catch (MlsException bad) {
      throw new InvalidCommitException(CommitRule.LEAF_DOES_NOT_FIT, "the path's leaf", bad);
    }
  }

  private EpochStart enter(
      AuthenticatedContent authenticated,
      LeafIndex committer,
      Optional<UpdatePath> path,
      ProposalsApplied applied,
      GroupContext provisional,
      List<CommittedProposal> proposals)
      throws MlsException {
    CipherSuite suite = before.suite();
    byte[] tag = authenticated.confirmationTag().orElseThrow();
    byte[] input = authenticated.confirmedTranscriptHashInput();
    GroupContext context =
        provisional.confirmed(
            TranscriptHash.confirmed(suite.kdf(), before.interimTranscriptHash(), input));
    TreeKeys keys = before.keys().copy();
    try {
      takeOwnUpdate(keys, proposals);
      keys.forgetBlank(applied.tree());
      Secret commitSecret = commitSecret(keys, committer, path, applied, provisional);
      EpochSecrets secrets = secrets(commitSecret, applied, context);
      if (!suite
          .kdf()
          .verifyMac(secrets.confirmationKey(), context.confirmedTranscriptHash(), tag)) {
        secrets.erase();
        throw new MlsException(Failure.BAD_TAG, "the commit's confirmation tag does not match");
      }
      return next(suite, context, applied, keys, secrets, tag, settings.limits());
    } catch (MlsException bad) {
      keys.erase();
      throw bad;
    }
  }

  private void takeOwnUpdate(TreeKeys keys, List<CommittedProposal> proposals) throws MlsException {
    for (CommittedProposal each : proposals) {
      if (each.proposal() instanceof Proposal.Update update && each.proposer().equals(keys.own())) {
        Secret leafKey =
            pending
                .leafKey(update)
                .orElseThrow(
                    () ->
                        new MlsException(
                            Failure.UNKNOWN_PROPOSAL, "the key of our Update is not at hand"));
        keys.put(keys.own().node(), leafKey.copy());
      }
    }
  }

  /** What the path's root gives; its private keys go into {@code keys}. */
  private Secret commitSecret(
      TreeKeys keys,
      LeafIndex committer,
      Optional<UpdatePath> path,
      ProposalsApplied applied,
      GroupContext provisional)
      throws InvalidCommitException {
    if (path.isEmpty()) {
      return Secret.zero(before.suite().kdf().hashLength());
    }
    try {
      PathSecrets.Derived derived =
          new PathSecrets(before.suite())
              .open(
                  applied.tree(),
                  keys,
                  committer,
                  path.get(),
                  applied.addedPlaces(),
                  provisional.toOctets());
      derived.moveInto(keys);
      return derived.commitSecret();
    } catch (MlsException bad) {
      throw new InvalidCommitException(CommitRule.PATH, "the path's secrets", bad);
    }
  }

  /** Erases {@code commitSecret}, whatever comes of it. */
  private EpochSecrets secrets(Secret commitSecret, ProposalsApplied applied, GroupContext context)
      throws MlsException {
    try {
      Secret pskSecret = pskSecret(before.suite(), applied.psks(), psks);
      KeySchedule schedule = new KeySchedule(before.suite());
      Secret joiner = schedule.joinerSecret(before.secrets().init(), commitSecret, context);
      EpochSecrets secrets = schedule.epoch(joiner, pskSecret, context);
      joiner.erase();
      pskSecret.erase();
      return secrets;
    } finally {
      commitSecret.erase();
    }
  }

  static EpochStart next(
      CipherSuite suite,
      GroupContext context,
      ProposalsApplied applied,
      TreeKeys keys,
      EpochSecrets secrets,
      byte[] confirmationTag,
      RatchetLimits limits) {
    byte[] interim =
        TranscriptHash.interim(suite.kdf(), context.confirmedTranscriptHash(), confirmationTag);
    SecretTree ratchets =
        new SecretTree(suite, limits, applied.tree().leafCount(), secrets.takeEncryptionSecret());
    return new EpochStart(
        new Epoch(suite, context, applied.tree(), keys, secrets, interim), ratchets);
  }

  /** The psk_secret of keys that {@code lookup} must know. */
  static Secret pskSecret(CipherSuite suite, List<PreSharedKeyId> ids, PskSecret.Lookup lookup)
      throws MlsException {
    List<Secret> keys = new ArrayList<>();
    for (PreSharedKeyId id : ids) {
      keys.add(
          lookup
              .find(id)
              .orElseThrow(
                  () ->
                      new MlsException(Failure.UNKNOWN_PSK, "a pre-shared key is not known here")));
    }
    Secret pskSecret = PskSecret.of(suite.kdf(), ids, keys);
    keys.forEach(Secret::erase);
    return pskSecret;
  }
}

package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.HashReference;
import io.postern.mls.crypto.HpkeKeyPair;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.AuthenticatedContent;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.FramedContent;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.MessageKey;
import io.postern.mls.schedule.PskSecret;
import io.postern.mls.schedule.SecretTree;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Credential;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.LeafNodeSource;
import io.postern.mls.tree.Lifetime;
import io.postern.mls.tree.RatchetTree;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One member's view of a group: octets in, values out, and its state saved and restored as octets.
 * Knows no network, no store, no clock. Not for several threads: one owner at a time.
 *
 * <pre>
 *   octets ─► stage() ─► StagedCommit ─► application agrees ─► merge() ─► next epoch
 *                               └──────► application refuses ─► drop()    nothing happened
 * </pre>
 */
public final class MlsGroup {
  private final GroupSettings settings;
  private final SignatureKeyPair signer;
  private final SecureRandom random;
  private final PendingProposals pending;
  private final KeptEpochs kept;
  private Epoch epoch;
  private boolean erased;

  private MlsGroup(
      GroupState state, SignatureKeyPair signer, GroupSettings settings, SecureRandom random) {
    this.epoch = state.epoch();
    this.kept = state.kept();
    this.pending = state.pending();
    this.signer = signer;
    this.settings = settings;
    this.random = random;
  }

  private static MlsGroup begin(
      Epoch epoch,
      SecretTree ratchets,
      SignatureKeyPair signer,
      GroupSettings settings,
      SecureRandom random) {
    GroupState state =
        new GroupState(
            epoch,
            new PendingProposals(),
            KeptEpochs.of(MessageEpoch.of(epoch, ratchets), List.of()));
    return new MlsGroup(state, signer, settings, random);
  }

  // Beginning

  /**
   * A new group with its creator as only member, in epoch 0. RFC 9420 §11.
   *
   * @throws MlsException {@code INVALID_LEAF} if the creator's leaf does not fit its own group
   */
  public static MlsGroup create(
      CipherSuite suite,
      byte[] groupId,
      SignatureKeyPair signer,
      Credential credential,
      Capabilities capabilities,
      Lifetime lifetime,
      Extensions leafExtensions,
      Extensions contextExtensions,
      SecureRandom random)
      throws MlsException {
    return create(
        suite,
        groupId,
        signer,
        credential,
        capabilities,
        lifetime,
        leafExtensions,
        contextExtensions,
        GroupSettings.XMTP,
        random);
  }

  /** The same with settings of one's own. */
  public static MlsGroup create(
      CipherSuite suite,
      byte[] groupId,
      SignatureKeyPair signer,
      Credential credential,
      Capabilities capabilities,
      Lifetime lifetime,
      Extensions leafExtensions,
      Extensions contextExtensions,
      GroupSettings settings,
      SecureRandom random)
      throws MlsException {
    HpkeKeyPair pair = suite.kem().generateKeyPair(random);
    LeafNode leaf =
        LeafNode.forKeyPackage(
            suite, signer, pair.publicKey(), credential, capabilities, lifetime, leafExtensions);
    EpochStart start =
        NewGroup.begin(
            suite, groupId, leaf, pair.privateKey(), contextExtensions, settings.limits(), random);
    return begin(start.epoch(), start.ratchets(), signer, settings, random);
  }

  /**
   * Joins by a welcome that brings its ratchet tree. The private keys stay the caller's. RFC 9420
   * §12.4.3.1.
   *
   * @throws MlsException {@code INVALID_WELCOME}, {@code INVALID_TREE}, {@code INVALID_LEAF},
   *     {@code BAD_SIGNATURE}, {@code BAD_TAG}, {@code UNDECRYPTABLE}, or {@code UNKNOWN_PSK} if
   *     the welcome names pre-shared keys
   */
  public static JoinedGroup join(
      Welcome welcome,
      KeyPackage own,
      Secret initPrivateKey,
      Secret encryptionPrivateKey,
      SignatureKeyPair signer,
      SecureRandom random)
      throws MlsException {
    OwnKeyPackage keys = new OwnKeyPackage(own, initPrivateKey, encryptionPrivateKey);
    return join(
        welcome, keys, signer, Optional.empty(), PskSecret.Lookup.NONE, GroupSettings.XMTP, random);
  }

  /** The same with a random generator of its own. */
  public static JoinedGroup join(
      Welcome welcome,
      KeyPackage own,
      Secret initPrivateKey,
      Secret encryptionPrivateKey,
      SignatureKeyPair signer)
      throws MlsException {
    return join(welcome, own, initPrivateKey, encryptionPrivateKey, signer, new SecureRandom());
  }

  /** The same with a tree that came another way, pre-shared keys, and settings of one's own. */
  public static JoinedGroup join(
      Welcome welcome,
      OwnKeyPackage own,
      SignatureKeyPair signer,
      Optional<RatchetTree> tree,
      PskSecret.Lookup psks,
      GroupSettings settings,
      SecureRandom random)
      throws MlsException {
    WelcomeReader.Read read =
        new WelcomeReader(own, signer, psks, settings.limits()).read(welcome, tree);
    MlsGroup group = begin(read.epoch(), read.ratchets(), signer, settings, random);
    return new JoinedGroup(group, read.adder().index(), read.adder().leaf());
  }

  /**
   * The group that {@link #epochState} and {@link #ratchetState} saved.
   *
   * @throws MlsException {@code BAD_STATE} if the octets are not such, or the two do not belong
   *     together
   */
  public static MlsGroup restore(
      byte[] epochState, byte[] ratchetState, SignatureKeyPair signer, SecureRandom random)
      throws MlsException {
    return restore(epochState, ratchetState, signer, GroupSettings.XMTP, random);
  }

  /** The same with a random generator of its own. */
  public static MlsGroup restore(byte[] epochState, byte[] ratchetState, SignatureKeyPair signer)
      throws MlsException {
    return restore(epochState, ratchetState, signer, new SecureRandom());
  }

  /** The same with settings of one's own. */
  public static MlsGroup restore(
      byte[] epochState,
      byte[] ratchetState,
      SignatureKeyPair signer,
      GroupSettings settings,
      SecureRandom random)
      throws MlsException {
    return new MlsGroup(
        GroupState.read(epochState, ratchetState, settings.limits()), signer, settings, random);
  }

  /**
   * What changes only when an epoch begins or a standalone proposal comes. Holds secrets: seal it,
   * wipe the array.
   */
  public byte[] epochState() {
    return state().epochOctets();
  }

  /** What changes with each message. Holds secrets: seal it, wipe the array. */
  public byte[] ratchetState() {
    return state().ratchetOctets();
  }

  private GroupState state() {
    requireUnerased();
    return new GroupState(epoch, pending, kept);
  }

  // What it is

  /** The cipher suite. */
  public CipherSuite suite() {
    return epoch.suite();
  }

  /** The group's id. */
  public byte[] groupId() {
    return epoch.context().groupId();
  }

  /** The current epoch; for an inactive group the last one that it saw from inside. */
  public long epoch() {
    return epoch.context().epoch();
  }

  /**
   * False once this member was removed. What is left can be saved, restored and asked who was in
   * the group; it reads and writes nothing.
   */
  public boolean isActive() {
    requireUnerased();
    return epoch.secrets().isMember();
  }

  /** Everybody, this member included, by ascending place. */
  public List<Member> members() {
    return members(epoch.tree());
  }

  static List<Member> members(RatchetTree tree) {
    List<Member> members = new ArrayList<>();
    for (LeafIndex index : tree.occupied()) {
      members.add(new Member(index, tree.leaf(index).orElseThrow()));
    }
    return List.copyOf(members);
  }

  /** The member at that place, if it is not blank. */
  public Optional<Member> member(LeafIndex index) {
    return epoch.tree().leaf(index).map(leaf -> new Member(index, leaf));
  }

  /** This member's place. */
  public LeafIndex ownIndex() {
    return epoch.keys().own();
  }

  /** This member's leaf. */
  public LeafNode ownLeaf() {
    return epoch.tree().leaf(ownIndex()).orElseThrow();
  }

  /** The group's extensions in this epoch. */
  public Extensions contextExtensions() {
    return epoch.context().extensions();
  }

  /** The whole context of this epoch. */
  public GroupContext context() {
    return epoch.context();
  }

  /** The tree's hash. */
  public byte[] treeHash() {
    return epoch.context().treeHash();
  }

  /** The resumption key of this epoch, a copy for the caller. RFC 9420 §8.4. */
  public Secret resumptionPsk() throws MlsException {
    requireActive();
    return epoch.secrets().resumptionPsk().copy();
  }

  /** Equal among members that agree on the epoch. RFC 9420 §8.7. */
  public byte[] epochAuthenticator() {
    requireUnerased();
    return epoch.secrets().authenticator();
  }

  /** {@code MLS-Exporter}. RFC 9420 §8.5. */
  public Secret export(String label, byte[] context, int length) throws MlsException {
    requireActive();
    return epoch.secrets().export(suite().kdf(), label, context, length);
  }

  /** Standalone proposals received or sent in this epoch. */
  public List<ReceivedProposal> pendingProposals() {
    return pending.list();
  }

  /** What it takes to choose key packages for Adds. */
  public FreeKeys freeKeys() {
    return new FreeKeys(epoch.tree());
  }

  // Application messages

  /**
   * Encrypts one application message, without padding or authenticated data. Its generation is
   * spent from now on: save {@link #ratchetState} before the octets leave.
   *
   * @return the {@code MLSMessage} to send
   * @throws MlsException {@code INACTIVE}
   */
  public byte[] encrypt(byte[] plaintext) throws MlsException {
    requireActive();
    AuthenticatedContent signed = output().sign(new FramedContent.Application(plaintext));
    MessageKey key = kept.current().ratchets().application(ownIndex()).spendNext();
    return output().seal(signed, key);
  }

  /**
   * Decrypts an application message of the current or a kept past epoch and spends its key. A
   * failure changes nothing. A message of our own that this state does not know, since it is older
   * than what was sent, is read like any other: it turns our own ratchet, so that its generation is
   * not used again.
   *
   * @throws MlsException {@code WRONG_GROUP}, {@code WRONG_EPOCH_FUTURE}, {@code EPOCH_TOO_OLD},
   *     {@code GENERATION_SPENT}, {@code TOO_FAR_AHEAD}, {@code UNKNOWN_SENDER}, {@code
   *     UNDECRYPTABLE}, {@code BAD_SIGNATURE}, {@code MALFORMED}, {@code INACTIVE}, or {@code
   *     UNSUPPORTED} if it is no application message
   */
  public ApplicationMessage decrypt(PrivateMessage message) throws MlsException {
    requireActive();
    if (message.contentType() != ContentType.APPLICATION) {
      throw new MlsException(
          Failure.UNSUPPORTED, "expected an application message, got a " + message.contentType());
    }
    MessageEpoch messageEpoch = intake().epochOf(message);
    MessageEpoch.Opened opened = messageEpoch.open(message);
    long generation = opened.claim().key().generation();
    opened.claim().spend();
    FramedContent content = opened.content().content();
    if (!(content.body() instanceof FramedContent.Application application)) {
      throw new IllegalStateException("the body is not of the content type");
    }
    return new ApplicationMessage(
        opened.sender().index(),
        opened.sender().leaf(),
        content.authenticatedData(),
        application.data(),
        message.epoch(),
        generation);
  }

  // Commits

  /**
   * Checks a commit and prepares the epoch that it leads to. Changes nothing, so it may be repeated
   * with the same octets.
   *
   * @throws MlsException {@code WRONG_GROUP}, {@code WRONG_EPOCH_FUTURE}, {@code EPOCH_TOO_OLD},
   *     {@code OWN_COMMIT}, {@code INVALID_COMMIT} (an {@link InvalidCommitException}), {@code
   *     UNKNOWN_PROPOSAL}, {@code BAD_TAG}, {@code INACTIVE}, {@code UNSUPPORTED}, or what {@link
   *     #decrypt} throws
   */
  public StagedCommit stage(PrivateMessage message) throws MlsException {
    return stage(message, PskSecret.Lookup.NONE);
  }

  /** The same for either framing. */
  public StagedCommit stage(MlsMessage message) throws MlsException {
    return stage(message, PskSecret.Lookup.NONE);
  }

  /** The same with pre-shared keys that PreSharedKey proposals may name. */
  public StagedCommit stage(MlsMessage message, PskSecret.Lookup psks) throws MlsException {
    if (message instanceof MlsMessage.OfPrivate framed) {
      return stage(framed.message(), psks);
    }
    if (message instanceof MlsMessage.OfPublic framed) {
      requireActive();
      MessageIntake.Authored authored = intake().open(framed.message());
      return transition(psks).stage(authored.content(), authored.author());
    }
    throw new MlsException(Failure.UNSUPPORTED, "expected a commit, got a " + message.wireFormat());
  }

  private StagedCommit stage(PrivateMessage message, PskSecret.Lookup psks) throws MlsException {
    requireActive();
    intake().requireHandshake(message, ContentType.COMMIT);
    if (kept.current().senderData(message).leaf().equals(ownIndex())) {
      throw MessageIntake.ownMessage();
    }
    MessageEpoch.Opened opened = kept.current().open(message);
    try {
      return transition(psks).stage(opened.content(), opened.sender().index());
    } finally {
      opened.claim().drop();
    }
  }

  private CommitTransition transition(PskSecret.Lookup psks) {
    return new CommitTransition(epoch, pending, psks, settings);
  }

  /**
   * Makes a commit of these proposals in that order, with a path; without proposals it renews our
   * keys. The group stays in its epoch; a handshake generation is spent, so save {@link
   * #ratchetState} before the octets leave.
   *
   * @throws MlsException an {@link InvalidCommitException} if the proposals break a rule, {@code
   *     INACTIVE}
   */
  public OwnCommit commit(List<Proposal> proposals) throws MlsException {
    return commitMixed(
        proposals.stream().<ProposalOrReference>map(ProposalOrReference.ByValue::new).toList());
  }

  /** The same with standalone proposals among them, by name. */
  public OwnCommit commitMixed(List<ProposalOrReference> proposals) throws MlsException {
    requireActive();
    CommitBuilder builder = new CommitBuilder(epoch, pending, signer, random, settings);
    CommitBuilder.Prepared prepared = builder.prepare(proposals);
    MessageKey key = kept.current().ratchets().handshake(ownIndex()).spendNext();
    return builder.build(prepared, key, PskSecret.Lookup.NONE);
  }

  /**
   * Enters the epoch that a staged commit leads to, or, if it removes us, becomes inactive. Old
   * secrets are erased; if it removes us, all of them.
   *
   * @throws MlsException {@code STALE} if it was staged from another epoch
   */
  public void merge(StagedCommit staged) throws MlsException {
    requireActive();
    if (!staged.isBasedOn(epoch)) {
      throw new MlsException(
          Failure.STALE,
          "the commit leads to epoch " + staged.epoch() + ", the group is in " + epoch());
    }
    Optional<EpochStart> next = staged.spend();
    pending.clear();
    if (next.isEmpty()) {
      epoch.leave();
      kept.erase();
      return;
    }
    epoch.erase();
    epoch = next.get().epoch();
    kept.enter(MessageEpoch.of(epoch, next.get().ratchets()), settings.pastEpochs());
  }

  /**
   * Wipes every secret that this object holds: of the current epoch, of past ones, of proposals of
   * our own. The signature key and staged commits stay the caller's. What was saved can be restored
   * into another object; this one is of no use any more. Doing it twice does no harm.
   */
  public void erase() {
    erased = true;
    epoch.erase();
    kept.erase();
    pending.clear();
  }

  // Standalone proposals

  /**
   * Takes a member's standalone proposal, so that a commit may name it. Its key is spent.
   *
   * @throws MlsException as {@link #openProposal} and {@link #keepProposal}
   */
  public ReceivedProposal receiveProposal(MlsMessage message) throws MlsException {
    ReceivedProposal received = openProposal(message);
    keepProposal(received);
    return received;
  }

  /**
   * Reads a member's standalone proposal, for the application to judge. Its key is spent, even if a
   * rule is broken, so that no other message can use it; no commit may name it before {@link
   * #keepProposal}.
   *
   * @throws MlsException as {@link #stage(MlsMessage)}
   */
  public ReceivedProposal openProposal(MlsMessage message) throws MlsException {
    if (message instanceof MlsMessage.OfPrivate framed) {
      requireActive();
      intake().requireHandshake(framed.message(), ContentType.PROPOSAL);
      MessageEpoch.Opened opened = kept.current().open(framed.message());
      opened.claim().spend();
      return checked(opened.content(), opened.sender().index());
    }
    if (message instanceof MlsMessage.OfPublic framed) {
      requireActive();
      MessageIntake.Authored authored = intake().open(framed.message());
      return checked(authored.content(), authored.author());
    }
    throw new MlsException(
        Failure.UNSUPPORTED, "expected a proposal, got a " + message.wireFormat());
  }

  /**
   * Reads a member's standalone proposal and forgets it. Its key is spent, so that no other message
   * can use it.
   *
   * @throws MlsException as {@link #stage(MlsMessage)}
   */
  public void passOverProposal(MlsMessage message) throws MlsException {
    if (!(message instanceof MlsMessage.OfPrivate framed)) {
      throw new MlsException(
          Failure.UNSUPPORTED, "expected an encrypted proposal, got a " + message.wireFormat());
    }
    requireActive();
    intake().requireHandshake(framed.message(), ContentType.PROPOSAL);
    kept.current().open(framed.message()).claim().spend();
  }

  /**
   * Lets commits of this epoch name a proposal that was opened in it.
   *
   * @throws MlsException an {@link InvalidCommitException} if its sender has too many already
   */
  public void keepProposal(ReceivedProposal opened) throws MlsException {
    requireActive();
    pending.put(opened.reference(), opened.proposal(), opened.sender(), Optional.empty());
  }

  private ReceivedProposal checked(AuthenticatedContent content, LeafIndex author)
      throws MlsException {
    if (!(content.content().body() instanceof FramedContent.Proposed proposed)) {
      throw new MlsException(Failure.UNSUPPORTED, "expected a proposal");
    }
    ProposalCheck.checkAlone(suite(), groupId(), epoch.tree(), proposed.proposal(), author);
    HashReference reference = content.proposalReference(suite());
    return new ReceivedProposal(reference, proposed.proposal(), author);
  }

  /**
   * Makes a standalone proposal. A handshake generation is spent: save both states before the
   * octets leave.
   *
   * @throws MlsException an {@link InvalidCommitException} if it breaks a rule by itself, {@code
   *     INACTIVE}
   */
  public OwnProposal propose(Proposal proposal) throws MlsException {
    return propose(proposal, Optional.empty());
  }

  /**
   * Proposes a new leaf for ourselves with a fresh encryption key, all else unchanged. RFC 9420
   * §12.1.2.
   */
  public OwnProposal proposeUpdate() throws MlsException {
    HpkeKeyPair pair = suite().kem().generateKeyPair(random);
    LeafNode leaf =
        ownLeaf()
            .renewed(
                suite(),
                signer,
                pair.publicKey(),
                new LeafNodeSource.InUpdate(),
                groupId(),
                ownIndex());
    return propose(new Proposal.Update(leaf), Optional.of(pair.privateKey()));
  }

  private OwnProposal propose(Proposal proposal, Optional<Secret> leafKey) throws MlsException {
    requireActive();
    ProposalCheck.checkAlone(suite(), groupId(), epoch.tree(), proposal, ownIndex());
    AuthenticatedContent signed = output().sign(new FramedContent.Proposed(proposal));
    MessageKey key = kept.current().ratchets().handshake(ownIndex()).spendNext();
    HashReference reference = signed.proposalReference(suite());
    pending.put(reference, proposal, ownIndex(), leafKey);
    return new OwnProposal(output().seal(signed, key), reference);
  }

  private void requireUnerased() {
    if (erased) {
      throw new IllegalStateException("the group was erased; restore it from what was saved");
    }
  }

  private void requireActive() throws MlsException {
    if (!isActive()) {
      throw new MlsException(Failure.INACTIVE, "this member was removed from the group");
    }
  }

  private MessageIntake intake() {
    return new MessageIntake(epoch, kept);
  }

  private MessageOutput output() {
    return new MessageOutput(epoch, signer, random);
  }
}

package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.HashReference;
import io.postern.mls.crypto.HpkeCiphertext;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.schedule.PreSharedKeyId;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.LeafNodeSource;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.tree.RequiredCapabilities;
import io.postern.mls.tree.UpdatePath;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Mallory is a member with all keys; each test breaks one rule, and Alice must name it and stay as
 * she is.
 */
class CommitRuleTest {
  private final Client alice = new Client("alice");
  private final Client mallory = new Client("mallory");
  private final Client bob = new Client("bob");
  private final Client carol = new Client("carol");
  private MlsGroup ofAlice;
  private MlsGroup ofMallory;
  private Forger forger;

  @BeforeEach
  void aGroupOfThree() throws MlsException {
    ofAlice = alice.create();
    OwnKeyPackage malloryKeys = mallory.keyPackage();
    OwnCommit commit =
        ofAlice.commit(List.of(Client.add(malloryKeys), Client.add(bob.keyPackage())));
    ofAlice.merge(commit.staged());
    ofMallory = mallory.join(commit.welcome().orElseThrow(), malloryKeys);
    forger = new Forger(ofMallory, mallory.signer);
  }

  /** Neither Alice takes such a commit, nor would Mallory's own engine have made it. */
  private void breaks(CommitRule rule, Proposal... proposals) throws MlsException {
    List<Proposal> list = List.of(proposals);
    breaksBy(rule, forger.commit(list, Optional.empty()));
    byte[] before = ofMallory.ratchetState();
    assertThatThrownBy(() -> ofMallory.commit(list))
        .asInstanceOf(type(InvalidCommitException.class))
        .returns(rule, InvalidCommitException::rule);
    assertThat(ofMallory.ratchetState()).isEqualTo(before);
  }

  private void breaksBy(CommitRule rule, byte[] octets) throws MlsException {
    byte[] epoch = ofAlice.epochState();
    assertThatThrownBy(() -> ofAlice.stage(MlsMessage.read(octets)))
        .asInstanceOf(type(InvalidCommitException.class))
        .returns(rule, InvalidCommitException::rule)
        .returns(Failure.INVALID_COMMIT, MlsException::failure);
    assertThat(ofAlice.epochState()).isEqualTo(epoch);
    assertThat(ofAlice.epoch()).isEqualTo(1);
  }

  private void fails(Failure failure, byte[] octets) {
    assertThatThrownBy(() -> ofAlice.stage(MlsMessage.read(octets)))
        .asInstanceOf(type(MlsException.class))
        .returns(failure, MlsException::failure);
  }

  private static Proposal psk(PreSharedKeyId id) {
    return new Proposal.PreSharedKey(id);
  }

  private static Proposal context(Extension... extensions) {
    return new Proposal.GroupContextExtensions(Extensions.of(extensions));
  }

  @Test
  void refusesAnUpdateOfTheCommitter() throws MlsException {
    LeafNode leaf = forger.leaf(new LeafNodeSource.InUpdate(), forger.freshKey(), forger.own());

    breaks(CommitRule.COMMITTER_UPDATES_ITSELF, new Proposal.Update(leaf));
  }

  @Test
  void refusesARemoveOfTheCommitter() throws MlsException {
    breaks(CommitRule.COMMITTER_REMOVES_ITSELF, new Proposal.Remove(forger.own()));
  }

  @Test
  void refusesTwoChangesOfOneLeaf() throws MlsException {
    Proposal remove = new Proposal.Remove(new LeafIndex(2));

    breaks(CommitRule.LEAF_CHANGED_TWICE, remove, remove);
  }

  @Test
  void refusesToAddAClientTwice() throws MlsException {
    breaks(
        CommitRule.CLIENT_ADDED_TWICE,
        Client.add(carol.keyPackage()),
        Client.add(carol.keyPackage()));
  }

  @Test
  void refusesToAddAMember() throws MlsException {
    breaks(CommitRule.MEMBER_ADDED_AGAIN, Client.add(bob.keyPackage()));
  }

  @Test
  void refusesOnePreSharedKeyTwice() throws MlsException {
    Proposal psk = psk(PreSharedKeyId.external(new byte[4], new byte[32]));

    breaks(CommitRule.PSK_TWICE, psk, psk);
  }

  @Test
  void refusesANonceOfAnotherLength() throws MlsException {
    breaks(CommitRule.PSK_FORM, psk(PreSharedKeyId.external(new byte[4], new byte[31])));
  }

  @Test
  void refusesAResumptionKeyForBranching() throws MlsException {
    byte[] id =
        new TlsWriter()
            .uint8(2)
            .uint8(3)
            .opaque(new byte[4])
            .uint64(0)
            .opaque(new byte[32])
            .toOctets();

    breaks(CommitRule.PSK_FORM, psk(PreSharedKeyId.read(new TlsReader(id))));
  }

  @Test
  void refusesAPreSharedKeyThatNobodyKnows() {
    Proposal unknown = psk(PreSharedKeyId.external(new byte[4], new byte[32]));

    fails(Failure.UNKNOWN_PSK, forger.commit(List.of(unknown), Optional.empty()));
  }

  @Test
  void refusesTwoListsOfContextExtensions() throws MlsException {
    breaks(CommitRule.CONTEXT_EXTENSIONS_TWICE, context(), context());
  }

  @Test
  void refusesAReInitAmongOthers() throws MlsException {
    Proposal reInit = new Proposal.ReInit(new byte[16], 1, 3, Extensions.NONE);

    breaks(CommitRule.REINIT_NOT_ALONE, reInit, new Proposal.Remove(new LeafIndex(2)));
  }

  @Test
  void doesNotServeAReInit() {
    Proposal reInit = new Proposal.ReInit(new byte[16], 1, 3, Extensions.NONE);

    fails(Failure.UNSUPPORTED, forger.commit(List.of(reInit), Optional.empty()));
  }

  @Test
  void refusesAnExternalInitByAMember() throws MlsException {
    breaks(CommitRule.EXTERNAL_INIT_BY_MEMBER, new Proposal.ExternalInit(new byte[32]));
  }

  @Test
  void refusesAProposalThatAMemberDoesNotSupport() throws MlsException {
    breaks(CommitRule.PROPOSAL_TYPE, new Proposal.AppDataUpdate(0x8000, Optional.of(new byte[3])));
  }

  @Test
  void refusesAKeyPackageOfAnotherSuite() throws MlsException {
    OwnKeyPackage other =
        OwnKeyPackage.create(
            CipherSuite.X25519_AES128GCM_SHA256_ED25519,
            carol.signer,
            carol.credential(),
            carol.capabilities,
            Client.LIFETIME,
            Extensions.NONE,
            Extensions.NONE,
            carol.random);

    breaks(CommitRule.ADD_KEY_PACKAGE, Client.add(other));
  }

  @Test
  void refusesAKeyPackageThatItsClientDidNotSign() throws MlsException {
    KeyPackage ofCarol = carol.keyPackage().keyPackage();
    KeyPackage forged =
        KeyPackage.sign(
            Client.SUITE, mallory.signer, forger.freshKey(), ofCarol.leaf(), Extensions.NONE);

    breaks(CommitRule.ADD_KEY_PACKAGE, new Proposal.Add(forged));
  }

  @Test
  void refusesAClientThatLacksWhatTheGroupRequires() throws MlsException {
    Capabilities poor =
        new Capabilities(List.of(1), List.of(3), List.of(0x000a), List.of(), List.of(1));

    breaks(CommitRule.LEAF_DOES_NOT_FIT, Client.add(new Client("poor", poor).keyPackage()));
  }

  @Test
  void refusesAClientThatDoesNotListTheSuite() throws MlsException {
    Capabilities other =
        new Capabilities(
            List.of(1), List.of(1), List.of(Client.KNOWN, 0x000a), List.of(), List.of(1));

    breaks(CommitRule.LEAF_DOES_NOT_FIT, Client.add(new Client("other", other).keyPackage()));
  }

  @Test
  void refusesALeafExtensionThatIsNotListed() throws MlsException {
    OwnKeyPackage odd =
        carol.keyPackage(
            Extensions.of(new Extension(Client.UNKNOWN, new byte[0])), Extensions.NONE);

    breaks(CommitRule.LEAF_DOES_NOT_FIT, Client.add(odd));
  }

  @Test
  void refusesAClientThatCannotReadTheMembersCredentials() throws MlsException {
    Capabilities blind =
        new Capabilities(
            List.of(1), List.of(3), List.of(Client.KNOWN, 0x000a), List.of(), List.of(2));

    breaks(CommitRule.LEAF_DOES_NOT_FIT, Client.add(new Client("blind", blind).keyPackage()));
  }

  @Test
  void refusesAnEncryptionKeyThatIsInTheTreeAlready() throws MlsException {
    byte[] taken = ofAlice.ownLeaf().encryptionKey();
    LeafNode leaf =
        LeafNode.forKeyPackage(
            Client.SUITE,
            carol.signer,
            taken,
            carol.credential(),
            carol.capabilities,
            Client.LIFETIME,
            Extensions.NONE);
    KeyPackage copied =
        KeyPackage.sign(Client.SUITE, carol.signer, forger.freshKey(), leaf, Extensions.NONE);

    breaks(CommitRule.KEYS_NOT_UNIQUE, new Proposal.Add(copied));
  }

  private static KeyPackage keyPackage(Client client, byte[] initKey, byte[] encryptionKey) {
    LeafNode leaf =
        LeafNode.forKeyPackage(
            Client.SUITE,
            client.signer,
            encryptionKey,
            client.credential(),
            client.capabilities,
            Client.LIFETIME,
            Extensions.NONE);
    return KeyPackage.sign(Client.SUITE, client.signer, initKey, leaf, Extensions.NONE);
  }

  @Test
  void refusesAnEncryptionKeyOfAnotherLength() throws MlsException {
    KeyPackage odd = keyPackage(carol, forger.freshKey(), new byte[31]);

    breaks(CommitRule.LEAF_DOES_NOT_FIT, new Proposal.Add(odd));
  }

  @Test
  void refusesAnInitKeyTwice() throws MlsException {
    byte[] initKey = forger.freshKey();
    KeyPackage first = keyPackage(carol, initKey, forger.freshKey());
    KeyPackage second = keyPackage(new Client("dave"), initKey, forger.freshKey());

    breaks(CommitRule.KEYS_NOT_UNIQUE, new Proposal.Add(first), new Proposal.Add(second));
  }

  @Test
  void refusesAnInitKeyThatIsSomebodysLeafKey() throws MlsException {
    KeyPackage ofMember = keyPackage(carol, ofAlice.ownLeaf().encryptionKey(), forger.freshKey());
    byte[] newcomersKey = forger.freshKey();
    KeyPackage newcomer = keyPackage(new Client("dave"), forger.freshKey(), newcomersKey);
    KeyPackage ofNewcomer = keyPackage(carol, newcomersKey, forger.freshKey());

    breaks(CommitRule.KEYS_NOT_UNIQUE, new Proposal.Add(ofMember));
    breaks(CommitRule.KEYS_NOT_UNIQUE, new Proposal.Add(ofNewcomer), new Proposal.Add(newcomer));
  }

  @Test
  void doesNotItselfAddALeafWithTheKeyOfAParent() throws MlsException {
    KeyPackage odd = keyPackage(carol, forger.freshKey(), forger.parentKey());

    assertThatThrownBy(() -> ofAlice.commit(List.of(new Proposal.Add(odd))))
        .asInstanceOf(type(InvalidCommitException.class))
        .returns(CommitRule.KEYS_NOT_UNIQUE, InvalidCommitException::rule);
    // Nobody else would refuse it; all is in order but for the forged tag.
    fails(Failure.BAD_TAG, forger.commit(List.of(new Proposal.Add(odd)), Optional.empty()));
  }

  @Test
  void tellsWhichKeyPackagesBringFreeKeys() throws MlsException {
    byte[] leafKey = forger.freshKey();
    byte[] initKey = forger.freshKey();
    FreeKeys free = ofAlice.freeKeys();

    assertThat(free.take(keyPackage(carol, initKey, leafKey))).isTrue();
    assertThat(free.take(keyPackage(carol, initKey, forger.freshKey()))).isFalse();
    assertThat(free.take(keyPackage(carol, forger.freshKey(), leafKey))).isFalse();
    assertThat(free.take(keyPackage(carol, leafKey, forger.freshKey()))).isFalse();
    assertThat(free.take(keyPackage(carol, forger.freshKey(), forger.parentKey()))).isFalse();
    assertThat(free.take(keyPackage(carol, ofAlice.ownLeaf().encryptionKey(), forger.freshKey())))
        .isFalse();
    assertThat(free.take(keyPackage(carol, forger.freshKey(), forger.freshKey()))).isTrue();
  }

  @Test
  void takesTheKeyOfSomebodyWhoIsRemoved() throws MlsException {
    byte[] ofBob = ofAlice.member(new LeafIndex(2)).orElseThrow().leaf().encryptionKey();
    List<Proposal> proposals =
        List.of(
            new Proposal.Remove(new LeafIndex(2)),
            new Proposal.Add(keyPackage(carol, ofBob, forger.freshKey())));

    ofAlice.merge(ofAlice.stage(MlsMessage.read(ofMallory.commit(proposals).octets())));

    assertThat(ofAlice.member(new LeafIndex(2)).orElseThrow().leaf().credential())
        .isEqualTo(carol.credential());
  }

  @Test
  void refusesAPathKeyThatIsAnInitKey() throws MlsException {
    KeyPackage added = keyPackage(carol, forger.freshKey(), forger.freshKey());
    List<Proposal> add = List.of(new Proposal.Add(added));
    UpdatePath path = forger.path(add);
    List<UpdatePath.Node> nodes = new ArrayList<>(path.nodes());
    nodes.set(0, new UpdatePath.Node(added.initKey(), path.nodes().get(0).encryptedPathSecrets()));

    breaksBy(CommitRule.PATH, forger.commit(add, Optional.of(new UpdatePath(path.leaf(), nodes))));
  }

  @Test
  void refusesAPathKeyThatIsALeafKey() throws MlsException {
    UpdatePath path = forger.path(List.of());
    List<HpkeCiphertext> secrets = path.nodes().get(0).encryptedPathSecrets();

    // Her own old key is no other's, and yet other clients refuse it.
    breaksBy(
        CommitRule.PATH,
        changed(path, new UpdatePath.Node(forger.ownLeaf().encryptionKey(), secrets)));
    breaksBy(
        CommitRule.PATH,
        changed(path, new UpdatePath.Node(ofAlice.ownLeaf().encryptionKey(), secrets)));
    breaksBy(
        CommitRule.PATH,
        changed(path, new UpdatePath.Node(path.nodes().get(1).encryptionKey(), secrets)));
  }

  @Test
  void takesAPathThatRepeatsItsOwnFormerParentKeys() throws MlsException {
    byte[] pathSecret = new byte[32];
    for (int i = 0; i < 2; i++) {
      SecureRandom repeated = repeatingFirst(pathSecret);
      MlsGroup again =
          MlsGroup.restore(
              ofMallory.epochState(), ofMallory.ratchetState(), mallory.signer, repeated);
      OwnCommit commit = again.commit(List.of());
      ofAlice.merge(ofAlice.stage(MlsMessage.read(commit.octets())));
      again.merge(commit.staged());
      ofMallory = again;
    }

    assertThat(ofAlice.epochAuthenticator()).isEqualTo(ofMallory.epochAuthenticator());
  }

  /** Whose first octets are known; a path secret is what a commit asks for first. */
  private static SecureRandom repeatingFirst(byte[] first) {
    return new SecureRandom() {
      private boolean asked;

      @Override
      public void nextBytes(byte[] octets) {
        if (asked) {
          super.nextBytes(octets);
        } else {
          System.arraycopy(first, 0, octets, 0, octets.length);
          asked = true;
        }
      }
    };
  }

  @Test
  void refusesMoreMembersThanATreeHolds() throws MlsException {
    Proposal add = Client.add(carol.keyPackage());
    Proposal[] adds = new Proposal[RatchetTree.MAX_LEAVES - 2];
    Arrays.fill(adds, add);

    breaks(CommitRule.TOO_MANY_MEMBERS, adds);
  }

  @Test
  void refusesALeafExtensionThatBelongsElsewhere() throws MlsException {
    OwnKeyPackage odd =
        carol.keyPackage(
            Extensions.of(new Extension(Extension.LAST_RESORT, new byte[0])), Extensions.NONE);

    breaks(CommitRule.LEAF_DOES_NOT_FIT, Client.add(odd));
  }

  // A leaf of another owner: for the application to refuse, so it must be told.

  @Test
  void tellsOfAPathLeafThatIsAnothers() throws MlsException {
    byte[] octets = forger.commitWithLeafOf(carol);

    StagedCommit staged = ofAlice.stage(MlsMessage.read(octets));

    assertThat(staged.sender()).isEqualTo(forger.own());
    assertThat(staged.pathLeaf().orElseThrow().credential()).isEqualTo(carol.credential());
    assertThat(staged.pathLeaf().orElseThrow().signatureKey()).isEqualTo(carol.signer.publicKey());
    assertThat(ofAlice.member(staged.sender()).orElseThrow().leaf().credential())
        .isEqualTo(mallory.credential());
  }

  @Test
  void refusesAPathLeafWithTheSignatureKeyOfAnotherMember() throws MlsException {
    breaksBy(CommitRule.PATH, forger.commitWithLeafOf(bob));
  }

  @Test
  void refusesAPathLeafThatCannotReadTheMembersCredentials() throws MlsException {
    Capabilities blind =
        new Capabilities(
            List.of(1), List.of(3), List.of(Client.KNOWN, 0x000a), List.of(), List.of(2));

    // Basic credentials are not required here, but in use.
    OwnCommit nothing =
        ofMallory.commit(List.of(new Proposal.GroupContextExtensions(Extensions.NONE)));
    ofAlice.merge(ofAlice.stage(MlsMessage.read(nothing.octets())));
    ofMallory.merge(nothing.staged());
    Forger blinded = new Forger(ofMallory, mallory.signer);

    assertThatThrownBy(
            () -> ofAlice.stage(MlsMessage.read(blinded.commitWithLeafOf(new Client("b", blind)))))
        .asInstanceOf(type(InvalidCommitException.class))
        .returns(CommitRule.LEAF_DOES_NOT_FIT, InvalidCommitException::rule);
  }

  @Test
  void tellsOfAnUpdateThatIsAnothers() throws MlsException {
    LeafNode ofCarol =
        carol
            .keyPackage()
            .keyPackage()
            .leaf()
            .renewed(
                Client.SUITE,
                carol.signer,
                forger.freshKey(),
                new LeafNodeSource.InUpdate(),
                Client.GROUP_ID,
                forger.own());

    ReceivedProposal received =
        ofAlice.receiveProposal(MlsMessage.read(forger.propose(new Proposal.Update(ofCarol))));
    StagedCommit staged =
        ofAlice
            .commitMixed(List.of(new ProposalOrReference.ByReference(received.reference())))
            .staged();

    assertThat(staged.updatedLeaves()).containsExactly(new Member(forger.own(), ofCarol));
    assertThat(staged.proposals().get(0).proposer()).isEqualTo(forger.own());
    assertThat(ofAlice.member(forger.own()).orElseThrow().leaf().credential())
        .isEqualTo(mallory.credential());
  }

  @Test
  void refusesAnUpdateWithTheSignatureKeyOfAnotherMember() throws MlsException {
    LeafNode ofBob =
        bob.keyPackage()
            .keyPackage()
            .leaf()
            .renewed(
                Client.SUITE,
                bob.signer,
                forger.freshKey(),
                new LeafNodeSource.InUpdate(),
                Client.GROUP_ID,
                forger.own());
    ReceivedProposal received =
        ofAlice.receiveProposal(MlsMessage.read(forger.propose(new Proposal.Update(ofBob))));

    assertThatThrownBy(
            () ->
                ofAlice.commitMixed(
                    List.of(new ProposalOrReference.ByReference(received.reference()))))
        .asInstanceOf(type(InvalidCommitException.class))
        .returns(CommitRule.KEYS_NOT_UNIQUE, InvalidCommitException::rule);
  }

  @Test
  void refusesAPathWhoseSecretsLeadToOtherKeys() throws MlsException {
    breaksBy(CommitRule.PATH, forger.commit(List.of(), Optional.of(forger.pathWithOtherSecrets())));
  }

  @Test
  void aMemberWithoutAUsableKeyDoesNotStopOurCommits() throws MlsException {
    KeyPackage unusable = keyPackage(carol, forger.freshKey(), new byte[32]);
    OwnCommit add = ofAlice.commit(List.of(new Proposal.Add(unusable)));
    ofMallory.merge(ofMallory.stage(MlsMessage.read(add.octets())));
    ofAlice.merge(add.staged());

    OwnCommit update = ofAlice.commit(List.of());
    ofMallory.merge(ofMallory.stage(MlsMessage.read(update.octets())));
    ofAlice.merge(update.staged());

    assertThat(ofMallory.epochAuthenticator()).isEqualTo(ofAlice.epochAuthenticator());
  }

  @Test
  void refusesARemoveOfNobody() throws MlsException {
    breaks(CommitRule.REMOVE_OF_NOBODY, new Proposal.Remove(new LeafIndex(3)));
    breaks(CommitRule.REMOVE_OF_NOBODY, new Proposal.Remove(new LeafIndex(0xffff_ffffL)));
  }

  @Test
  void refusesAContextExtensionThatIsNotRequired() throws MlsException {
    breaks(CommitRule.CONTEXT_EXTENSIONS, context(new Extension(Client.KNOWN, new byte[1])));
  }

  @Test
  void refusesAContextExtensionThatAMemberDoesNotSupport() throws MlsException {
    Extension required =
        new RequiredCapabilities(List.of(Client.UNKNOWN), List.of(), List.of()).toExtension();

    breaks(
        CommitRule.CONTEXT_EXTENSIONS,
        context(required, new Extension(Client.UNKNOWN, new byte[1])));
  }

  @Test
  void refusesRequirementsThatCannotBeRead() throws MlsException {
    breaks(
        CommitRule.CONTEXT_EXTENSIONS,
        context(new Extension(Extension.REQUIRED_CAPABILITIES, new byte[1])));
  }

  @Test
  void refusesProposalsThatItNeverReceived() {
    ProposalOrReference unknown =
        new ProposalOrReference.ByReference(new HashReference(new byte[32]));

    fails(Failure.UNKNOWN_PROPOSAL, forger.commitMixed(List.of(unknown), Optional.empty()));
  }

  @Test
  void refusesACommitWithoutProposalsAndPath() throws MlsException {
    breaksBy(CommitRule.PATH_MISSING, forger.commit(List.of(), Optional.empty()));
  }

  @Test
  void refusesARemoveWithoutPath() throws MlsException {
    Proposal remove = new Proposal.Remove(new LeafIndex(2));

    breaksBy(CommitRule.PATH_MISSING, forger.commit(List.of(remove), Optional.empty()));
  }

  @Test
  void refusesNewContextExtensionsWithoutPath() throws MlsException {
    Proposal change = new Proposal.GroupContextExtensions(Client.context("changed"));

    breaksBy(CommitRule.PATH_MISSING, forger.commit(List.of(change), Optional.empty()));
  }

  @Test
  void refusesAPathLeafOfAnotherSource() throws MlsException {
    UpdatePath path = forger.path(List.of());
    LeafNode leaf = forger.leaf(new LeafNodeSource.InUpdate(), forger.freshKey(), forger.own());

    breaksBy(
        CommitRule.PATH_LEAF,
        forger.commit(List.of(), Optional.of(new UpdatePath(leaf, path.nodes()))));
  }

  @Test
  void refusesAPathLeafSignedForAnotherPlace() throws MlsException {
    UpdatePath path = forger.path(List.of());
    LeafNode leaf = forger.leaf(path.leaf().source(), forger.freshKey(), new LeafIndex(2));

    breaksBy(
        CommitRule.PATH_LEAF,
        forger.commit(List.of(), Optional.of(new UpdatePath(leaf, path.nodes()))));
  }

  @Test
  void refusesAPathLeafThatKeepsItsKey() throws MlsException {
    UpdatePath path = forger.path(List.of());
    LeafNode leaf =
        forger.leaf(path.leaf().source(), forger.ownLeaf().encryptionKey(), forger.own());

    breaksBy(
        CommitRule.PATH_KEEPS_KEY,
        forger.commit(List.of(), Optional.of(new UpdatePath(leaf, path.nodes()))));
  }

  @Test
  void refusesAPathLeafWithSomebodyElsesKey() throws MlsException {
    UpdatePath path = forger.path(List.of());
    LeafNode leaf =
        forger.leaf(path.leaf().source(), ofAlice.ownLeaf().encryptionKey(), forger.own());

    breaksBy(
        CommitRule.PATH, forger.commit(List.of(), Optional.of(new UpdatePath(leaf, path.nodes()))));
  }

  @Test
  void refusesAPathLeafWithAnotherParentHash() throws MlsException {
    UpdatePath path = forger.path(List.of());
    LeafNode leaf =
        forger.leaf(
            new LeafNodeSource.InCommit(new byte[32]), path.leaf().encryptionKey(), forger.own());

    breaksBy(
        CommitRule.PATH, forger.commit(List.of(), Optional.of(new UpdatePath(leaf, path.nodes()))));
  }

  @Test
  void refusesAPathThatIsTooShort() throws MlsException {
    UpdatePath path = forger.path(List.of());
    UpdatePath shorter =
        new UpdatePath(path.leaf(), path.nodes().subList(0, path.nodes().size() - 1));

    breaksBy(CommitRule.PATH, forger.commit(List.of(), Optional.of(shorter)));
  }

  @Test
  void refusesAPathWithASecretTooMany() throws MlsException {
    UpdatePath path = forger.path(List.of());
    UpdatePath.Node first = path.nodes().get(0);
    List<HpkeCiphertext> doubled = new ArrayList<>(first.encryptedPathSecrets());
    doubled.add(doubled.get(0));

    breaksBy(CommitRule.PATH, changed(path, new UpdatePath.Node(first.encryptionKey(), doubled)));
  }

  @Test
  void refusesAPathWithAKeyOfAnotherLength() throws MlsException {
    UpdatePath path = forger.path(List.of());
    UpdatePath.Node first = path.nodes().get(0);

    breaksBy(
        CommitRule.PATH,
        changed(path, new UpdatePath.Node(new byte[31], first.encryptedPathSecrets())));
  }

  @Test
  void refusesAPathWhoseSecretsCannotBeOpened() throws MlsException {
    UpdatePath path = forger.path(List.of());
    UpdatePath.Node first = path.nodes().get(0);
    List<HpkeCiphertext> spoilt =
        first.encryptedPathSecrets().stream()
            .map(each -> new HpkeCiphertext(each.kemOutput(), new byte[each.ciphertext().length]))
            .toList();

    breaksBy(CommitRule.PATH, changed(path, new UpdatePath.Node(first.encryptionKey(), spoilt)));
  }

  @Test
  void refusesAPathMadeForOtherProposals() throws MlsException {
    UpdatePath path = forger.path(List.of());
    Proposal change = new Proposal.GroupContextExtensions(Client.context("changed"));

    breaksBy(CommitRule.PATH, forger.commit(List.of(change), Optional.of(path)));
  }

  private byte[] changed(UpdatePath path, UpdatePath.Node first) {
    List<UpdatePath.Node> nodes = new ArrayList<>(path.nodes());
    nodes.set(0, first);
    return forger.commit(List.of(), Optional.of(new UpdatePath(path.leaf(), nodes)));
  }

  @Test
  void refusesAConfirmationTagThatDoesNotMatch() throws MlsException {
    fails(Failure.BAD_TAG, forger.commit(List.of(), Optional.of(forger.path(List.of()))));
  }

  @Test
  void refusesACommitThatItsSenderDidNotSign() throws MlsException {
    Forger stranger = new Forger(ofMallory, carol.signer);

    fails(Failure.BAD_SIGNATURE, stranger.commit(List.of(), Optional.empty()));
  }

  @Test
  void knowsItsOwnCommit() throws MlsException {
    OwnCommit own = ofAlice.commit(List.of());

    fails(Failure.OWN_COMMIT, own.octets());
  }

  @Test
  void takesAnAddWithoutPath() throws MlsException {
    Proposal add = Client.add(carol.keyPackage());

    // Everything but the forged tag is in order.
    fails(Failure.BAD_TAG, forger.commit(List.of(add), Optional.empty()));
  }

  private void refusesProposal(CommitRule rule, Proposal proposal) throws MlsException {
    byte[] epoch = ofAlice.epochState();
    byte[] octets = forger.propose(proposal);
    assertThatThrownBy(() -> ofAlice.receiveProposal(MlsMessage.read(octets)))
        .asInstanceOf(type(InvalidCommitException.class))
        .returns(rule, InvalidCommitException::rule);
    assertThat(ofAlice.epochState()).isEqualTo(epoch);
  }

  @Test
  void refusesAnUpdateLeafOfAnotherSource() throws MlsException {
    LeafNode leaf =
        forger.leaf(new LeafNodeSource.InCommit(new byte[0]), forger.freshKey(), forger.own());

    refusesProposal(CommitRule.UPDATE_LEAF, new Proposal.Update(leaf));
  }

  @Test
  void refusesAnUpdateLeafSignedForAnotherPlace() throws MlsException {
    LeafNode leaf = forger.leaf(new LeafNodeSource.InUpdate(), forger.freshKey(), new LeafIndex(2));

    refusesProposal(CommitRule.UPDATE_LEAF, new Proposal.Update(leaf));
  }

  @Test
  void refusesAnUpdateThatKeepsItsKey() throws MlsException {
    LeafNode leaf =
        forger.leaf(new LeafNodeSource.InUpdate(), forger.ownLeaf().encryptionKey(), forger.own());

    refusesProposal(CommitRule.UPDATE_KEEPS_KEY, new Proposal.Update(leaf));
  }
}

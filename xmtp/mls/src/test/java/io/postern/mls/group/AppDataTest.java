package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.HashReference;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.RequiredCapabilities;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * AppDataUpdate (draft-ietf-mls-extensions §4.7) between members of ours. The application of these
 * tests writes down what it was told: component and data of each update.
 */
class AppDataTest {
  private static final int COMPONENT = 0x8004;
  private static final int DICTIONARY = Extension.APP_DATA_DICTIONARY;
  private static final byte[] UNWANTED = {(byte) 0xff};

  private static final Capabilities CAPABILITIES =
      new Capabilities(
          List.of(1),
          List.of(3),
          List.of(Client.KNOWN, DICTIONARY, Extension.LAST_RESORT),
          List.of(8),
          List.of(1));

  private static final GroupSettings SETTINGS = GroupSettings.XMTP.with(AppDataTest::writeDown);

  private final Client alice = new Client("alice", CAPABILITIES, SETTINGS);
  private final Client bob = new Client("bob", CAPABILITIES, SETTINGS);
  private MlsGroup ofAlice;
  private MlsGroup ofBob;

  private static byte[] writeDown(Optional<byte[]> before, List<Proposal.AppDataUpdate> updates)
      throws AppDataFold.RefusedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(before.orElse(new byte[0]));
    for (Proposal.AppDataUpdate update : updates) {
      byte[] data = update.update().orElse(new byte[0]);
      if (data.length > 0 && data[0] == UNWANTED[0]) {
        throw new AppDataFold.RefusedException("not wanted");
      }
      out.write(update.componentId());
      out.writeBytes(data);
    }
    return out.toByteArray();
  }

  @BeforeEach
  void aliceAddsBob() throws MlsException {
    ofAlice = alice.create();
    OwnKeyPackage own = bob.keyPackage();
    OwnCommit commit = ofAlice.commit(List.of(Client.add(own)));
    ofAlice.merge(commit.staged());
    ofBob = bob.join(commit.welcome().orElseThrow(), own);
  }

  private static Proposal update(int component, int... data) {
    byte[] octets = new byte[data.length];
    for (int i = 0; i < data.length; i++) {
      octets[i] = (byte) data[i];
    }
    return new Proposal.AppDataUpdate(component, Optional.of(octets));
  }

  private static Proposal remove(int component) {
    return new Proposal.AppDataUpdate(component, Optional.empty());
  }

  private static Proposal context(Extension... extensions) {
    return new Proposal.GroupContextExtensions(Extensions.of(extensions));
  }

  private static Extension required(Integer... proposals) {
    return new RequiredCapabilities(List.of(Client.KNOWN), List.of(proposals), List.of(1))
        .toExtension();
  }

  private void merged(OwnCommit commit) throws MlsException {
    StagedCommit staged = ofBob.stage(MlsMessage.read(commit.octets()));
    ofBob.merge(StagedCommit.fromOctets(staged.toOctets()));
    ofAlice.merge(StagedCommit.fromOctets(commit.staged().toOctets()));
    assertThat(ofBob.epochAuthenticator()).isEqualTo(ofAlice.epochAuthenticator());
  }

  private void breaks(CommitRule rule, Proposal... proposals) throws MlsException {
    byte[] before = ofAlice.ratchetState();
    assertThatThrownBy(() -> ofAlice.commit(List.of(proposals)))
        .asInstanceOf(type(InvalidCommitException.class))
        .returns(rule, InvalidCommitException::rule);
    assertThat(ofAlice.ratchetState()).isEqualTo(before);
    byte[] octets = new Forger(ofBob, bob.signer).commit(List.of(proposals), Optional.empty());
    byte[] state = ofAlice.epochState();
    assertThatThrownBy(() -> ofAlice.stage(MlsMessage.read(octets)))
        .asInstanceOf(type(InvalidCommitException.class))
        .returns(rule, InvalidCommitException::rule);
    assertThat(ofAlice.epochState()).isEqualTo(state);
  }

  private Optional<byte[]> dictionary() {
    return ofBob.contextExtensions().find(DICTIONARY);
  }

  @Test
  void beginsTheDictionaryAtTheEndOfTheContext() throws MlsException {
    merged(ofAlice.commit(List.of(update(COMPONENT, 7))));

    assertThat(dictionary()).contains(new byte[] {4, 7});
    assertThat(ofBob.contextExtensions().types())
        .containsExactly(Extension.REQUIRED_CAPABILITIES, Client.KNOWN, DICTIONARY);
  }

  @Test
  void goesOnFromTheDictionaryThatIsThere() throws MlsException {
    merged(ofAlice.commit(List.of(update(COMPONENT, 7))));
    ofBob = bob.restored(ofBob);

    merged(ofAlice.commit(List.of(update(COMPONENT, 8), update(1, 9), update(COMPONENT, 6))));

    assertThat(dictionary()).contains(new byte[] {4, 7, 4, 8, 1, 9, 4, 6});
  }

  @Test
  void namesWhatAnotherMemberHasProposed() throws MlsException {
    OwnProposal proposal = ofBob.propose(update(COMPONENT, 5));
    ReceivedProposal received = ofAlice.receiveProposal(MlsMessage.read(proposal.octets()));
    ofAlice = alice.restored(ofAlice);
    List<ProposalOrReference> mixed = new ArrayList<>();
    mixed.add(new ProposalOrReference.ByReference(received.reference()));
    mixed.add(new ProposalOrReference.ByValue(update(COMPONENT, 6)));

    merged(ofAlice.commitMixed(mixed));

    assertThat(dictionary()).contains(new byte[] {4, 5, 4, 6});
    assertThat(ofAlice.pendingProposals()).isEmpty();
  }

  @Test
  void namesAProposalOfItsOwn() throws MlsException {
    OwnProposal proposal = ofAlice.propose(update(COMPONENT, 5));
    ofBob.receiveProposal(MlsMessage.read(proposal.octets()));

    merged(ofAlice.commitMixed(List.of(new ProposalOrReference.ByReference(proposal.reference()))));

    assertThat(dictionary()).contains(new byte[] {4, 5});
  }

  @Test
  void updatesWhatWasThereBeforeAListOfContextExtensions() throws MlsException {
    merged(ofAlice.commit(List.of(update(COMPONENT, 7))));
    Extension known = new Extension(Client.KNOWN, new byte[] {1});

    merged(ofAlice.commit(List.of(context(required(), known), update(COMPONENT, 8))));

    assertThat(dictionary()).contains(new byte[] {4, 7, 4, 8});
    assertThat(ofBob.contextExtensions().types())
        .containsExactly(Extension.REQUIRED_CAPABILITIES, Client.KNOWN, DICTIONARY);
  }

  @Test
  void welcomesANewcomerWithTheNewDictionary() throws MlsException {
    Client carol = new Client("carol", CAPABILITIES, SETTINGS);
    OwnKeyPackage own = carol.keyPackage();
    OwnCommit commit = ofAlice.commit(List.of(Client.add(own), update(COMPONENT, 3)));
    MlsGroup ofCarol = carol.join(commit.welcome().orElseThrow(), own);

    merged(commit);

    assertThat(ofCarol.epochAuthenticator()).isEqualTo(ofBob.epochAuthenticator());
    assertThat(ofCarol.contextExtensions().find(DICTIONARY)).contains(new byte[] {4, 3});
  }

  @Test
  void removesTheOneThing() throws MlsException {
    merged(ofAlice.commit(List.of(remove(COMPONENT), update(1, 2))));

    assertThat(dictionary()).contains(new byte[] {4, 1, 2});
  }

  @Test
  void refusesAnUpdateBeforeAListOfContextExtensions() throws MlsException {
    breaks(
        CommitRule.APP_DATA_BEFORE_CONTEXT_EXTENSIONS,
        update(COMPONENT, 1),
        new Proposal.GroupContextExtensions(Client.context("second")));
  }

  /** Ours names the dictionary, so that it may stand in the list. */
  private static Proposal contextWithDictionary() {
    return context(
        new RequiredCapabilities(List.of(Client.KNOWN, DICTIONARY), List.of(), List.of(1))
            .toExtension(),
        new Extension(Client.KNOWN, new byte[] {1}),
        new Extension(DICTIONARY, new byte[] {3, (byte) (COMPONENT >> 8), (byte) COMPONENT, 0}));
  }

  @Test
  void refusesToRemoveWhatADictionaryBesideItDoesNotHave() throws MlsException {
    Proposal list = contextWithDictionary();

    breaks(CommitRule.APP_DATA_REMOVAL_OF_NOTHING, list, remove(1));
    breaks(
        CommitRule.APP_DATA_REMOVAL_OF_NOTHING, list, update(2, 1), remove(COMPONENT), remove(1));
  }

  @Test
  void refusesAListWithADictionaryThatCannotBeRead() throws MlsException {
    for (byte[] octets : List.of(new byte[0], new byte[] {3, 0, 1}, new byte[] {3, 0, 1, 0, 0})) {
      breaks(
          CommitRule.CONTEXT_EXTENSIONS,
          context(
              new RequiredCapabilities(List.of(DICTIONARY), List.of(), List.of(1)).toExtension(),
              new Extension(DICTIONARY, octets)),
          remove(1));
    }
  }

  @Test
  void refusesToRemoveWhatIsUpdatedBesideAListWithADictionary() throws MlsException {
    Proposal list = contextWithDictionary();
    CommitRule rule = CommitRule.APP_DATA_REMOVED_AMONG_OTHERS;

    breaks(rule, list, update(COMPONENT, 1), remove(COMPONENT));
    breaks(rule, list, remove(COMPONENT), update(COMPONENT, 1));
    breaks(rule, list, remove(COMPONENT), remove(COMPONENT));
    merged(ofAlice.commit(List.of(list, remove(COMPONENT), update(1, 1), update(1, 2))));
  }

  /** The draft refuses it; the other clients do not look so far, and go on. */
  @Test
  void takesARemovalAmongUpdatesAsTheOthersDo() throws MlsException {
    merged(ofAlice.commit(List.of(update(COMPONENT, 1), remove(COMPONENT), remove(COMPONENT))));

    assertThat(dictionary()).contains(new byte[] {4, 1, 4, 4});
  }

  @Test
  void refusesAListThatChangesTheDictionaryWhereAllMustKnowUpdates() throws MlsException {
    breaks(
        CommitRule.CONTEXT_EXTENSIONS,
        context(
            new RequiredCapabilities(List.of(DICTIONARY), List.of(8), List.of(1)).toExtension(),
            new Extension(DICTIONARY, new byte[] {1})));
  }

  @Test
  void refusesWhatTheApplicationRefuses() throws MlsException {
    breaks(CommitRule.APP_DATA, new Proposal.AppDataUpdate(COMPONENT, Optional.of(UNWANTED)));
  }

  /** RFC 9420 §12.2: who goes with the commit never sees what it brings. */
  @Test
  void needsNoSupportOfWhoGoes() throws MlsException {
    merged(ofAlice.commit(List.of(Client.add(new Client("carol").keyPackage()))));
    LeafIndex carol = new LeafIndex(2);

    breaks(CommitRule.PROPOSAL_TYPE, update(COMPONENT, 1));
    merged(ofAlice.commit(List.of(new Proposal.Remove(carol), update(COMPONENT, 1))));

    assertThat(dictionary()).contains(new byte[] {4, 1});
  }

  @Test
  void doesNotServeItWithoutAnApplication() throws MlsException {
    byte[] commit = ofAlice.commit(List.of(update(COMPONENT, 1))).octets();
    MlsGroup plain =
        MlsGroup.restore(ofBob.epochState(), ofBob.ratchetState(), bob.signer, bob.random);

    assertThatThrownBy(() -> plain.stage(MlsMessage.read(commit)))
        .asInstanceOf(type(MlsException.class))
        .returns(Failure.UNSUPPORTED, MlsException::failure);
    assertThatThrownBy(() -> plain.commit(List.of(update(COMPONENT, 1))))
        .asInstanceOf(type(MlsException.class))
        .returns(Failure.UNSUPPORTED, MlsException::failure);
  }

  @Test
  void doesNotNameAProposalThatWasNotKept() throws MlsException {
    OwnProposal proposal = ofBob.propose(update(COMPONENT, 5));
    ReceivedProposal opened = ofAlice.openProposal(MlsMessage.read(proposal.octets()));
    List<ProposalOrReference> named =
        List.of(new ProposalOrReference.ByReference(opened.reference()));

    assertThatThrownBy(() -> ofAlice.commitMixed(named))
        .asInstanceOf(type(MlsException.class))
        .returns(Failure.UNKNOWN_PROPOSAL, MlsException::failure);
    assertThatThrownBy(() -> ofAlice.openProposal(MlsMessage.read(proposal.octets())))
        .as("its key is spent")
        .asInstanceOf(type(MlsException.class))
        .returns(Failure.GENERATION_SPENT, MlsException::failure);
    ofAlice.keepProposal(opened);
    merged(ofAlice.commitMixed(named));
    assertThat(dictionary()).contains(new byte[] {4, 5});
  }

  @Test
  void keepsSoManyProposalsOfOneSenderAndTheOthersRoom() throws MlsException {
    Proposal remove = remove(COMPONENT);
    for (int i = 0; i < PendingProposals.MAX_OF_SENDER; i++) {
      ofAlice.keepProposal(
          new ReceivedProposal(
              new HashReference(new byte[] {(byte) (i >> 8), (byte) i}), remove, ofBob.ownIndex()));
    }
    ReceivedProposal known = ofAlice.pendingProposals().get(0);

    ofAlice.keepProposal(known);
    assertThatThrownBy(
            () -> ofAlice.receiveProposal(MlsMessage.read(ofBob.propose(update(1, 2)).octets())))
        .asInstanceOf(type(InvalidCommitException.class))
        .returns(CommitRule.TOO_MANY_PROPOSALS, InvalidCommitException::rule);

    ofAlice.propose(update(1, 2));
    assertThat(ofAlice.pendingProposals()).hasSize(PendingProposals.MAX_OF_SENDER + 1);
  }

  private void keepLarge(int number, LeafIndex sender) throws MlsException {
    ofAlice.keepProposal(
        new ReceivedProposal(
            new HashReference(new byte[] {(byte) number}),
            new Proposal.AppDataUpdate(
                COMPONENT, Optional.of(new byte[PendingProposals.MAX_OCTETS / 8])),
            sender));
  }

  /** Whoever proposes: all of them are written with each that comes. */
  @Test
  void keepsSoManyOctetsOfAllUntilTheEpochEnds() throws MlsException {
    for (int i = 0; i < 7; i++) {
      keepLarge(i, new LeafIndex(i));
    }
    ofAlice = alice.restored(ofAlice);

    assertThatThrownBy(() -> keepLarge(7, new LeafIndex(7)))
        .asInstanceOf(type(InvalidCommitException.class))
        .returns(CommitRule.TOO_MANY_PROPOSALS, InvalidCommitException::rule);

    merged(ofAlice.commit(List.of()));
    keepLarge(8, ofBob.ownIndex());
    assertThat(ofAlice.pendingProposals()).hasSize(1);
  }
}

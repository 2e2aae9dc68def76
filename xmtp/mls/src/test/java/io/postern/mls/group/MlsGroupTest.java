package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.schedule.RatchetLimits;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNodeSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MlsGroupTest {
  private final Client alice = new Client("alice");
  private final Client bob = new Client("bob");
  private MlsGroup ofAlice;
  private MlsGroup ofBob;
  private OwnKeyPackage bobKeys;
  private byte[] welcome;

  @BeforeEach
  void aliceAddsBob() throws MlsException {
    ofAlice = alice.create();
    bobKeys = bob.keyPackage();
    OwnCommit commit = ofAlice.commit(List.of(Client.add(bobKeys)));
    ofAlice.merge(commit.staged());
    welcome = commit.welcome().orElseThrow();
    ofBob = bob.join(welcome, bobKeys);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertFails(ThrowingCallable call, Failure failure) {
    assertThatThrownBy(call)
        .asInstanceOf(type(MlsException.class))
        .returns(failure, MlsException::failure);
  }

  private void nextEpoch() throws MlsException {
    OwnCommit commit = ofAlice.commit(List.of());
    ofAlice.merge(commit.staged());
    ofBob.merge(ofBob.stage(MlsMessage.read(commit.octets())));
  }

  // Creating and joining

  @Test
  void beginsAloneInEpochZero() throws MlsException {
    MlsGroup group = alice.create();

    assertThat(group.epoch()).isZero();
    assertThat(group.members()).containsExactly(new Member(new LeafIndex(0), group.ownLeaf()));
    assertThat(group.ownLeaf().source())
        .isEqualTo(new LeafNodeSource.InKeyPackage(Client.LIFETIME));
    assertThat(group.contextExtensions()).isEqualTo(Client.context("first"));
    assertThat(group.isActive()).isTrue();
  }

  @Test
  void tellsWhoAddedUs() throws MlsException {
    JoinedGroup joined =
        MlsGroup.join(
            ((MlsMessage.OfWelcome) MlsMessage.read(welcome)).welcome(),
            bobKeys.keyPackage(),
            bobKeys.initPrivateKey(),
            bobKeys.encryptionPrivateKey(),
            bob.signer);

    assertThat(joined.adder()).isEqualTo(new LeafIndex(0));
    assertThat(joined.adderLeaf()).isEqualTo(ofAlice.ownLeaf());
    assertThat(joined.group().epochAuthenticator()).isEqualTo(ofAlice.epochAuthenticator());
  }

  @Test
  void joinsTwiceWithOneLastResortKeyPackage() throws MlsException {
    MlsGroup again = bob.join(welcome, bobKeys);

    assertThat(again.epochAuthenticator()).isEqualTo(ofAlice.epochAuthenticator());
    assertThat(bobKeys.initPrivateKey().isErased()).isFalse();
  }

  @Test
  void refusesAWelcomeForAnotherKeyPackage() {
    assertFails(() -> bob.join(welcome, bob.keyPackage()), Failure.INVALID_WELCOME);
  }

  @Test
  void refusesAWelcomeWithChangedOctets() {
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      byte[] changed = welcome.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> bob.join(changed, bobKeys)).isInstanceOf(MlsException.class);
    }
  }

  @Test
  void refusesKeysThatDoNotBelongToTheKeyPackage() {
    OwnKeyPackage other = bob.keyPackage();
    OwnKeyPackage mixed =
        new OwnKeyPackage(
            bobKeys.keyPackage(), bobKeys.initPrivateKey(), other.encryptionPrivateKey());

    assertFails(() -> bob.join(welcome, mixed), Failure.INVALID_WELCOME);
  }

  // Application messages

  @Test
  void readsWhatTheOtherWrote() throws MlsException {
    byte[] octets = ofAlice.encrypt(text("hello"));

    ApplicationMessage read = ofBob.decrypt(Client.message(octets));

    assertThat(read.content()).isEqualTo(text("hello"));
    assertThat(read.sender()).isEqualTo(new LeafIndex(0));
    assertThat(read.senderLeaf()).isEqualTo(ofAlice.ownLeaf());
    assertThat(read.authenticatedData()).isEmpty();
    assertThat(read.epoch()).isEqualTo(1);
    assertThat(read.generation()).isZero();
  }

  @Test
  void tellsItsHeaderWithoutKeys() throws MlsException {
    byte[] octets = ofAlice.encrypt(text("hello"));

    assertThat(PrivateMessage.peek(octets)).isEqualTo(Client.message(octets).header());
    assertThat(PrivateMessage.peek(octets).groupId()).isEqualTo(Client.GROUP_ID);
    assertThat(PrivateMessage.peek(octets).contentType()).isEqualTo(ContentType.APPLICATION);
    assertThat(PrivateMessage.peek(octets).epoch()).isEqualTo(1);
    assertThat(MlsMessage.header(ofAlice.commit(List.of()).octets()).contentType())
        .isEqualTo(ContentType.COMMIT);
  }

  @Test
  void readsAMessageOnce() throws MlsException {
    byte[] octets = ofAlice.encrypt(text("once"));
    ofBob.decrypt(Client.message(octets));

    assertFails(() -> ofBob.decrypt(Client.message(octets)), Failure.GENERATION_SPENT);
  }

  @Test
  void cannotReadItsOwn() throws MlsException {
    byte[] octets = ofAlice.encrypt(text("mine"));

    assertFails(() -> ofAlice.decrypt(Client.message(octets)), Failure.GENERATION_SPENT);
  }

  @Test
  void toleratesFiveMessagesOutOfOrderAndNotSix() throws MlsException {
    List<byte[]> sent = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      sent.add(ofAlice.encrypt(text("message " + i)));
    }

    ofBob.decrypt(Client.message(sent.get(6)));

    // next = 7: generations 2 to 5 and, were it not used, 6.
    assertFails(() -> ofBob.decrypt(Client.message(sent.get(1))), Failure.GENERATION_SPENT);
    for (int i : new int[] {4, 2, 5, 3}) {
      assertThat(ofBob.decrypt(Client.message(sent.get(i))).content())
          .isEqualTo(text("message " + i));
    }
  }

  @Test
  void refusesAGenerationTooFarAhead() throws MlsException {
    GroupSettings strict = new GroupSettings(new RatchetLimits(5, 3), 3);
    MlsGroup cautious =
        MlsGroup.restore(ofBob.epochState(), ofBob.ratchetState(), bob.signer, strict, bob.random);
    for (int i = 0; i < 4; i++) {
      ofAlice.encrypt(text("lost"));
    }
    byte[] fourth = ofAlice.encrypt(text("generation 4"));

    assertFails(() -> cautious.decrypt(Client.message(fourth)), Failure.TOO_FAR_AHEAD);
    assertThat(ofBob.decrypt(Client.message(fourth)).generation()).isEqualTo(4);
  }

  @Test
  void readsThreePastEpochsAndNoMore() throws MlsException {
    List<byte[]> sent = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sent.add(ofAlice.encrypt(text("epoch " + (1 + i))));
      nextEpoch();
    }
    ofBob = bob.restored(ofBob);

    assertThat(ofBob.epoch()).isEqualTo(6);
    assertFails(() -> ofBob.decrypt(Client.message(sent.get(1))), Failure.EPOCH_TOO_OLD);
    for (int i = 2; i < 5; i++) {
      assertThat(ofBob.decrypt(Client.message(sent.get(i))).content())
          .isEqualTo(text("epoch " + (1 + i)));
    }
  }

  @Test
  void tellsAMessageOfAFutureEpoch() throws MlsException {
    ofAlice.merge(ofAlice.commit(List.of()).staged());
    byte[] octets = ofAlice.encrypt(text("from the future"));

    assertFails(() -> ofBob.decrypt(Client.message(octets)), Failure.WRONG_EPOCH_FUTURE);
  }

  @Test
  void refusesAMessageOfAnotherGroup() throws MlsException {
    MlsGroup other =
        MlsGroup.create(
            Client.SUITE,
            text("another group id"),
            alice.signer,
            alice.credential(),
            Client.CAPABILITIES,
            Client.LIFETIME,
            Extensions.NONE,
            Extensions.NONE,
            alice.random);
    byte[] octets = other.encrypt(text("elsewhere"));

    assertFails(() -> ofBob.decrypt(Client.message(octets)), Failure.WRONG_GROUP);
  }

  @Test
  void aForgedMessageDoesNotMoveTheRatchet() throws MlsException {
    byte[] octets = ofAlice.encrypt(text("genuine"));
    byte[] before = ofBob.ratchetState();
    byte[] changed = octets.clone();
    changed[changed.length - 1] ^= 1;

    assertFails(() -> ofBob.decrypt(Client.message(changed)), Failure.UNDECRYPTABLE);

    assertThat(bob.restored(ofBob).decrypt(Client.message(octets)).content())
        .isEqualTo(text("genuine"));
    assertThat(before).hasSizeLessThanOrEqualTo(ofBob.ratchetState().length);
  }

  @Test
  void aMemberCannotSpendAnothersGenerations() throws MlsException {
    byte[] forged = new Forger(ofAlice, bob.signer).say(text("as alice, signed by bob"));
    byte[] genuine = ofAlice.encrypt(text("generation 0"));

    assertFails(() -> ofBob.decrypt(Client.message(forged)), Failure.BAD_SIGNATURE);

    assertThat(ofBob.decrypt(Client.message(genuine)).content()).isEqualTo(text("generation 0"));
  }

  @Test
  void refusesACommitWhereAMessageBelongs() throws MlsException {
    byte[] commit = ofAlice.commit(List.of()).octets();
    byte[] message = ofAlice.encrypt(text("no commit"));

    assertFails(() -> ofBob.decrypt(Client.message(commit)), Failure.UNSUPPORTED);
    assertFails(() -> ofBob.stage(MlsMessage.read(message)), Failure.UNSUPPORTED);
  }

  // Commits

  @Test
  void tellsWhatACommitWouldDo() throws MlsException {
    Client carol = new Client("carol");
    Extensions renamed = Client.context("renamed");
    List<Proposal> proposals =
        List.of(
            Client.add(carol.keyPackage()),
            new Proposal.GroupContextExtensions(renamed),
            new Proposal.Remove(new LeafIndex(1)));
    OwnCommit commit = ofAlice.commit(proposals);

    StagedCommit seen = ofBob.stage(MlsMessage.read(commit.octets()));

    for (StagedCommit staged : List.of(seen, commit.staged())) {
      assertThat(staged.sender()).isEqualTo(new LeafIndex(0));
      assertThat(staged.epoch()).isEqualTo(2);
      assertThat(staged.proposals()).extracting(CommittedProposal::proposal).isEqualTo(proposals);
      assertThat(staged.proposals()).allMatch(each -> each.proposer().equals(new LeafIndex(0)));
      // Removes come before adds, so Carol gets Bob's place. RFC 9420 §12.3.
      assertThat(staged.addedLeaves()).extracting(Member::index).containsExactly(new LeafIndex(1));
      assertThat(staged.removedLeaves())
          .containsExactly(new Member(new LeafIndex(1), bobKeys.keyPackage().leaf()));
      assertThat(staged.contextExtensions()).isEqualTo(renamed);
      assertThat(staged.pathLeaf().orElseThrow().extensions())
          .isEqualTo(ofAlice.ownLeaf().extensions());
      assertThat(staged.pathLeaf().orElseThrow().capabilities()).isEqualTo(Client.CAPABILITIES);
    }
    assertThat(seen.removesUs()).isTrue();
    assertThat(commit.staged().removesUs()).isFalse();
  }

  @Test
  void oneOfSeveralOwnCommitsOfAnEpochCanBeMerged() throws MlsException {
    OwnCommit first = ofAlice.commit(List.of());
    OwnCommit second = ofAlice.commit(List.of());

    assertThat(ofBob.stage(MlsMessage.read(first.octets())).epoch()).isEqualTo(2);
    ofBob.merge(ofBob.stage(MlsMessage.read(second.octets())));
    ofAlice.merge(second.staged());

    assertThat(ofAlice.epochAuthenticator()).isEqualTo(ofBob.epochAuthenticator());
    assertFails(() -> ofAlice.merge(first.staged()), Failure.STALE);
  }

  @Test
  void mergesAfterARestart() throws MlsException {
    OwnCommit commit = ofAlice.commit(List.of());
    byte[] staged = commit.staged().toOctets();
    MlsGroup restarted = alice.restored(ofAlice);

    restarted.merge(StagedCommit.fromOctets(staged));
    ofBob.merge(ofBob.stage(MlsMessage.read(commit.octets())));

    assertThat(restarted.epochAuthenticator()).isEqualTo(ofBob.epochAuthenticator());
    assertThat(ofBob.decrypt(Client.message(restarted.encrypt(text("back")))).content())
        .isEqualTo(text("back"));
  }

  @Test
  void doesNotMergeTheCommitOfAnotherGroupOrFork() throws MlsException {
    MlsGroup fork = alice.restored(ofAlice);
    fork.merge(fork.commit(List.of()).staged());
    OwnCommit ofFork = fork.commit(List.of());
    nextEpoch();

    assertThat(ofAlice.epoch()).isEqualTo(fork.epoch());
    assertFails(() -> ofAlice.merge(ofFork.staged()), Failure.STALE);
  }

  @Test
  void aRemovedMemberDoesNothingAnyMore() throws MlsException {
    OwnCommit commit = ofAlice.commit(List.of(new Proposal.Remove(new LeafIndex(1))));
    ofAlice.merge(commit.staged());
    ofBob.merge(ofBob.stage(MlsMessage.read(commit.octets())));
    byte[] after = ofAlice.encrypt(text("after"));

    MlsGroup restored = bob.restored(ofBob);

    assertThat(restored.isActive()).isFalse();
    assertFails(() -> restored.decrypt(Client.message(after)), Failure.INACTIVE);
    assertFails(() -> restored.commit(List.of()), Failure.INACTIVE);
    assertFails(() -> restored.encrypt(text("still here?")), Failure.INACTIVE);
    assertFails(() -> restored.proposeUpdate(), Failure.INACTIVE);
    assertFails(() -> restored.stage(MlsMessage.read(commit.octets())), Failure.INACTIVE);
    assertFails(() -> restored.export("label", new byte[0], 32), Failure.INACTIVE);
  }

  @Test
  void aNewcomerCannotReadWhatWasSaidBefore() throws MlsException {
    byte[] before = ofAlice.encrypt(text("before"));
    Client carol = new Client("carol");
    OwnKeyPackage own = carol.keyPackage();
    OwnCommit commit = ofAlice.commit(List.of(Client.add(own)));
    MlsGroup ofCarol = carol.join(commit.welcome().orElseThrow(), own);

    assertFails(() -> ofCarol.decrypt(Client.message(before)), Failure.EPOCH_TOO_OLD);
  }

  @Test
  void refusesACommitOfAPastEpochEvenIfItsMessagesAreKept() throws MlsException {
    byte[] late = ofAlice.commit(List.of()).octets();
    nextEpoch();

    assertFails(() -> ofBob.stage(MlsMessage.read(late)), Failure.EPOCH_TOO_OLD);
  }

  @Test
  void namesProposalsOfOthersInACommit() throws MlsException {
    OwnProposal proposal = ofBob.proposeUpdate();
    ReceivedProposal received = ofAlice.receiveProposal(MlsMessage.read(proposal.octets()));
    OwnCommit commit =
        ofAlice.commitMixed(List.of(new ProposalOrReference.ByReference(received.reference())));
    ofAlice.merge(commit.staged());

    MlsGroup restored = bob.restored(ofBob);
    StagedCommit staged = restored.stage(MlsMessage.read(commit.octets()));
    restored.merge(staged);

    assertThat(received.sender()).isEqualTo(new LeafIndex(1));
    assertThat(staged.updatedLeaves()).extracting(Member::index).containsExactly(new LeafIndex(1));
    assertThat(staged.proposals().get(0).byReference()).isTrue();
    assertThat(staged.proposals().get(0).proposer()).isEqualTo(new LeafIndex(1));
    assertThat(restored.epochAuthenticator()).isEqualTo(ofAlice.epochAuthenticator());
    assertThat(restored.pendingProposals()).isEmpty();
  }

  @Test
  void keepsTheOctetsOfUnknownExtensions() throws MlsException {
    byte[] odd = {0x40, 0x01, (byte) 0xff};
    Extensions extensions = Client.context("first").withLast(new Extension(Client.KNOWN, odd));
    OwnCommit commit = ofAlice.commit(List.of(new Proposal.GroupContextExtensions(extensions)));
    ofAlice.merge(commit.staged());
    ofBob.merge(ofBob.stage(MlsMessage.read(commit.octets())));

    assertThat(ofBob.contextExtensions().find(Client.KNOWN)).contains(odd);
    assertThat(bob.restored(ofBob).contextExtensions()).isEqualTo(extensions);
  }

  // Saved state

  @Test
  void aMessageChangesOnlyTheRatchetState() throws MlsException {
    byte[] epochState = ofAlice.epochState();
    byte[] ratchetState = ofAlice.ratchetState();

    ofAlice.encrypt(text("hello"));

    assertThat(ofAlice.epochState()).isEqualTo(epochState);
    assertThat(ofAlice.ratchetState()).isNotEqualTo(ratchetState);
  }

  @Test
  void aRestoredGroupNeverRepeatsAGeneration() throws MlsException {
    ofAlice.encrypt(text("0"));
    MlsGroup restored = alice.restored(ofAlice);

    ApplicationMessage read = ofBob.decrypt(Client.message(restored.encrypt(text("1"))));

    assertThat(read.generation()).isEqualTo(1);
  }

  @Test
  void refusesStatesThatDoNotBelongTogether() throws MlsException {
    byte[] epochState = ofAlice.epochState();
    nextEpoch();
    byte[] ratchetState = ofAlice.ratchetState();

    assertFails(() -> MlsGroup.restore(epochState, ratchetState, alice.signer), Failure.BAD_STATE);
  }

  @Test
  void refusesEveryTruncationOfItsState() throws MlsException {
    nextEpoch();
    ofBob.decrypt(Client.message(ofAlice.encrypt(text("hello"))));
    byte[] epochState = ofBob.epochState();
    byte[] ratchetState = ofBob.ratchetState();
    byte[] staged = ofBob.commit(List.of()).staged().toOctets();
    for (int length = 0; length < epochState.length; length++) {
      byte[] cut = Arrays.copyOf(epochState, length);
      assertFails(() -> MlsGroup.restore(cut, ratchetState, bob.signer), Failure.BAD_STATE);
    }
    for (int length = 0; length < ratchetState.length; length++) {
      byte[] cut = Arrays.copyOf(ratchetState, length);
      assertFails(() -> MlsGroup.restore(epochState, cut, bob.signer), Failure.BAD_STATE);
    }
    for (int length = 0; length < staged.length; length++) {
      byte[] cut = Arrays.copyOf(staged, length);
      assertFails(() -> StagedCommit.fromOctets(cut), Failure.BAD_STATE);
    }
  }

  @Test
  void meetsChangedStateWithItsOwnExceptionOnly() throws MlsException {
    nextEpoch();
    byte[] epochState = ofBob.epochState();
    byte[] ratchetState = ofBob.ratchetState();
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] changedEpoch = epochState.clone();
      byte[] changedRatchets = ratchetState.clone();
      byte[] target = random.nextBoolean() ? changedEpoch : changedRatchets;
      target[random.nextInt(target.length)] = (byte) random.nextInt();
      try {
        MlsGroup.restore(changedEpoch, changedRatchets, bob.signer).members();
      } catch (MlsException expected) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void keepsNoSecretInItsText() throws MlsException {
    StagedCommit staged = ofAlice.commit(List.of()).staged();

    assertThat(ofAlice.toString() + staged + alice.signer.seed())
        .doesNotContainPattern("[0-9a-f]{32}");
  }

  @Test
  void adoptsSettings() throws MlsException {
    GroupSettings noPast = new GroupSettings(RatchetLimits.XMTP, 0);
    MlsGroup forgetful =
        MlsGroup.restore(ofBob.epochState(), ofBob.ratchetState(), bob.signer, noPast, bob.random);
    byte[] sent = ofAlice.encrypt(text("late"));
    OwnCommit commit = ofAlice.commit(List.of());
    forgetful.merge(forgetful.stage(MlsMessage.read(commit.octets())));

    assertFails(() -> forgetful.decrypt(Client.message(sent)), Failure.EPOCH_TOO_OLD);
    assertThat(Optional.of(forgetful.epoch())).contains(2L);
  }
}

package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is no longer needed is zeros in memory, not only out of reach. RFC 9420 §9.2. */
class ForwardSecrecyTest {
  private final Client alice = new Client("alice");
  private final Client bob = new Client("bob");
  private MlsGroup ofAlice;
  private MlsGroup ofBob;

  @BeforeEach
  void aliceAddsBob() throws MlsException {
    ofAlice = alice.create();
    OwnKeyPackage bobKeys = bob.keyPackage();
    OwnCommit commit = ofAlice.commit(List.of(Client.add(bobKeys)));
    ofAlice.merge(commit.staged());
    ofBob = bob.join(commit.welcome().orElseThrow(), bobKeys);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void say(String text) throws MlsException {
    ofBob.decrypt(Client.message(ofAlice.encrypt(text(text))));
    ofAlice.decrypt(Client.message(ofBob.encrypt(text(text))));
  }

  private void nextEpoch() throws MlsException {
    OwnCommit commit = ofAlice.commit(List.of());
    ofAlice.merge(commit.staged());
    ofBob.merge(ofBob.stage(MlsMessage.read(commit.octets())));
  }

  private StagedCommit removalOfBob() throws MlsException {
    OwnCommit commit = ofAlice.commit(List.of(new Proposal.Remove(new LeafIndex(1))));
    ofAlice.merge(commit.staged());
    return ofBob.stage(MlsMessage.read(commit.octets()));
  }

  @Test
  void wipesAllThatItHolds() throws MlsException {
    say("epoch 1");
    nextEpoch();
    byte[] skipped = ofAlice.encrypt(text("overtaken"));
    say("epoch 2");
    ofBob.proposeUpdate();
    List<byte[]> secrets = ReachableSecrets.of(ofBob);

    ofBob.erase();
    ofBob.erase();

    // 8 of the epoch, 2 node keys, a proposal's key, and the ratchets of two epochs.
    assertThat(secrets).hasSizeGreaterThan(20);
    assertThat(ReachableSecrets.areZero(secrets)).isTrue();
    assertThat(ReachableSecrets.of(ofBob)).isEmpty();
    assertThatIllegalStateException().isThrownBy(ofBob::epochState);
    assertThatIllegalStateException().isThrownBy(ofBob::ratchetState);
    assertThatIllegalStateException().isThrownBy(ofBob::isActive);
    assertThatIllegalStateException().isThrownBy(ofBob::epochAuthenticator);
    assertThatIllegalStateException().isThrownBy(() -> ofBob.encrypt(text("from nowhere")));
    assertThatIllegalStateException().isThrownBy(() -> ofBob.decrypt(Client.message(skipped)));
    assertThatIllegalStateException().isThrownBy(() -> ofBob.commit(List.of()));
  }

  @Test
  void whatWasSavedOutlivesTheObject() throws MlsException {
    byte[] epochState = ofBob.epochState();
    byte[] ratchetState = ofBob.ratchetState();
    byte[] message = ofAlice.encrypt(text("later"));

    ofBob.erase();
    MlsGroup restored = MlsGroup.restore(epochState, ratchetState, bob.signer, bob.random);

    assertThat(restored.decrypt(Client.message(message)).content()).isEqualTo(text("later"));
  }

  @Test
  void spentGenerationsAreWiped() throws MlsException {
    say("opens the ratchets");
    List<byte[]> before = ReachableSecrets.of(ofBob);

    say("turns them");

    List<byte[]> gone = ReachableSecrets.without(before, ReachableSecrets.of(ofBob));
    assertThat(gone).hasSize(2);
    assertThat(ReachableSecrets.areZero(gone)).isTrue();
  }

  @Test
  void whatAnEpochLeavesBehindIsWipedAndThePastOnesAreThree() throws MlsException {
    List<byte[]> everHeld = new ArrayList<>();
    for (int epoch = 1; epoch < 8; epoch++) {
      say("epoch " + epoch);
      ofAlice.encrypt(text("never arrives"));
      everHeld.addAll(ReachableSecrets.of(ofAlice));
      everHeld.addAll(ReachableSecrets.of(ofBob));
      nextEpoch();
    }
    List<byte[]> held = ReachableSecrets.of(ofAlice);
    held.addAll(ReachableSecrets.of(ofBob));

    List<byte[]> gone = ReachableSecrets.without(everHeld, held);

    assertThat(gone).isNotEmpty();
    assertThat(ReachableSecrets.areZero(gone)).isTrue();
    assertThat(ReachableSecrets.areZero(held)).isFalse();
    ofAlice.erase();
    ofBob.erase();
    assertThat(ReachableSecrets.areZero(everHeld)).isTrue();
  }

  @Test
  void aCommitThatIsNotMergedIsWiped() throws MlsException {
    StagedCommit own = ofAlice.commit(List.of()).staged();
    StagedCommit others = ofAlice.stage(MlsMessage.read(ofBob.commit(List.of()).octets()));
    List<byte[]> secrets = ReachableSecrets.of(own);
    secrets.addAll(ReachableSecrets.of(others));

    own.drop();
    others.drop();

    assertThat(secrets).hasSizeGreaterThan(16);
    assertThat(ReachableSecrets.areZero(secrets)).isTrue();
    say("the group is as it was");
  }

  @Test
  void nothingIsLeftOfAGroupThatRemovedUs() throws MlsException {
    say("epoch 1");
    nextEpoch();
    say("epoch 2");
    byte[] late = ofAlice.encrypt(text("too late"));
    List<byte[]> secrets = ReachableSecrets.of(ofBob);
    byte[] authenticator = ofBob.epochAuthenticator();

    ofBob.merge(removalOfBob());

    List<byte[]> left = ReachableSecrets.of(ofBob);
    assertThat(left).containsExactly(authenticator);
    assertThat(ReachableSecrets.areZero(ReachableSecrets.without(secrets, left))).isTrue();
    assertInactive(ofBob, late);
  }

  @Test
  void aGroupThatRemovedUsIsSavedWithoutSecrets() throws MlsException {
    byte[] authenticator = ofBob.epochAuthenticator();
    byte[] late = ofAlice.encrypt(text("too late"));
    ofBob.merge(removalOfBob());

    MlsGroup restored = bob.restored(ofBob);

    assertThat(ofBob.ratchetState()).hasSize(2);
    assertThat(restored.epochState()).isEqualTo(ofBob.epochState());
    assertThat(restored.epoch()).isEqualTo(1);
    assertThat(restored.epochAuthenticator()).isEqualTo(authenticator);
    assertThat(restored.members()).extracting(Member::index).hasSize(2);
    assertThat(restored.ownIndex()).isEqualTo(new LeafIndex(1));
    assertInactive(restored, late);
    restored.erase();
    assertThat(ReachableSecrets.of(restored)).isEmpty();
  }

  @Test
  void whatAnEarlierVersionKeptOfSuchAGroupIsForgottenWhenItIsRead() throws MlsException {
    say("epoch 1");
    byte[] late = ofAlice.encrypt(text("too late"));
    byte[] ratchetState = ofBob.ratchetState();
    GroupState state =
        GroupState.read(ofBob.epochState(), ratchetState, GroupSettings.XMTP.limits());
    TlsWriter secrets = new TlsWriter();
    state.epoch().secrets().senderData().write(secrets);
    secrets.opaque(ofBob.epochAuthenticator()).present(false);
    TlsWriter earlier =
        new TlsWriter()
            .uint16(1)
            .present(false)
            .struct(state.epoch().context())
            .struct(state.epoch().tree())
            .struct(ofBob.ownIndex())
            .vector(List.of())
            .fixed(secrets.toOctets())
            .opaque(state.epoch().interimTranscriptHash())
            .vector(List.of())
            .vector(List.of());

    MlsGroup restored = MlsGroup.restore(earlier.toOctets(), ratchetState, bob.signer, bob.random);

    assertThat(ReachableSecrets.of(restored)).containsExactly(ofBob.epochAuthenticator());
    assertInactive(restored, late);
    assertInactive(bob.restored(restored), late);
  }

  private static void assertInactive(MlsGroup group, byte[] message) {
    assertThat(group.isActive()).isFalse();
    assertThatThrownBy(() -> group.decrypt(Client.message(message)))
        .asInstanceOf(type(MlsException.class))
        .returns(Failure.INACTIVE, MlsException::failure);
  }

  // A state that is older than what it has sent

  @Test
  void readingItsOwnMessagesTurnsAnOlderStatesRatchet() throws MlsException {
    MlsGroup older = alice.restored(ofAlice);
    byte[] first = ofAlice.encrypt(text("first"));
    byte[] second = ofAlice.encrypt(text("second"));

    ApplicationMessage read = older.decrypt(Client.message(first));
    older.decrypt(Client.message(second));
    byte[] third = older.encrypt(text("third"));

    assertThat(read.sender()).isEqualTo(older.ownIndex());
    for (byte[] each : List.of(first, second, third)) {
      ofBob.decrypt(Client.message(each));
    }
  }

  @Test
  void readingTheNewestOfItsOwnMessagesIsEnough() throws MlsException {
    MlsGroup older = alice.restored(ofAlice);
    ofAlice.encrypt(text("first"));
    ofAlice.encrypt(text("second"));
    byte[] third = ofAlice.encrypt(text("third"));

    older.decrypt(Client.message(third));

    ApplicationMessage next = ofBob.decrypt(Client.message(older.encrypt(text("fourth"))));
    assertThat(next.generation()).isEqualTo(3);
  }
}

package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.framing.ForgedFraming;
import io.postern.mls.framing.FramedContent;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mallory has all keys of the group and frames her messages as she likes. RFC 9420 §6. */
class HostileFramingTest {
  private static final byte[] TEXT = "hello".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OTHER_GROUP = "another group...".getBytes(StandardCharsets.US_ASCII);

  private final Client alice = new Client("alice");
  private final Client mallory = new Client("mallory");
  private MlsGroup ofAlice;
  private Forger forger;

  /** Alice at 0, nobody at 1 any more, Mallory at 2. */
  @BeforeEach
  void aGroupWithAGap() throws MlsException {
    ofAlice = alice.create();
    OwnKeyPackage malloryKeys = mallory.keyPackage();
    OwnCommit added =
        ofAlice.commit(
            List.of(Client.add(new Client("bob").keyPackage()), Client.add(malloryKeys)));
    ofAlice.merge(added.staged());
    MlsGroup ofMallory = mallory.join(added.welcome().orElseThrow(), malloryKeys);
    OwnCommit removed = ofAlice.commit(List.of(new Proposal.Remove(new LeafIndex(1))));
    ofMallory.merge(ofMallory.stage(MlsMessage.read(removed.octets())));
    ofAlice.merge(removed.staged());
    forger = new Forger(ofMallory, mallory.signer);
  }

  private ForgedFraming says() {
    return forger.framed(new FramedContent.Application(TEXT));
  }

  private static FramedContent.Body commit() {
    return new FramedContent.Committed(new Commit(List.of(), Optional.empty()));
  }

  /** Whatever is refused spends nothing: what Mallory says properly is still heard. */
  private void refuses(Failure failure, ThrowingCallable call) throws MlsException {
    byte[] epochState = ofAlice.epochState();
    assertThatThrownBy(call)
        .asInstanceOf(type(MlsException.class))
        .returns(failure, MlsException::failure);
    assertThat(ofAlice.epochState()).isEqualTo(epochState);
    assertThat(ofAlice.decrypt(Client.message(says().octets())).content()).isEqualTo(TEXT);
  }

  @Test
  void takesPaddingOfZeros() throws MlsException {
    ForgedFraming padded = says();
    padded.padding = new byte[1000];

    assertThat(ofAlice.decrypt(Client.message(padded.octets())).content()).isEqualTo(TEXT);
  }

  @ParameterizedTest(name = "octet {0} of 3")
  @ValueSource(ints = {0, 1, 2})
  void refusesPaddingThatIsNotZero(int at) throws MlsException {
    ForgedFraming padded = says();
    padded.padding = new byte[3];
    padded.padding[at] = 1;

    refuses(Failure.MALFORMED, () -> ofAlice.decrypt(Client.message(padded.octets())));
  }

  @ParameterizedTest(name = "leaf {0}")
  @ValueSource(longs = {1, 3, 4, 4096, 0xffff_ffffL})
  void refusesASenderWhoIsNobody(long leaf) throws MlsException {
    ForgedFraming said = says();
    said.sender = new LeafIndex(leaf);
    ForgedFraming committed = forger.framed(commit());
    committed.sender = new LeafIndex(leaf);

    refuses(Failure.UNKNOWN_SENDER, () -> ofAlice.decrypt(Client.message(said.octets())));
    refuses(Failure.UNKNOWN_SENDER, () -> ofAlice.stage(MlsMessage.read(committed.octets())));
  }

  @Test
  void refusesAnotherMembersName() throws MlsException {
    ForgedFraming said = says();
    said.sender = ofAlice.ownIndex();

    refuses(Failure.UNDECRYPTABLE, () -> ofAlice.decrypt(Client.message(said.octets())));
  }

  @Test
  void refusesSenderDataWithAnOctetTooMany() throws MlsException {
    ForgedFraming said = says();
    said.afterSenderData = new byte[1];

    refuses(Failure.MALFORMED, () -> ofAlice.decrypt(Client.message(said.octets())));
  }

  @Test
  void refusesWhatIsOfAnotherGroup() throws MlsException {
    byte[] proposal =
        forger
            .framed(OTHER_GROUP, new FramedContent.Proposed(new Proposal.Remove(new LeafIndex(0))))
            .octets();
    byte[] commit = forger.framed(OTHER_GROUP, commit()).octets();
    byte[] said = forger.framed(OTHER_GROUP, new FramedContent.Application(TEXT)).octets();

    refuses(Failure.WRONG_GROUP, () -> ofAlice.receiveProposal(MlsMessage.read(proposal)));
    refuses(Failure.WRONG_GROUP, () -> ofAlice.stage(MlsMessage.read(commit)));
    refuses(Failure.WRONG_GROUP, () -> ofAlice.decrypt(Client.message(said)));
  }

  @Test
  void refusesAGroupIdThatWasNotSigned() throws MlsException {
    byte[] proposal =
        forger
            .framed(OTHER_GROUP, new FramedContent.Proposed(new Proposal.Remove(new LeafIndex(0))))
            .octets();
    ForgedFraming renamed = forger.framed(OTHER_GROUP, new FramedContent.Application(TEXT));
    renamed.groupId = forger.groupId();

    refuses(Failure.BAD_SIGNATURE, () -> ofAlice.decrypt(Client.message(renamed.octets())));
    refuses(Failure.WRONG_GROUP, () -> ofAlice.receiveProposal(MlsMessage.read(proposal)));
  }

  @Test
  void refusesACiphertextTooShortToSample() throws MlsException {
    byte[] octets =
        new TlsWriter()
            .uint16(1)
            .uint16(2)
            .opaque(forger.groupId())
            .uint64(2)
            .uint8(1)
            .opaque(new byte[0])
            .opaque(new byte[28])
            .opaque(new byte[3])
            .toOctets();

    refuses(Failure.UNDECRYPTABLE, () -> ofAlice.decrypt(Client.message(octets)));
  }

  @Test
  void readsAHandshakeMessageOnlyUpToItsLimit() {
    byte[] huge = new byte[MlsMessage.MAX_HANDSHAKE_OCTETS];
    byte[] welcome = new TlsWriter().uint16(1).uint16(3).opaque(huge).toOctets();
    for (int type = 1; type <= 3; type++) {
      byte[] message =
          new TlsWriter()
              .uint16(1)
              .uint16(2)
              .opaque(forger.groupId())
              .uint64(2)
              .uint8(type)
              .opaque(new byte[0])
              .opaque(new byte[28])
              .opaque(huge)
              .toOctets();
      if (type == 1) {
        assertThatThrownBy(() -> ofAlice.decrypt(Client.message(message)))
            .asInstanceOf(type(MlsException.class))
            .returns(Failure.UNDECRYPTABLE, MlsException::failure);
      } else {
        assertThatThrownBy(() -> MlsMessage.read(message)).hasMessageContaining("the most is");
      }
    }
    assertThatThrownBy(() -> MlsMessage.read(welcome)).hasMessageContaining("the most is");
  }
}

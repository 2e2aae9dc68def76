package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.AuthenticatedContent;
import io.postern.mls.framing.FramedContent;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.framing.PublicMessage;
import io.postern.mls.framing.Sender;
import io.postern.mls.framing.WireFormat;
import io.postern.mls.schedule.RatchetLimits;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages that are signed but not encrypted: whose word a member takes, and whose not. */
class PublicMessageTest {
  private static final Proposal REMOVE = new Proposal.Remove(new LeafIndex(0));

  private final Client alice = new Client("alice");
  private final Client bob = new Client("bob");
  private MlsGroup ofAlice;
  private Epoch ofBob;

  @BeforeEach
  void aGroupOfTwo() throws MlsException {
    ofAlice = alice.create();
    OwnKeyPackage keys = bob.keyPackage();
    OwnCommit commit = ofAlice.commit(List.of(Client.add(keys)));
    ofAlice.merge(commit.staged());
    MlsGroup group = bob.join(commit.welcome().orElseThrow(), keys);
    ofBob = GroupState.read(group.epochState(), group.ratchetState(), RatchetLimits.XMTP).epoch();
  }

  private AuthenticatedContent sign(
      Sender sender, FramedContent.Body body, SignatureKeyPair signer) {
    FramedContent content =
        new FramedContent(Client.GROUP_ID, ofBob.context().epoch(), sender, new byte[0], body);
    return AuthenticatedContent.sign(
        Client.SUITE, WireFormat.PUBLIC_MESSAGE, content, ofBob.context(), signer);
  }

  private MlsMessage fromBob(FramedContent.Body body, SignatureKeyPair signer, Secret membershipKey)
      throws MlsException {
    AuthenticatedContent signed = sign(new Sender.Member(new LeafIndex(1)), body, signer);
    PublicMessage message =
        PublicMessage.ofMember(Client.SUITE, signed, membershipKey, ofBob.context());
    return MlsMessage.read(new MlsMessage.OfPublic(message).toOctets());
  }

  private MlsMessage fromOutside(Sender sender, FramedContent.Body body) throws MlsException {
    byte[] authenticated = sign(sender, body, bob.signer).toOctets();
    byte[] withoutWireFormat = Arrays.copyOfRange(authenticated, 2, authenticated.length);
    TlsWriter message = new TlsWriter().uint16(1).uint16(1).fixed(withoutWireFormat);
    if (body instanceof FramedContent.Committed) {
      message.opaque(new byte[32]);
    }
    return MlsMessage.read(message.toOctets());
  }

  private void refuses(Failure failure, MlsMessage message) {
    assertThatThrownBy(() -> ofAlice.receiveProposal(message))
        .asInstanceOf(type(MlsException.class))
        .returns(failure, MlsException::failure);
    assertThat(ofAlice.pendingProposals()).isEmpty();
  }

  @Test
  void takesAMembersProposal() throws MlsException {
    MlsMessage message =
        fromBob(new FramedContent.Proposed(REMOVE), bob.signer, ofBob.secrets().membershipKey());

    ReceivedProposal received = ofAlice.receiveProposal(message);

    assertThat(received.proposal()).isEqualTo(REMOVE);
    assertThat(received.sender()).isEqualTo(new LeafIndex(1));
    assertThat(ofAlice.pendingProposals()).containsExactly(received);
  }

  @Test
  void refusesAMembershipTagThatDoesNotMatch() throws MlsException {
    refuses(
        Failure.BAD_TAG, fromBob(new FramedContent.Proposed(REMOVE), bob.signer, Secret.zero(32)));
  }

  @Test
  void refusesASignatureOfSomebodyElse() throws MlsException {
    refuses(
        Failure.BAD_SIGNATURE,
        fromBob(new FramedContent.Proposed(REMOVE), alice.signer, ofBob.secrets().membershipKey()));
  }

  @Test
  void refusesApplicationDataInTheClear() throws MlsException {
    refuses(
        Failure.UNSUPPORTED,
        fromBob(
            new FramedContent.Application(new byte[3]),
            bob.signer,
            ofBob.secrets().membershipKey()));
  }

  @Test
  void doesNotHearExternalSendersAndNewMembers() throws MlsException {
    FramedContent.Body proposal = new FramedContent.Proposed(REMOVE);
    FramedContent.Body commit =
        new FramedContent.Committed(new Commit(List.of(), Optional.empty()));

    refuses(Failure.UNSUPPORTED, fromOutside(new Sender.External(0), proposal));
    refuses(Failure.UNSUPPORTED, fromOutside(new Sender.NewMemberProposal(), proposal));
    MlsMessage externalCommit = fromOutside(new Sender.NewMemberCommit(), commit);
    assertThatThrownBy(() -> ofAlice.stage(externalCommit))
        .asInstanceOf(type(MlsException.class))
        .returns(Failure.UNSUPPORTED, MlsException::failure);
  }

  @Test
  void aMemberWithoutTagIsNotEvenRead() {
    byte[] authenticated =
        sign(new Sender.Member(new LeafIndex(1)), new FramedContent.Proposed(REMOVE), bob.signer)
            .toOctets();
    byte[] octets = Arrays.copyOfRange(authenticated, 2, authenticated.length);

    assertThatThrownBy(() -> PublicMessage.read(new TlsReader(octets)))
        .isInstanceOf(MlsException.class);
  }
}

package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.HashReference;
import io.postern.mls.crypto.HpkeCiphertext;
import io.postern.mls.framing.AuthenticatedContent;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.PreSharedKeyId;
import io.postern.mls.schedule.RatchetLimits;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Credential;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.ParentNode;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.tree.RequiredCapabilities;
import io.postern.mls.tree.TreeCheck;
import io.postern.mls.tree.UpdatePath;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Readers refuse each truncation, and meet anything else with their own exception only. */
class HostileOctetsTest {
  @FunctionalInterface
  private interface Reader {
    Object read(TlsReader in) throws WireException;
  }

  private final Client alice = new Client("alice");
  private final Client bob = new Client("bob");
  private MlsGroup ofAlice;
  private MlsGroup ofBob;
  private OwnCommit adding;

  /** A tree with blanks, unmerged leaves and parents. */
  @BeforeEach
  void aGroupWithAHistory() throws MlsException {
    ofAlice = alice.create();
    OwnKeyPackage bobKeys = bob.keyPackage();
    List<Proposal> adds = new ArrayList<>(List.of(Client.add(bobKeys)));
    for (int i = 0; i < 6; i++) {
      adds.add(Client.add(new Client("member " + i).keyPackage()));
    }
    adding = ofAlice.commit(adds);
    ofAlice.merge(adding.staged());
    ofBob = bob.join(adding.welcome().orElseThrow(), bobKeys);
    bobCommits(List.of(new Proposal.Remove(new LeafIndex(4))));
    bobCommits(List.of());
    bobCommits(List.of(Client.add(new Client("late").keyPackage())));
  }

  private void bobCommits(List<Proposal> proposals) throws MlsException {
    OwnCommit commit = ofBob.commit(proposals);
    ofBob.merge(commit.staged());
    ofAlice.merge(ofAlice.stage(MlsMessage.read(commit.octets())));
  }

  private RatchetTree tree() throws MlsException {
    return GroupState.read(ofAlice.epochState(), ofAlice.ratchetState(), RatchetLimits.XMTP)
        .epoch()
        .tree();
  }

  private Map<Reader, byte[]> samples() throws MlsException {
    Forger forger = new Forger(ofBob, bob.signer);
    UpdatePath path = forger.path(List.of());
    RatchetTree tree = tree();
    Map<Reader, byte[]> samples = new LinkedHashMap<>();
    samples.put(MlsMessage::read, adding.octets());
    samples.put(MlsMessage::read, adding.welcome().orElseThrow());
    samples.put(KeyPackage::read, alice.keyPackage().keyPackage().toOctets());
    samples.put(LeafNode::read, ofAlice.ownLeaf().toOctets());
    samples.put(Capabilities::read, Client.CAPABILITIES.toOctets());
    samples.put(Credential::read, alice.credential().toOctets());
    samples.put(Extensions::read, Client.context("name").toOctets());
    samples.put(
        RequiredCapabilities::read,
        new RequiredCapabilities(List.of(1), List.of(2), List.of(3)).toOctets());
    samples.put(GroupContext::read, ofAlice.context().toOctets());
    samples.put(in -> RatchetTree.read(in, Client.SUITE.kdf()), tree.toOctets());
    samples.put(ParentNode::read, tree.parent(1).orElseThrow().toOctets());
    samples.put(UpdatePath::read, path.toOctets());
    samples.put(HpkeCiphertext::read, new HpkeCiphertext(new byte[32], new byte[48]).toOctets());
    samples.put(
        PreSharedKeyId::read, PreSharedKeyId.external(new byte[4], new byte[32]).toOctets());
    samples.put(
        Commit::read, new Commit(List.of(named(), written()), Optional.of(path)).toOctets());
    for (Proposal proposal : proposals()) {
      samples.put(in -> Proposal.read(in), proposal.toOctets());
    }
    return samples;
  }

  private static ProposalOrReference named() {
    return new ProposalOrReference.ByReference(new HashReference(new byte[32]));
  }

  private static ProposalOrReference written() {
    return new ProposalOrReference.ByValue(new Proposal.Remove(new LeafIndex(1)));
  }

  private List<Proposal> proposals() {
    return List.of(
        Client.add(alice.keyPackage()),
        new Proposal.Update(ofAlice.ownLeaf()),
        new Proposal.Remove(new LeafIndex(7)),
        new Proposal.PreSharedKey(PreSharedKeyId.external(new byte[3], new byte[32])),
        new Proposal.ReInit(new byte[16], 1, 3, Extensions.NONE),
        new Proposal.ExternalInit(new byte[32]),
        new Proposal.GroupContextExtensions(Client.context("x")),
        new Proposal.AppDataUpdate(0x8000, Optional.of(new byte[5])),
        new Proposal.AppDataUpdate(0x8001, Optional.empty()));
  }

  private static Object whole(Reader reader, byte[] octets) throws WireException {
    TlsReader in = new TlsReader(octets);
    Object read = reader.read(in);
    in.end("sample");
    return read;
  }

  @Test
  void readBackWhatWasWritten() throws MlsException {
    for (Map.Entry<Reader, byte[]> sample : samples().entrySet()) {
      TlsStruct read = (TlsStruct) whole(sample.getKey(), sample.getValue());

      assertThat(read.toOctets()).isEqualTo(sample.getValue());
    }
  }

  @Test
  void refuseEachTruncation() throws MlsException {
    for (Map.Entry<Reader, byte[]> sample : samples().entrySet()) {
      byte[] octets = sample.getValue();
      for (int length = 0; length < octets.length; length += 1 + octets.length / 500) {
        byte[] cut = Arrays.copyOf(octets, length);
        assertThatThrownBy(() -> whole(sample.getKey(), cut)).isInstanceOf(WireException.class);
      }
    }
  }

  @Test
  void refuseAnOctetTooMany() throws MlsException {
    for (Map.Entry<Reader, byte[]> sample : samples().entrySet()) {
      byte[] longer = Arrays.copyOf(sample.getValue(), sample.getValue().length + 1);
      assertThatThrownBy(() -> whole(sample.getKey(), longer)).isInstanceOf(WireException.class);
    }
  }

  @Test
  void meetRandomOctetsWithTheirOwnExceptionOnly() throws MlsException {
    Random random = new Random(11);
    int refused = 0;
    for (Map.Entry<Reader, byte[]> sample : samples().entrySet()) {
      for (int i = 0; i < 500; i++) {
        byte[] octets = sample.getValue().clone();
        if (i % 2 == 0) {
          octets = new byte[random.nextInt(200)];
          random.nextBytes(octets);
        } else {
          octets[random.nextInt(octets.length)] = (byte) random.nextInt();
        }
        try {
          whole(sample.getKey(), octets);
        } catch (WireException own) {
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  @Test
  void aChangedTreeIsReadHashedAndCheckedWithoutOtherExceptions() throws MlsException {
    byte[] octets = tree().toOctets();
    Random random = new Random(12);
    int refused = 0;
    for (int i = 0; i < 1500; i++) {
      byte[] changed = octets.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        RatchetTree read = RatchetTree.read(new TlsReader(changed), Client.SUITE.kdf());
        assertThat(read.treeHash()).isNotEqualTo(tree().treeHash());
        new TreeCheck(read).check(Client.SUITE.signing(), Client.GROUP_ID);
      } catch (MlsException own) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  @Test
  void aChangedCommitOfAMemberIsRefusedWithoutOtherExceptions() throws MlsException {
    Forger forger = new Forger(ofBob, bob.signer);
    List<Proposal> proposals = List.of(new Proposal.GroupContextExtensions(Client.context("y")));
    byte[] octets =
        new Commit(
                List.of(new ProposalOrReference.ByValue(proposals.get(0)), written()),
                Optional.of(forger.path(proposals)))
            .toOctets();
    Random random = new Random(13);
    int sent = 0;
    for (int i = 0; i < 600; i++) {
      byte[] changed = octets.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      Commit commit;
      try {
        commit = Commit.read(new TlsReader(changed));
      } catch (WireException unreadable) {
        continue;
      }
      sent++;
      byte[] message = forger.commitMixed(commit.proposals(), commit.path());
      assertThatThrownBy(() -> ofAlice.stage(MlsMessage.read(message)))
          .isInstanceOf(MlsException.class);
    }
    assertThat(sent).isGreaterThan(100);
  }

  @Test
  void changedMessagesOfTheGroupAreRefused() throws MlsException {
    byte[] commit = ofBob.commit(List.of()).octets();
    byte[] message = ofBob.encrypt(new byte[30]);
    Random random = new Random(14);
    for (int i = 0; i < 400; i++) {
      byte[] changedCommit = commit.clone();
      changedCommit[random.nextInt(commit.length)] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> ofAlice.stage(MlsMessage.read(changedCommit)))
          .isInstanceOf(MlsException.class);
      byte[] changedMessage = message.clone();
      changedMessage[random.nextInt(message.length)] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> ofAlice.decrypt(privateMessage(changedMessage)))
          .isInstanceOf(MlsException.class);
    }
    assertThat(ofAlice.decrypt(privateMessage(message)).content()).hasSize(30);
  }

  private static PrivateMessage privateMessage(byte[] octets) throws MlsException {
    if (MlsMessage.read(octets) instanceof MlsMessage.OfPrivate framed) {
      return framed.message();
    }
    throw new MlsException(MlsException.Failure.UNSUPPORTED, "no private message");
  }

  @Test
  void authenticatedContentIsReadBack() throws MlsException {
    assertThatThrownBy(() -> AuthenticatedContent.read(new TlsReader(new byte[] {0, 3})))
        .isInstanceOf(WireException.class);
  }
}

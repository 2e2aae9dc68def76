package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.AuthenticatedContent;
import io.postern.mls.framing.ForgedFraming;
import io.postern.mls.framing.FramedContent;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.framing.Sender;
import io.postern.mls.framing.WireFormat;
import io.postern.mls.schedule.EpochSecrets;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.KeySchedule;
import io.postern.mls.schedule.MessageKey;
import io.postern.mls.schedule.RatchetLimits;
import io.postern.mls.schedule.SecretTree;
import io.postern.mls.schedule.TranscriptHash;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.LeafNodeSource;
import io.postern.mls.tree.PathSecrets;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.tree.UpdatePath;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A member that keeps no rule: it has all keys of its group and signs what it likes. For tests. */
final class Forger {
  private final GroupState state;
  private final SignatureKeyPair signer;
  private final SecureRandom random = new SecureRandom();

  Forger(MlsGroup group, SignatureKeyPair signer) throws MlsException {
    this.state = GroupState.read(group.epochState(), group.ratchetState(), RatchetLimits.XMTP);
    this.signer = signer;
  }

  LeafIndex own() {
    return state.epoch().keys().own();
  }

  byte[] groupId() {
    return state.epoch().context().groupId();
  }

  LeafNode ownLeaf() {
    return state.epoch().tree().leaf(own()).orElseThrow();
  }

  /** A commit of these proposals with that path, whose confirmation tag is zeros. */
  byte[] commit(List<? extends Proposal> proposals, Optional<UpdatePath> path) {
    return commitMixed(
        proposals.stream().<ProposalOrReference>map(ProposalOrReference.ByValue::new).toList(),
        path);
  }

  byte[] commitMixed(List<ProposalOrReference> proposals, Optional<UpdatePath> path) {
    AuthenticatedContent signed = sign(new FramedContent.Committed(new Commit(proposals, path)));
    return seal(signed.withConfirmationTag(new byte[32]));
  }

  byte[] propose(Proposal proposal) {
    return seal(sign(new FramedContent.Proposed(proposal)));
  }

  byte[] say(byte[] data) {
    return seal(sign(new FramedContent.Application(data)));
  }

  /** The key at the root. */
  byte[] parentKey() {
    RatchetTree tree = state.epoch().tree();
    return tree.encryptionKey(tree.root());
  }

  /** Something that was said, framed by genuine keys and still to be changed. */
  ForgedFraming framed(FramedContent.Body body) {
    return framed(groupId(), body);
  }

  /** The same in the name of another group. */
  ForgedFraming framed(byte[] groupId, FramedContent.Body body) {
    AuthenticatedContent signed = sign(groupId, body);
    boolean application = body instanceof FramedContent.Application;
    SecretTree ratchets = state.kept().current().ratchets();
    MessageKey key =
        (application ? ratchets.application(own()) : ratchets.handshake(own())).spendNext();
    AuthenticatedContent complete =
        body instanceof FramedContent.Committed ? signed.withConfirmationTag(new byte[32]) : signed;
    return new ForgedFraming(
        Client.SUITE, complete, state.epoch().secrets().senderData(), key, own());
  }

  /** A commit in good order, but for its path leaf, which is that of {@code owner}. */
  byte[] commitWithLeafOf(Client owner) throws MlsException {
    PathSecrets treeKem = new PathSecrets(Client.SUITE);
    RatchetTree tree = state.epoch().tree().copy();
    tree.update(own(), owner.keyPackage().keyPackage().leaf());
    PathSecrets.Fresh fresh = treeKem.refresh(tree, own(), owner.signer, groupId(), random);
    GroupContext before = state.epoch().context();
    GroupContext provisional = before.provisional(tree.treeHash(), before.extensions());
    UpdatePath path = treeKem.seal(tree, own(), fresh, Set.of(), provisional.toOctets(), random);
    AuthenticatedContent signed =
        sign(new FramedContent.Committed(new Commit(List.of(), Optional.of(path))));
    byte[] confirmed =
        TranscriptHash.confirmed(
            Client.SUITE.kdf(),
            state.epoch().interimTranscriptHash(),
            signed.confirmedTranscriptHashInput());
    GroupContext context = provisional.confirmed(confirmed);
    KeySchedule schedule = new KeySchedule(Client.SUITE);
    Secret joiner =
        schedule.joinerSecret(
            state.epoch().secrets().init(), fresh.derived().commitSecret(), context);
    EpochSecrets secrets = schedule.epoch(joiner, Secret.zero(32), context);
    return seal(
        signed.withConfirmationTag(Client.SUITE.kdf().mac(secrets.confirmationKey(), confirmed)));
  }

  /** A path whose secrets open well, but lead to other keys than its own. */
  UpdatePath pathWithOtherSecrets() throws MlsException {
    PathSecrets treeKem = new PathSecrets(Client.SUITE);
    RatchetTree tree = state.epoch().tree().copy();
    PathSecrets.Fresh fresh = treeKem.refresh(tree, own(), signer, groupId(), random);
    GroupContext before = state.epoch().context();
    byte[] context = before.provisional(tree.treeHash(), before.extensions()).toOctets();
    PathSecrets.Derived other = treeKem.derive(Secret.random(32, random), fresh.derived().nodes());
    PathSecrets.Fresh mixed = new PathSecrets.Fresh(other, fresh.leafKey(), fresh.leaf());
    UpdatePath path = treeKem.seal(tree, own(), mixed, Set.of(), context, random);
    List<UpdatePath.Node> nodes = new ArrayList<>();
    for (int i = 0; i < path.nodes().size(); i++) {
      nodes.add(
          new UpdatePath.Node(
              fresh.derived().keyPairs().get(i).publicKey(),
              path.nodes().get(i).encryptedPathSecrets()));
    }
    return new UpdatePath(path.leaf(), nodes);
  }

  private AuthenticatedContent sign(FramedContent.Body body) {
    return sign(groupId(), body);
  }

  private AuthenticatedContent sign(byte[] groupId, FramedContent.Body body) {
    GroupContext context = state.epoch().context();
    FramedContent content =
        new FramedContent(groupId, context.epoch(), new Sender.Member(own()), new byte[0], body);
    return AuthenticatedContent.sign(
        Client.SUITE, WireFormat.PRIVATE_MESSAGE, content, context, signer);
  }

  private byte[] seal(AuthenticatedContent signed) {
    boolean application = signed.content().body() instanceof FramedContent.Application;
    MessageKey key =
        application
            ? state.kept().current().ratchets().application(own()).spendNext()
            : state.kept().current().ratchets().handshake(own()).spendNext();
    PrivateMessage message =
        PrivateMessage.seal(
            Client.SUITE, signed, state.epoch().secrets().senderData(), key, 0, random);
    return new MlsMessage.OfPrivate(message).toOctets();
  }

  /** The path that an honest commit of these proposals would have. */
  UpdatePath path(List<? extends Proposal> proposals) throws MlsException {
    PathSecrets treeKem = new PathSecrets(Client.SUITE);
    ProposalsApplied applied =
        ProposalsApplied.apply(
            state.epoch().tree(),
            state.epoch().context(),
            proposals.stream().map(each -> new CommittedProposal(each, own(), false)).toList());
    PathSecrets.Fresh fresh = treeKem.refresh(applied.tree(), own(), signer, groupId(), random);
    byte[] context =
        state
            .epoch()
            .context()
            .provisional(applied.tree().treeHash(), applied.extensions())
            .toOctets();
    return treeKem.seal(applied.tree(), own(), fresh, applied.addedPlaces(), context, random);
  }

  /** A leaf like our own with that source and key, signed for that place. */
  LeafNode leaf(LeafNodeSource source, byte[] encryptionKey, LeafIndex place) {
    return ownLeaf().renewed(Client.SUITE, signer, encryptionKey, source, groupId(), place);
  }

  byte[] freshKey() {
    return Client.SUITE.kem().generateKeyPair(random).publicKey();
  }
}

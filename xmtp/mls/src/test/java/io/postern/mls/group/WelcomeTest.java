package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.KeySchedule;
import io.postern.mls.schedule.PreSharedKeyId;
import io.postern.mls.schedule.PskSecret;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.tree.LeafNodeSource;
import io.postern.mls.tree.ParentNode;
import io.postern.mls.tree.PathSecrets;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Mallory makes up whole groups and invites Bob; each welcome but the first is wrong in one point.
 */
class WelcomeTest {
  private final Client mallory = new Client("mallory");
  private final Client bob = new Client("bob");
  private final OwnKeyPackage bobKeys = bob.keyPackage();

  /** A welcome whose parts can be changed one by one before it is sealed. */
  private final class Forged {
    LeafNode first = leaf(mallory, mallory.capabilities);
    Optional<LeafNode> second = Optional.of(bobKeys.keyPackage().leaf());
    Extensions context = Client.context("a trap");
    Optional<byte[]> treeHash = Optional.empty();
    int contextSuite = 3;
    LeafIndex signerIndex = new LeafIndex(0);
    SignatureKeyPair signer = mallory.signer;
    boolean withTree = true;
    Optional<byte[]> tag = Optional.empty();
    Optional<Secret> pathSecret = Optional.empty();
    List<PreSharedKeyId> psks = List.of();
    boolean withPath = false;
    byte[] afterGroupInfo = {};
    byte[] afterGroupSecrets = {};
    Optional<byte[]> tree = Optional.empty();

    Welcome welcome() throws MlsException {
      CipherSuite suite = Client.SUITE;
      RatchetTree tree = RatchetTree.of(suite.kdf(), first);
      second.ifPresent(tree::add);
      if (withPath) {
        new PathSecrets(suite)
            .refresh(tree, new LeafIndex(0), mallory.signer, Client.GROUP_ID, mallory.random);
      }
      if (this.tree.isPresent()) {
        tree = RatchetTree.read(new TlsReader(this.tree.get()), suite.kdf());
      }
      GroupContext groupContext =
          new GroupContext(
              contextSuite,
              Client.GROUP_ID,
              1,
              treeHash.isPresent() ? treeHash.get() : tree.treeHash(),
              new byte[32],
              context);
      Secret joiner = Secret.random(32, mallory.random);
      Secret noPsk = Secret.zero(32);
      Secret confirmationKey =
          new KeySchedule(suite).epoch(joiner, noPsk, groupContext).confirmationKey();
      byte[] confirmationTag =
          tag.orElseGet(
              () -> suite.kdf().mac(confirmationKey, groupContext.confirmedTranscriptHash()));
      Extensions extensions =
          withTree
              ? Extensions.of(new Extension(Extension.RATCHET_TREE, tree.toOctets()))
              : Extensions.NONE;
      byte[] info =
          GroupInfo.sign(suite, groupContext, extensions, confirmationTag, signerIndex, signer)
              .toOctets();
      byte[] sealedInfo =
          WelcomeKey.derive(suite, joiner, noPsk).seal(suite, with(info, afterGroupInfo));
      byte[] secrets =
          with(new GroupSecrets(joiner, pathSecret, psks).toOctets(), afterGroupSecrets);
      return new Welcome(
          suite.id(),
          List.of(
              new Welcome.EncryptedGroupSecrets(
                  bobKeys.keyPackage().reference(suite),
                  suite
                      .hpke()
                      .encryptWithLabel(
                          bobKeys.keyPackage().initKey(),
                          "Welcome",
                          sealedInfo,
                          secrets,
                          mallory.random))),
          sealedInfo);
    }
  }

  private static byte[] with(byte[] octets, byte[] after) {
    return new TlsWriter().fixed(octets).fixed(after).toOctets();
  }

  private static LeafNode leaf(Client client, Capabilities capabilities) {
    return LeafNode.forKeyPackage(
        Client.SUITE,
        client.signer,
        Client.SUITE.kem().generateKeyPair(client.random).publicKey(),
        client.credential(),
        capabilities,
        Client.LIFETIME,
        Extensions.NONE);
  }

  private MlsGroup join(Welcome welcome) throws MlsException {
    return MlsGroup.join(
            welcome,
            bobKeys,
            bob.signer,
            Optional.empty(),
            PskSecret.Lookup.NONE,
            GroupSettings.XMTP,
            bob.random)
        .group();
  }

  private void refuses(Failure failure, Forged forged) {
    assertThatThrownBy(() -> join(forged.welcome()))
        .asInstanceOf(type(MlsException.class))
        .returns(failure, MlsException::failure);
  }

  @Test
  void joinsWhenAllIsInOrder() throws MlsException {
    MlsGroup group = join(new Forged().welcome());

    assertThat(group.members()).hasSize(2);
    assertThat(group.ownIndex()).isEqualTo(new LeafIndex(1));
  }

  @Test
  void refusesATreeOfAnotherHash() {
    Forged forged = new Forged();
    forged.treeHash = Optional.of(new byte[32]);

    refuses(Failure.INVALID_TREE, forged);
  }

  @Test
  void refusesATreeWithoutOurLeaf() {
    Forged forged = new Forged();
    forged.second = Optional.of(bob.keyPackage().keyPackage().leaf());

    refuses(Failure.INVALID_WELCOME, forged);
  }

  @Test
  void refusesAWelcomeWithoutTree() {
    Forged forged = new Forged();
    forged.withTree = false;

    refuses(Failure.INVALID_WELCOME, forged);
  }

  @Test
  void refusesASignerThatIsNoMember() {
    Forged forged = new Forged();
    forged.signerIndex = new LeafIndex(2);

    refuses(Failure.INVALID_WELCOME, forged);
  }

  @Test
  void refusesASignatureOfSomebodyElse() {
    Forged forged = new Forged();
    forged.signerIndex = new LeafIndex(1);

    refuses(Failure.BAD_SIGNATURE, forged);
  }

  @Test
  void refusesAConfirmationTagThatDoesNotMatch() {
    Forged forged = new Forged();
    forged.tag = Optional.of(new byte[32]);

    refuses(Failure.BAD_TAG, forged);
  }

  @Test
  void refusesAGroupOfAnotherSuite() {
    Forged forged = new Forged();
    forged.contextSuite = 1;

    refuses(Failure.INVALID_WELCOME, forged);
  }

  @Test
  void refusesAPathSecretWhereTheTreeIsBlank() {
    Forged forged = new Forged();
    forged.pathSecret = Optional.of(Secret.zero(32));

    refuses(Failure.INVALID_WELCOME, forged);
  }

  @Test
  void refusesAnOctetAfterGroupInfoAndGroupSecrets() {
    Forged info = new Forged();
    info.afterGroupInfo = new byte[1];
    Forged secrets = new Forged();
    secrets.afterGroupSecrets = new byte[1];

    refuses(Failure.MALFORMED, info);
    refuses(Failure.MALFORMED, secrets);
  }

  @Test
  void refusesAPathSecretThatDoesNotFitTheTree() throws MlsException {
    Forged forged = new Forged();
    forged.withPath = true;
    assertThat(join(forged.welcome()).members()).hasSize(2);
    forged.pathSecret = Optional.of(Secret.random(32, mallory.random));

    refuses(Failure.INVALID_WELCOME, forged);
  }

  @Test
  void refusesAParentKeyOfAnotherLength() {
    Forged forged = new Forged();
    TlsWriter nodes = new TlsWriter();
    nodes.vector(
        inner ->
            inner
                .present(true)
                .uint8(1)
                .struct(forged.first)
                .present(true)
                .uint8(2)
                .struct(new ParentNode(new byte[31], new byte[0], List.of()))
                .present(true)
                .uint8(1)
                .struct(forged.second.orElseThrow()));
    forged.tree = Optional.of(nodes.toOctets());

    refuses(Failure.INVALID_TREE, forged);
    assertThatThrownBy(() -> join(forged.welcome())).hasMessageContaining("length");
  }

  @ParameterizedTest(name = "usage {0}")
  @ValueSource(ints = {2, 3})
  void refusesGroupsThatFollowAnother(int usage) throws MlsException {
    byte[] id =
        new TlsWriter()
            .uint8(2)
            .uint8(usage)
            .opaque(new byte[4])
            .uint64(0)
            .opaque(new byte[32])
            .toOctets();
    Forged forged = new Forged();
    forged.psks = List.of(PreSharedKeyId.read(new TlsReader(id)));

    refuses(Failure.UNSUPPORTED, forged);
  }

  @Test
  void refusesOnePreSharedKeyTwice() {
    PreSharedKeyId id = PreSharedKeyId.external(new byte[2], new byte[32]);
    Forged forged = new Forged();
    forged.psks = List.of(id, id);

    refuses(Failure.INVALID_WELCOME, forged);
  }

  @Test
  void refusesPreSharedKeys() {
    Forged forged = new Forged();
    forged.psks = List.of(PreSharedKeyId.external(new byte[2], new byte[32]));

    refuses(Failure.UNKNOWN_PSK, forged);
  }

  @Test
  void refusesAMemberThatLacksWhatTheGroupRequires() {
    Forged forged = new Forged();
    forged.first =
        leaf(mallory, new Capabilities(List.of(1), List.of(3), List.of(), List.of(), List.of(1)));

    refuses(Failure.INVALID_LEAF, forged);
  }

  @Test
  void refusesRequirementsThatWeDoNotMeet() {
    Forged forged = new Forged();
    forged.context = Extensions.of(new Extension(Client.UNKNOWN, new byte[1]));

    refuses(Failure.INVALID_LEAF, forged);
  }

  @Test
  void refusesALeafThatItsMemberDidNotSign() {
    Forged forged = new Forged();
    LeafNode genuine = forged.first;
    forged.first =
        genuine.renewed(
            Client.SUITE,
            mallory.signer,
            genuine.encryptionKey(),
            new LeafNodeSource.InUpdate(),
            new byte[] {1},
            new LeafIndex(0));

    refuses(Failure.INVALID_TREE, forged);
  }
}

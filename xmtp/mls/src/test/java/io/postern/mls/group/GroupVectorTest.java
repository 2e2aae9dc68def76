package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.MlsException;
import io.postern.mls.Vectors;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.schedule.EpochSecrets;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.KeySchedule;
import io.postern.mls.schedule.PskSecret;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.wire.TlsReader;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class GroupVectorTest {
  private final SecureRandom random = new SecureRandom();

  @TestFactory
  Stream<DynamicTest> changesTrees() {
    return Vectors.each(
        "tree-operations.json",
        entry -> {
          CipherSuite suite = Vectors.suite(entry);
          RatchetTree before = tree(suite, entry, "tree_before");
          Proposal proposal = Proposal.read(new TlsReader(Vectors.octets(entry, "proposal")));
          LeafIndex sender = new LeafIndex(entry.get("proposal_sender").asInt());
          GroupContext context =
              new GroupContext(
                  suite.id(), new byte[0], 0, new byte[0], new byte[0], Extensions.NONE);

          RatchetTree after =
              ProposalsApplied.apply(
                      before, context, List.of(new CommittedProposal(proposal, sender, false)))
                  .tree();

          assertThat(before.treeHash()).isEqualTo(Vectors.octets(entry, "tree_hash_before"));
          assertThat(after.treeHash()).isEqualTo(Vectors.octets(entry, "tree_hash_after"));
          assertThat(after.toOctets()).isEqualTo(Vectors.octets(entry, "tree_after"));
        });
  }

  private static RatchetTree tree(CipherSuite suite, JsonNode entry, String field)
      throws MlsException {
    return RatchetTree.read(new TlsReader(Vectors.octets(entry, field)), suite.kdf());
  }

  @TestFactory
  Stream<DynamicTest> opensWelcomes() {
    return Vectors.each("welcome.json", GroupVectorTest::welcome);
  }

  private static void welcome(JsonNode entry) throws MlsException {
    CipherSuite suite = Vectors.suite(entry);
    Welcome welcome = welcomeOf(entry);
    KeyPackage keyPackage = keyPackageOf(entry);
    byte[] opened =
        suite
            .hpke()
            .decryptWithLabel(
                Vectors.secret(entry, "init_priv"),
                "Welcome",
                welcome.encryptedGroupInfo(),
                welcome.secretsFor(keyPackage.reference(suite)).orElseThrow());
    GroupSecrets secrets = GroupSecrets.read(new TlsReader(opened));
    Secret noPsk = Secret.zero(suite.kdf().hashLength());
    byte[] plain =
        WelcomeKey.derive(suite, secrets.joinerSecret(), noPsk)
            .open(suite, welcome.encryptedGroupInfo());
    GroupInfo info = GroupInfo.read(new TlsReader(plain));
    EpochSecrets epoch =
        new KeySchedule(suite).epoch(secrets.joinerSecret(), noPsk, info.context());

    assertThat(info.verifySignature(suite, Vectors.octets(entry, "signer_pub"))).isTrue();
    assertThat(
            suite
                .kdf()
                .verifyMac(
                    epoch.confirmationKey(),
                    info.context().confirmedTranscriptHash(),
                    info.confirmationTag()))
        .isTrue();
  }

  @TestFactory
  Stream<DynamicTest> joinsAsPassiveClient() {
    return Vectors.each("passive-client-welcome.json", this::passive);
  }

  @TestFactory
  Stream<DynamicTest> followsCommitsAsPassiveClient() {
    return Vectors.each("passive-client-handling-commit.json", this::passive);
  }

  @TestFactory
  Stream<DynamicTest> followsALongGroupAsPassiveClient() {
    return Vectors.each("passive-client-random.json", this::passive);
  }

  private void passive(JsonNode entry) throws MlsException {
    CipherSuite suite = Vectors.suite(entry);
    Map<String, byte[]> psks = new HashMap<>();
    for (JsonNode each : entry.get("external_psks")) {
      psks.put(each.get("psk_id").asText(), Vectors.octets(each, "psk"));
    }
    PskSecret.Lookup lookup =
        id ->
            Optional.ofNullable(
                    psks.get(
                        id.isExternal() ? Vectors.hex(id.id()) : resumption(id.id(), id.epoch())))
                .map(Secret::of);
    OwnKeyPackage own =
        new OwnKeyPackage(
            keyPackageOf(entry),
            Vectors.secret(entry, "init_priv"),
            Vectors.secret(entry, "encryption_priv"));
    SignatureKeyPair signer = SignatureKeyPair.of(Vectors.secret(entry, "signature_priv"));
    JsonNode given = entry.get("ratchet_tree");
    Optional<RatchetTree> tree =
        given == null || given.isNull()
            ? Optional.empty()
            : Optional.of(tree(suite, entry, "ratchet_tree"));

    MlsGroup group =
        MlsGroup.join(welcomeOf(entry), own, signer, tree, lookup, GroupSettings.XMTP, random)
            .group();

    assertThat(group.epochAuthenticator())
        .isEqualTo(Vectors.octets(entry, "initial_epoch_authenticator"));
    for (JsonNode epoch : entry.get("epochs")) {
      psks.put(resumption(group.groupId(), group.epoch()), group.resumptionPsk().toOctets());
      for (JsonNode proposal : epoch.get("proposals")) {
        group.receiveProposal(MlsMessage.read(HexFormat.of().parseHex(proposal.asText())));
      }
      MlsMessage commit = MlsMessage.read(Vectors.octets(epoch, "commit"));
      group.stage(commit, lookup).drop();
      group.merge(group.stage(commit, lookup));
      assertThat(group.epochAuthenticator())
          .isEqualTo(Vectors.octets(epoch, "epoch_authenticator"));
    }
  }

  private static String resumption(byte[] groupId, long epoch) {
    return "resumption:" + Vectors.hex(groupId) + ":" + epoch;
  }

  private static Welcome welcomeOf(JsonNode entry) throws MlsException {
    return ((MlsMessage.OfWelcome) MlsMessage.read(Vectors.octets(entry, "welcome"))).welcome();
  }

  private static KeyPackage keyPackageOf(JsonNode entry) throws MlsException {
    return ((MlsMessage.OfKeyPackage) MlsMessage.read(Vectors.octets(entry, "key_package")))
        .keyPackage();
  }
}

package io.postern.mls.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.MlsException;
import io.postern.mls.Vectors;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.framing.AuthenticatedContent;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.wire.TlsReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ScheduleVectorTest {
  @TestFactory
  Stream<DynamicTest> derivesEpochs() {
    return Vectors.each("key-schedule.json", ScheduleVectorTest::epochs);
  }

  private static void epochs(JsonNode entry) throws MlsException {
    CipherSuite suite = Vectors.suite(entry);
    KeySchedule schedule = new KeySchedule(suite);
    Secret init = Vectors.secret(entry, "initial_init_secret");
    long number = 0;
    for (JsonNode each : entry.get("epochs")) {
      GroupContext context =
          new GroupContext(
              suite.id(),
              Vectors.octets(entry, "group_id"),
              number++,
              Vectors.octets(each, "tree_hash"),
              Vectors.octets(each, "confirmed_transcript_hash"),
              Extensions.NONE);
      assertThat(context.toOctets()).isEqualTo(Vectors.octets(each, "group_context"));
      Secret joiner = schedule.joinerSecret(init, Vectors.secret(each, "commit_secret"), context);
      Secret psk = Vectors.secret(each, "psk_secret");
      assertThat(joiner).isEqualTo(Vectors.secret(each, "joiner_secret"));
      assertThat(schedule.welcomeSecret(joiner, psk))
          .isEqualTo(Vectors.secret(each, "welcome_secret"));

      EpochSecrets secrets = schedule.epoch(joiner, psk, context);

      assertThat(secrets.init()).isEqualTo(Vectors.secret(each, "init_secret"));
      assertThat(secrets.senderData()).isEqualTo(Vectors.secret(each, "sender_data_secret"));
      assertThat(secrets.takeEncryptionSecret())
          .isEqualTo(Vectors.secret(each, "encryption_secret"));
      assertThat(secrets.exporterSecret()).isEqualTo(Vectors.secret(each, "exporter_secret"));
      assertThat(secrets.authenticator()).isEqualTo(Vectors.octets(each, "epoch_authenticator"));
      assertThat(secrets.external()).isEqualTo(Vectors.secret(each, "external_secret"));
      assertThat(secrets.confirmationKey()).isEqualTo(Vectors.secret(each, "confirmation_key"));
      assertThat(secrets.membershipKey()).isEqualTo(Vectors.secret(each, "membership_key"));
      assertThat(secrets.resumptionPsk()).isEqualTo(Vectors.secret(each, "resumption_psk"));
      assertThat(suite.kem().deriveKeyPair(secrets.external()).publicKey())
          .isEqualTo(Vectors.octets(each, "external_pub"));
      JsonNode exporter = each.get("exporter");
      assertThat(
              secrets.export(
                  suite.kdf(),
                  exporter.get("label").asText(),
                  Vectors.octets(exporter, "context"),
                  exporter.get("length").asInt()))
          .isEqualTo(Vectors.secret(exporter, "secret"));
      init = secrets.init();
    }
  }

  @TestFactory
  Stream<DynamicTest> combinesPreSharedKeys() {
    return Vectors.each(
        "psk_secret.json",
        entry -> {
          List<PreSharedKeyId> ids = new ArrayList<>();
          List<Secret> keys = new ArrayList<>();
          for (JsonNode each : entry.get("psks")) {
            ids.add(
                PreSharedKeyId.external(
                    Vectors.octets(each, "psk_id"), Vectors.octets(each, "psk_nonce")));
            keys.add(Vectors.secret(each, "psk"));
          }

          assertThat(PskSecret.of(Vectors.suite(entry).kdf(), ids, keys))
              .isEqualTo(Vectors.secret(entry, "psk_secret"));
        });
  }

  @TestFactory
  Stream<DynamicTest> hashesTranscripts() {
    return Vectors.each(
        "transcript-hashes.json",
        entry -> {
          CipherSuite suite = Vectors.suite(entry);
          TlsReader in = new TlsReader(Vectors.octets(entry, "authenticated_content"));
          AuthenticatedContent content = AuthenticatedContent.read(in);
          in.end("content");
          byte[] tag = content.confirmationTag().orElseThrow();
          byte[] before = Vectors.octets(entry, "interim_transcript_hash_before");

          byte[] confirmed =
              TranscriptHash.confirmed(suite.kdf(), before, content.confirmedTranscriptHashInput());

          assertThat(confirmed).isEqualTo(Vectors.octets(entry, "confirmed_transcript_hash_after"));
          assertThat(TranscriptHash.interim(suite.kdf(), confirmed, tag))
              .isEqualTo(Vectors.octets(entry, "interim_transcript_hash_after"));
          assertThat(
                  suite.kdf().verifyMac(Vectors.secret(entry, "confirmation_key"), confirmed, tag))
              .isTrue();
        });
  }

  @TestFactory
  Stream<DynamicTest> opensSecretTrees() {
    return Vectors.each("secret-tree.json", ScheduleVectorTest::secretTree);
  }

  private static void secretTree(JsonNode entry) throws MlsException {
    int leafCount = entry.get("leaves").size();
    SecretTree tree =
        new SecretTree(
            Vectors.suite(entry),
            RatchetLimits.XMTP,
            leafCount,
            Vectors.secret(entry, "encryption_secret"));
    for (int leaf = 0; leaf < leafCount; leaf++) {
      for (JsonNode each : entry.get("leaves").get(leaf)) {
        LeafIndex index = new LeafIndex(leaf);
        long generation = each.get("generation").asLong();
        spends(tree.application(index), generation, each, "application");
        spends(tree.handshake(index), generation, each, "handshake");
      }
    }
  }

  private static void spends(HashRatchet ratchet, long generation, JsonNode entry, String kind)
      throws MlsException {
    HashRatchet.Claim claim = ratchet.claim(generation);
    assertThat(claim.key().key()).isEqualTo(Vectors.secret(entry, kind + "_key"));
    assertThat(claim.key().nonce()).isEqualTo(Vectors.secret(entry, kind + "_nonce"));
    claim.spend();
    assertThat(claim.key().key().isErased()).isTrue();
  }
}

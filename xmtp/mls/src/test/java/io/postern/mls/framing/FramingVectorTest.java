package io.postern.mls.framing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.MlsException;
import io.postern.mls.Vectors;
import io.postern.mls.crypto.Aead;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Kdf;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.group.Commit;
import io.postern.mls.group.GroupSecrets;
import io.postern.mls.group.Proposal;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.schedule.HashRatchet;
import io.postern.mls.schedule.RatchetLimits;
import io.postern.mls.schedule.SecretTree;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.RatchetTree;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class FramingVectorTest {
  private final SecureRandom random = new SecureRandom();

  @TestFactory
  Stream<DynamicTest> derivesSenderDataKeys() {
    return Vectors.each(
        "secret-tree.json",
        entry -> {
          CipherSuite suite = Vectors.suite(entry);
          JsonNode data = entry.get("sender_data");
          Secret secret = Vectors.secret(data, "sender_data_secret");
          byte[] ciphertext = Vectors.octets(data, "ciphertext");

          assertThat(SenderData.key(suite, secret, ciphertext))
              .isEqualTo(Vectors.secret(data, "key"));
          assertThat(SenderData.nonce(suite, secret, ciphertext))
              .isEqualTo(Vectors.octets(data, "nonce"))
              .hasSize(Aead.NONCE_LENGTH);
        });
  }

  @TestFactory
  Stream<DynamicTest> protectsMessages() {
    return Vectors.each("message-protection.json", this::protection);
  }

  private void protection(JsonNode entry) throws MlsException {
    for (ContentType type : ContentType.values()) {
      String name = type.name().toLowerCase(Locale.ROOT);
      Group group = new Group(entry);
      byte[] body = Vectors.octets(entry, name);
      PrivateMessage received =
          ((MlsMessage.OfPrivate) MlsMessage.read(Vectors.octets(entry, name + "_priv"))).message();
      AuthenticatedContent opened = group.open(received);
      assertThat(written(opened.content().body())).isEqualTo(expected(type, body));
      if (type != ContentType.APPLICATION) {
        PublicMessage open =
            ((MlsMessage.OfPublic) MlsMessage.read(Vectors.octets(entry, name + "_pub"))).message();
        assertThat(
                open.verifyMembershipTag(
                    group.suite, group.membershipKey, group.context.toOctets()))
            .isTrue();
        assertThat(group.verifies(open.content())).isTrue();
        assertThat(written(open.content().content().body())).isEqualTo(body);
        group.sendsPublic(open.content().content());
      }
      group.sendsPrivate(opened);
    }
  }

  private static byte[] written(FramedContent.Body body) {
    return body.toOctets();
  }

  private static byte[] expected(ContentType type, byte[] body) {
    return type == ContentType.APPLICATION ? new TlsWriter().opaque(body).toOctets() : body;
  }

  /** A group of two whose second member sends. */
  private final class Group {
    final CipherSuite suite;
    final GroupContext context;
    final SignatureKeyPair signer;
    final Secret membershipKey;
    final Secret senderData;
    final SecretTree ratchets;

    Group(JsonNode entry) throws MlsException {
      suite = Vectors.suite(entry);
      context =
          new GroupContext(
              suite.id(),
              Vectors.octets(entry, "group_id"),
              entry.get("epoch").asLong(),
              Vectors.octets(entry, "tree_hash"),
              Vectors.octets(entry, "confirmed_transcript_hash"),
              Extensions.NONE);
      signer = SignatureKeyPair.of(Vectors.secret(entry, "signature_priv"));
      assertThat(signer.publicKey()).isEqualTo(Vectors.octets(entry, "signature_pub"));
      membershipKey = Vectors.secret(entry, "membership_key");
      senderData = Vectors.secret(entry, "sender_data_secret");
      ratchets =
          new SecretTree(suite, RatchetLimits.XMTP, 2, Vectors.secret(entry, "encryption_secret"));
    }

    boolean verifies(AuthenticatedContent content) {
      return content.verifySignature(suite, signer.publicKey(), context.toOctets());
    }

    AuthenticatedContent open(PrivateMessage message) throws MlsException {
      SenderData data = message.openSenderData(suite, senderData);
      assertThat(data.leaf()).isEqualTo(new LeafIndex(1));
      HashRatchet ratchet =
          message.contentType() == ContentType.APPLICATION
              ? ratchets.application(data.leaf())
              : ratchets.handshake(data.leaf());
      HashRatchet.Claim claim = ratchet.claim(data.generation());
      AuthenticatedContent content = message.open(suite, claim.key(), data);
      claim.spend();
      assertThat(verifies(content)).isTrue();
      return content;
    }

    void sendsPrivate(AuthenticatedContent like) throws MlsException {
      AuthenticatedContent signed =
          AuthenticatedContent.sign(
              suite, WireFormat.PRIVATE_MESSAGE, like.content(), context, signer);
      AuthenticatedContent complete =
          like.confirmationTag().isPresent()
              ? signed.withConfirmationTag(like.confirmationTag().get())
              : signed;
      LeafIndex own = new LeafIndex(1);
      HashRatchet ratchet =
          like.content().body().type() == ContentType.APPLICATION
              ? ratchets.application(own)
              : ratchets.handshake(own);
      HashRatchet.Claim claim = ratchet.claim(ratchet.nextGeneration());
      PrivateMessage message =
          PrivateMessage.seal(suite, complete, senderData, claim.key(), 11, random);
      claim.drop();
      assertThat(open(message).toOctets()).isEqualTo(complete.toOctets());
    }

    void sendsPublic(FramedContent content) throws MlsException {
      AuthenticatedContent signed =
          AuthenticatedContent.sign(suite, WireFormat.PUBLIC_MESSAGE, content, context, signer);
      if (content.body().type() == ContentType.COMMIT) {
        signed = signed.withConfirmationTag(new byte[32]);
      }
      PublicMessage message = PublicMessage.ofMember(suite, signed, membershipKey, context);
      PublicMessage read = PublicMessage.read(new TlsReader(message.toOctets()));
      assertThat(read.verifyMembershipTag(suite, membershipKey, context.toOctets())).isTrue();
      assertThat(verifies(read.content())).isTrue();
    }
  }

  @TestFactory
  Stream<DynamicTest> readsBackEveryStruct() {
    return Vectors.each("messages.json", FramingVectorTest::structs);
  }

  private static void structs(JsonNode entry) throws MlsException {
    for (String field :
        new String[] {
          "mls_welcome",
          "mls_group_info",
          "mls_key_package",
          "public_message_application",
          "public_message_proposal",
          "public_message_commit",
          "private_message"
        }) {
      byte[] octets = Vectors.octets(entry, field);
      assertThat(MlsMessage.read(octets).toOctets()).as(field).isEqualTo(octets);
    }
    byte[] tree = Vectors.octets(entry, "ratchet_tree");
    assertThat(RatchetTree.read(new TlsReader(tree), Kdf.HKDF_SHA256).toOctets()).isEqualTo(tree);
    byte[] secrets = Vectors.octets(entry, "group_secrets");
    assertThat(GroupSecrets.read(new TlsReader(secrets)).toOctets()).isEqualTo(secrets);
    byte[] commit = Vectors.octets(entry, "commit");
    assertThat(Commit.read(new TlsReader(commit)).toOctets()).isEqualTo(commit);
    String[] proposals = {
      "add",
      "update",
      "remove",
      "pre_shared_key",
      "re_init",
      "external_init",
      "group_context_extensions"
    };
    for (int type = 1; type <= proposals.length; type++) {
      byte[] body = Vectors.octets(entry, proposals[type - 1] + "_proposal");
      byte[] octets = new TlsWriter().uint16(type).fixed(body).toOctets();
      TlsReader in = new TlsReader(octets);
      assertThat(Proposal.read(in).toOctets()).as(proposals[type - 1]).isEqualTo(octets);
      in.end("proposal");
    }
  }
}

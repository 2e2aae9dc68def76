package io.postern.mls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.Aead;
import io.postern.mls.crypto.Hpke;
import io.postern.mls.crypto.HpkeCiphertext;
import io.postern.mls.crypto.Kdf;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MessageHeader;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.group.JoinedGroup;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.wire.TlsReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A group as libxmtp 1.6.8 made it, followed by its member b from the welcome to epoch 9. */
class CapturedGroupTest {
  private JsonNode fixture;
  private SignatureKeyPair signer;
  private JsonNode keys;
  private byte[] welcomeMetadata;

  @BeforeEach
  void read() throws Exception {
    fixture = Vectors.ours("groups-fixture.json");
    JsonNode b = fixture.get("private").get("b");
    signer = SignatureKeyPair.of(Vectors.secret(b, "installation_private_key"));
    keys = b.get("key_packages").get(0);
  }

  private JoinedGroup join() throws MlsException {
    JsonNode wrapped = fixture.get("welcomes").get(0);
    HpkeCiphertext sealed = HpkeCiphertext.read(new TlsReader(Vectors.octets(wrapped, "data")));
    Hpke hpke = new Hpke(new XWing(), Kdf.HKDF_SHA256, Aead.CHACHA20_POLY1305);
    byte[] info = Hpke.encryptContext("MLS_WELCOME", new byte[0]);
    byte[] opened;
    try (Hpke.Recipient recipient =
        hpke.recipient(sealed.kemOutput(), Vectors.secret(keys, "xwing_seed"), info)) {
      opened = recipient.open(new byte[0], sealed.ciphertext());
      welcomeMetadata = recipient.open(new byte[0], Vectors.octets(wrapped, "welcome_metadata"));
    }
    return MlsGroup.join(
        ((MlsMessage.OfWelcome) MlsMessage.read(opened)).welcome(),
        KeyPackage.read(Vectors.octets(keys, "key_package")),
        Vectors.secret(keys, "init_private_key"),
        Vectors.secret(keys, "leaf_encryption_private_key"),
        signer);
  }

  private MlsGroup restored(MlsGroup group) throws MlsException {
    return MlsGroup.restore(group.epochState(), group.ratchetState(), signer);
  }

  @Test
  void joinsByTheCapturedWelcome() throws Exception {
    JoinedGroup joined = join();

    assertThat(Vectors.hex(joined.group().groupId())).isEqualTo(fixture.get("group_id").asText());
    assertThat(Vectors.hex(joined.adderLeaf().signatureKey()))
        .isEqualTo(fixture.get("participants").get("a").get("installation").asText());
    assertThat(Vectors.hex(joined.group().ownLeaf().signatureKey()))
        .isEqualTo(fixture.get("participants").get("b").get("installation").asText());
    // WelcomeMetadata { message_cursor = 101 }
    assertThat(Vectors.hex(welcomeMetadata)).isEqualTo("0865");
  }

  @Test
  void followsEveryCommitAndReadsEveryMessage() throws Exception {
    MlsGroup group = join().group();
    Map<Integer, String> authenticators = new HashMap<>();
    for (JsonNode each : fixture.get("expected").get("b_epochs")) {
      authenticators.put(
          each.get("commit_sequence_id").asInt(), each.get("epoch_authenticator").asText());
    }
    assertThat(Vectors.hex(group.epochAuthenticator())).isEqualTo(authenticators.get(0));
    List<String> texts = new ArrayList<>();
    for (JsonNode each : fixture.get("group_messages")) {
      byte[] octets = Vectors.octets(each, "data");
      MessageHeader header = MlsMessage.header(octets);
      assertThat(Vectors.hex(header.groupId())).isEqualTo(fixture.get("group_id").asText());
      if (each.get("id").asInt() == 101) {
        assertThatThrownBy(() -> join().group().stage(MlsMessage.read(octets)))
            .asInstanceOf(type(MlsException.class))
            .returns(Failure.EPOCH_TOO_OLD, MlsException::failure);
      } else if (header.contentType() == ContentType.COMMIT) {
        StagedCommit staged = group.stage(MlsMessage.read(octets));
        assertThat(staged.pathLeaf()).isPresent();
        group.merge(staged);
        assertThat(Vectors.hex(group.epochAuthenticator()))
            .isEqualTo(authenticators.get(each.get("id").asInt()));
      } else {
        PrivateMessage message = ((MlsMessage.OfPrivate) MlsMessage.read(octets)).message();
        texts.add(new String(group.decrypt(message).content(), StandardCharsets.UTF_8));
      }
      group = restored(group);
    }

    assertThat(group.epoch()).isEqualTo(9);
    String[] written = {"one", "two", "three", "from c", "four"};
    assertThat(texts).hasSize(written.length);
    for (int i = 0; i < written.length; i++) {
      assertThat(texts.get(i)).contains(written[i]);
    }
  }
}

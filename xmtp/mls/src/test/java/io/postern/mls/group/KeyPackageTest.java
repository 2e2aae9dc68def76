package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.Vectors;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.tree.Capabilities;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafNodeSource;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KeyPackageTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_750_000_000L);

  private static final Capabilities XMTP =
      new Capabilities(
          List.of(1),
          List.of(3),
          List.of(0xff01, 0xff00, 0xff02, 0xf000, 0x000a, 0x0001),
          List.of(7),
          List.of(1));

  @TestFactory
  Stream<DynamicTest> decidesAsXmtpClientsDo() throws IOException {
    JsonNode verification = Vectors.ours("identity-keypackages.json").get("verification");
    Instant now = Instant.ofEpochSecond(verification.get("evaluated_at_unix_seconds").asLong());
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode each : verification.get("cases")) {
      String name = each.get("case").asText();
      tests.add(DynamicTest.dynamicTest(name, () -> decides(each, name, now)));
    }
    assertThat(tests).hasSize(41);
    return tests.stream();
  }

  private static void decides(JsonNode each, String name, Instant now) {
    // The credential's content is XMTP's matter: xmtp/client refuses this one. Else the stricter of
    // the two releases holds.
    boolean accepted =
        name.equals("credential_garbage")
            || each.get("accepted_1_6_8").asBoolean() && each.get("accepted_1_11").asBoolean();
    byte[] octets = Vectors.octets(each, "key_package_tls_hex");
    if (accepted) {
      assertThat(accepts(octets, now)).as(name).isTrue();
    } else {
      assertThatThrownBy(() -> KeyPackage.read(octets).verify(now))
          .isInstanceOf(MlsException.class);
    }
  }

  private static boolean accepts(byte[] octets, Instant now) {
    try {
      KeyPackage keyPackage = KeyPackage.read(octets);
      return Arrays.equals(keyPackage.verify(now).keyPackage().toOctets(), octets);
    } catch (MlsException refused) {
      throw new AssertionError("refused: " + refused.getMessage(), refused);
    }
  }

  /** Which key packages a group of XMTP's requirements takes. */
  @TestFactory
  Stream<DynamicTest> addsWhomXmtpClientsAdd() throws IOException {
    JsonNode file = Vectors.ours("identity-keypackages.json");
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode add : file.get("group_add_acceptance").get("cases")) {
      for (JsonNode each : file.get("verification").get("cases")) {
        if (each.get("case").equals(add.get("case"))) {
          boolean accepted = add.get("accepted_1_11").asBoolean();
          byte[] octets = Vectors.octets(each, "key_package_tls_hex");
          tests.add(
              DynamicTest.dynamicTest(add.get("case").asText(), () -> adds(octets, accepted)));
        }
      }
    }
    assertThat(tests).hasSizeGreaterThan(5);
    return tests.stream();
  }

  private static void adds(byte[] octets, boolean accepted) throws MlsException {
    Proposal add = new Proposal.Add(KeyPackage.read(octets));
    Client founder = new Client("founder", XMTP);
    Extensions context =
        Extensions.of(
            new Extension(0xf000, new byte[3]),
            new Extension(0xff00, new byte[3]),
            new Extension(0xff01, new byte[3]),
            new Extension(0xff02, new byte[3]),
            new Extension(
                Extension.REQUIRED_CAPABILITIES,
                HexFormat.of().parseHex("0cff01ff00ff02f000000a0001020007020001")));
    MlsGroup group =
        MlsGroup.create(
            Client.SUITE,
            Client.GROUP_ID,
            founder.signer,
            founder.credential(),
            XMTP,
            Client.LIFETIME,
            Extensions.NONE,
            context,
            founder.random);
    if (accepted) {
      assertThat(group.commit(List.of(add)).welcome()).isPresent();
    } else {
      assertFails(() -> group.commit(List.of(add)), Failure.INVALID_COMMIT);
    }
  }

  @Test
  void readsWhatRealClientsUploaded() throws Exception {
    JsonNode captured = Vectors.ours("identity-keypackages.json").get("captured");
    assertThat(captured).isNotEmpty();
    for (JsonNode each : captured) {
      String upload = each.get("upload_key_package_request_hex").asText();
      byte[] octets = HexFormat.of().parseHex(upload.substring(upload.indexOf("00010003")));
      // The request ends in the protobuf field is_inbox_id_credential = true.
      KeyPackage keyPackage = KeyPackage.read(Arrays.copyOf(octets, octets.length - 2));
      LeafNodeSource.InKeyPackage source = (LeafNodeSource.InKeyPackage) keyPackage.leaf().source();

      keyPackage.verify(Instant.ofEpochSecond(source.lifetime().notBefore()));

      assertThat(keyPackage.extensions().list())
          .extracting(Extension::type)
          .containsExactly(0x000a, 0xff04, 0xff03);
    }
  }

  @Test
  void verifiesItsOwn() throws Exception {
    OwnKeyPackage own = new Client("alice").keyPackage();

    KeyPackage read = KeyPackage.read(own.keyPackage().toOctets());

    assertThat(read.verify(NOW).keyPackage()).isEqualTo(own.keyPackage());
    assertThat(Client.SUITE.kem().publicKey(own.initPrivateKey())).isEqualTo(read.initKey());
    assertThat(Client.SUITE.kem().publicKey(own.encryptionPrivateKey()))
        .isEqualTo(read.leaf().encryptionKey());
  }

  @Test
  void refusesALifetimeThatHasEnded() {
    KeyPackage keyPackage = new Client("alice").keyPackage().keyPackage();
    long notAfter = Client.LIFETIME.notAfter();

    assertFails(
        () -> keyPackage.verify(Instant.ofEpochSecond(notAfter)), Failure.INVALID_KEY_PACKAGE);
  }

  @Test
  void refusesAnExtensionThatItsClientDoesNotSupport() {
    OwnKeyPackage own =
        new Client("alice")
            .keyPackage(Extensions.NONE, Extensions.of(new Extension(Client.UNKNOWN, new byte[1])));

    assertFails(() -> own.keyPackage().verify(NOW), Failure.INVALID_KEY_PACKAGE);
  }

  @Test
  void refusesASignatureOfSomebodyElse() {
    Client alice = new Client("alice");
    KeyPackage ofAlice = alice.keyPackage().keyPackage();
    SignatureKeyPair mallory = SignatureKeyPair.generate(alice.random);
    KeyPackage forged =
        KeyPackage.sign(Client.SUITE, mallory, ofAlice.initKey(), ofAlice.leaf(), Extensions.NONE);

    assertFails(() -> forged.verify(NOW), Failure.BAD_SIGNATURE);
  }

  @Test
  void refusesEveryChangedOctet() {
    byte[] octets = new Client("alice").keyPackage().keyPackage().toOctets();
    for (int i = 0; i < octets.length; i++) {
      byte[] changed = octets.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> KeyPackage.read(changed).verify(NOW))
          .isInstanceOf(MlsException.class);
    }
  }

  private static void assertFails(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Failure failure) {
    assertThatThrownBy(call)
        .asInstanceOf(type(MlsException.class))
        .returns(failure, MlsException::failure);
  }
}
